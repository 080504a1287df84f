/** What a node answers: headers, proofs, entries of the registry, and errors. */

import { fromHex, toHex } from '@fieldproof/sdk/base'
import { keccak256, type Rpc } from '@fieldproof/sdk/evm'
import { toRlp } from 'viem'
import type { Target } from '../../../../sdk/test/fuzz/engine.ts'
import type { Json } from '../../../../sdk/test/fuzz/json-edits.ts'
import { withFetch } from '../../../../sdk/test/fuzz/scratch.ts'
import { fetchHeader } from '../../../src/anchor/header.ts'
import { httpRpc, nodeComplaint } from '../../../src/anchor/http-rpc.ts'
import { registryKeys } from '../../../src/anchor/registry.ts'
import { fetchNodes } from '../../../src/anchor/storage-proof.ts'
import { CHAIN } from '../place.ts'

const answer =
  (value: unknown): Rpc =>
  async () =>
    value
const hash = (byte: string): string => `0x${byte.repeat(32)}`

/** A block whose fields have its hash. */
function blockJson(): Json {
  const fields = {
    parentHash: hash('01'),
    sha3Uncles: hash('02'),
    miner: `0x${'03'.repeat(20)}`,
    stateRoot: hash('04'),
    transactionsRoot: hash('05'),
    receiptsRoot: hash('06'),
    logsBloom: `0x${'00'.repeat(256)}`,
    difficulty: '0x',
    number: '0x01f4',
    gasLimit: '0x01c9c380',
    gasUsed: '0x5208',
    timestamp: '0x6553f100',
    extraData: '0x',
    mixHash: hash('07'),
    nonce: '0x0000000000000000',
    baseFeePerGas: '0x07',
  }
  const items = Object.values(fields).map((field) => fromHex(field))
  const rlp = toRlp(items, 'bytes')
  return { ...fields, number: '0x1f4', difficulty: '0x0', baseFeePerGas: '0x7', hash: `0x${toHex(keccak256(rlp))}` }
}

const node = `0x${'c2'.repeat(40)}`
const slots = [CHAIN.logId, CHAIN.logId]
const words = (...all: string[]): string => `0x${all.map((word) => word.padStart(64, '0')).join('')}`

/** Targets that are JSON. */
export const NODE_TARGETS: readonly Target<Json>[] = [
  {
    name: 'gateway: block header',
    form: 'json',
    weight: 2,
    samples: [blockJson()],
    run: (value) => fetchHeader(answer(value), 500),
  },
  {
    name: 'gateway: eth_getProof',
    form: 'json',
    weight: 2,
    samples: [
      { accountProof: [node, node], storageHash: hash('01'), storageProof: [{ proof: [node] }, { proof: [] }] },
    ],
    run: (value) => fetchNodes(answer(value), CHAIN.anchorLog, slots, 500),
  },
  {
    name: 'gateway: registry entry',
    form: 'json',
    weight: 0.5,
    samples: [words('11', '1', '0', '0', '0'), words('0', '0', '0', '0', '0')],
    run: (value) => registryKeys(answer(value), CHAIN.registry).keyOf(CHAIN.logId),
  },
  {
    name: 'gateway: node over HTTP',
    form: 'json',
    weight: 0.3,
    samples: [
      { jsonrpc: '2.0', id: 1, result: '0x1' },
      { jsonrpc: '2.0', id: 1, error: { code: 3, message: 'execution reverted', data: { data: '0x08c379a0' } } },
    ],
    run: (value) =>
      withFetch(
        () => new Response(JSON.stringify(value)),
        () =>
          httpRpc('http://node.invalid')('eth_call', []).catch((error: unknown) => {
            nodeComplaint(error)
            throw error
          }),
      ),
  },
]
