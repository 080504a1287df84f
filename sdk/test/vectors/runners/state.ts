/** state.json and trie.json: anchors with the state of the chain, checked without a node or with one; block headers. */
import { toHex } from '../../../src/base/index.ts'
import { readHeader } from '../../../src/evm/index.ts'
import { bytesOf, type Case, type Outputs, type Runner } from '../runner.ts'
import { readBundle } from './bundle-report.ts'

/** Runs both. */
export const stateRunner: Runner = {
  readers: {
    header: { given: ['header'], read: readHeaderCase },
    bundle: { given: ['trust', 'chain', 'blockHash'], read: readBundle },
  },
}

function readHeaderCase(item: Case): Outputs {
  const { number, timestamp, stateRoot, hash } = readHeader(bytesOf(item['header']))
  return { number, time: timestamp, stateRoot: toHex(stateRoot), hash: toHex(hash) }
}
