/** Readers of what a node answers, and of headers, tries and slots under a block hash. */
import { RLP } from '@ethereumjs/rlp'
import { FieldproofError, fromHex, hash32, toHex } from '../../../src/base/index.ts'
import {
  fetchBlock,
  fetchCall,
  fetchChainId,
  fetchReceipt,
  headOfSlots,
  keccak256,
  OrderedNodes,
  type Rpc,
  readAnchorLog,
  readHead,
  readHeader,
  readHomeEntry,
  readKeyEntry,
  readTreeHead,
} from '../../../src/evm/index.ts'
import { decodeRlp } from '../../../src/evm/rlp.ts'
import { anchorLogOfSlot, homeEntryOfSlot, keyEntryOfSlot } from '../../../src/evm/slots.ts'
import { trieValue } from '../../../src/evm/trie.ts'
import { httpRpc } from '../../../src/node/index.ts'
import { strictRpc } from '../../attack/kit/chain.ts'
import { makeField } from '../../attack/kit/field.ts'
import { withState } from '../../attack/kit/field-samples.ts'
import { expectAgain, expectThat, type Target } from '../engine.ts'
import type { Json } from '../json-edits.ts'
import { withFetch } from '../scratch.ts'
import { vectorCases } from '../vectors.ts'

const field = await makeField()
const bundle = field.bundle([[0, [1]]])
const { anchor } = await withState(field, bundle, 6)
const node = strictRpc(field.facts)
const tx = `0x${field.facts.transaction?.txHash ?? ''}`
const block = (await node('eth_getBlockByNumber', ['0x1f4', false])) as Json
const receipt = (await node('eth_getTransactionReceipt', [tx])) as Json
const answer =
  (value: unknown): Rpc =>
  async () =>
    value

/** JSON-RPC results, and whole answers. */
export const RPC_TARGETS: readonly Target<Json>[] = [
  {
    name: 'rpc block',
    form: 'json',
    samples: [block, null],
    run: async (value) => void (await fetchBlock(answer(value), 500)),
  },
  {
    name: 'rpc final block',
    form: 'json',
    weight: 0.5,
    samples: [block, null],
    run: (value) => fetchBlock(answer(value), 'finalized'),
  },
  {
    name: 'rpc receipt',
    form: 'json',
    weight: 2,
    samples: [receipt, null],
    run: (value) => fetchReceipt(answer(value), hash32(fromHex(tx))),
  },
  {
    name: 'rpc chain id',
    form: 'json',
    weight: 0.5,
    samples: ['0x1', '0x7a69'],
    run: (value) => fetchChainId(answer(value)),
  },
  {
    name: 'rpc call',
    form: 'json',
    weight: 0.5,
    samples: [`0x${'00'.repeat(64)}`, '0x'],
    run: (value) => fetchCall(answer(value), new Uint8Array(20), new Uint8Array(4)),
  },
  {
    name: 'rpc answer',
    form: 'json',
    weight: 0.2,
    samples: [
      { jsonrpc: '2.0', id: 1, result: receipt },
      { jsonrpc: '2.0', id: 1, error: { code: -32_000, message: 'no such block', data: '0x00' } },
    ],
    run: (value) =>
      withFetch(
        () => new Response(JSON.stringify(value)),
        () => httpRpc('http://node.invalid/key12345')('eth_call', []),
      ),
  },
]

/** Outputs of contracts: a function's number, then its words. */
const READERS: readonly ((data: Uint8Array) => unknown)[] = [
  readAnchorLog,
  readKeyEntry,
  readHomeEntry,
  readHead,
  (data) => readTreeHead([data.slice(0, 32), data.slice(32, 64)], data.slice(64)),
  (data) => keyEntryOfSlot(word(data)),
  (data) => homeEntryOfSlot(word(data)),
  (data) => anchorLogOfSlot(word(data)),
  (data) => headOfSlots(word(data), word(data.subarray(32))),
]

const word = (data: Uint8Array): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => data[i] ?? 0)
const topic =
  vectorCases('anchor').flatMap((c) => (c['kind'] === 'tree-head' ? [c['topics'] as string[]] : []))[0] ?? []
const treeHead = fromHex([...topic, '00'.repeat(31), '05', 'cc'.repeat(32)].join(''))

/** Bytes that a chain gave. */
export const STATE_TARGETS: readonly Target<Uint8Array>[] = [
  {
    name: 'contract outputs',
    form: 'bytes',
    weight: 2,
    samples: [1, 5, 2, 4, 5, 1, 1, 1, 2].map((words, i) =>
      Uint8Array.of(i, ...(i === 4 ? treeHead : new Uint8Array(words * 32).fill(0, 0, 31))),
    ),
    run: (bytes) => READERS[(bytes[0] ?? 0) % READERS.length]?.(bytes.subarray(1)),
  },
  {
    name: 'RLP',
    form: 'rlp',
    weight: 2,
    samples: [anchor.header, ...anchor.nodes],
    run: (bytes) => expectAgain(bytes, RLP.encode(decodeRlp(bytes) as never)),
  },
  {
    name: 'block header',
    form: 'rlp',
    weight: 2,
    samples: [anchor.header, ...anchor.beaconHeaders],
    run: (bytes) => {
      const { hash, timestamp } = readHeader(bytes)
      expectAgain(hash, keccak256(bytes))
      expectThat(Number.isSafeInteger(timestamp), 'the time is a number')
    },
  },
  {
    name: 'trie node',
    form: 'rlp',
    weight: 2,
    samples: anchor.nodes,
    // The damaged node is what its parent names, so that the walk meets what is in it; the others follow.
    run: (bytes) => {
      const nodes = new Map([bytes, ...anchor.nodes].map((one) => [toHex(keccak256(one)), one]))
      const path = fromHex(field.facts.registry)
      trieValue(keccak256(bytes), path, (hash) => nodes.get(toHex(hash)) ?? missing())
    },
  },
  {
    name: 'trie nodes in order',
    form: 'rlp',
    weight: 0.5,
    samples: anchor.nodes,
    run: (bytes) => {
      const nodes = new OrderedNodes([bytes, ...anchor.nodes.slice(1)])
      trieValue(keccak256(bytes), fromHex(field.facts.registry), nodes.source)
      trieValue(keccak256(bytes), fromHex(field.facts.registry), nodes.source)
    },
  },
]

function missing(): never {
  throw new FieldproofError('proof-invalid', 'no such node')
}
