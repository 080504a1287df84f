/** The state that our contracts leave after a block, as nodes keep it: tries with hashed keys (Yellow Paper, appendices C and D). */
import { concat, fromHex, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import {
  anchorLogSlot,
  HISTORY_CONTRACT,
  headSlots,
  historySlot,
  homeSlot,
  keccak256,
  keySlot,
  type LogHead,
} from '@fieldproof/sdk/evm'
import { toRlp } from 'viem'

/** A slot and its word, 32 bytes each. */
type Slot = readonly [slot: Uint8Array, word: Uint8Array]
type Node = readonly (Uint8Array | Node)[]

/** A key's entry as it stands in the registry. */
export interface FakeKey {
  readonly thumbprint: Hash32
  /** 16 bytes. */
  readonly machine: Uint8Array
  readonly fromBlock?: number
  readonly retiredSequence?: number
  readonly retiredBlock?: number
  readonly revokedBlock?: number
}

/** What the contracts hold. */
export interface FakeState {
  /** 20 bytes each. */
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
  readonly head: LogHead
  readonly keys?: readonly FakeKey[]
  /** Machines whose home the log is, 16 bytes each. */
  readonly machines?: readonly Uint8Array[]
  readonly history?: readonly { readonly number: number; readonly hash: Hash32 }[]
}

/** State root and all nodes under it. */
export function buildState(state: FakeState): { root: Hash32; nodes: Uint8Array[] } {
  const { registry, anchorLog, logId, head, keys = [], machines = [], history = [] } = state
  const nodes: Uint8Array[] = []
  const [rootSlot, headSlot] = headSlots(logId)
  const ofRegistry: Slot[] = [
    [anchorLogSlot(), pack([[anchorLog, 20]])],
    ...keys.map((key): Slot => {
      const fields = [
        [key.machine, 16],
        [key.fromBlock ?? 1, 4],
        [key.retiredSequence ?? 0, 4],
        [key.retiredBlock ?? 0, 4],
        [key.revokedBlock ?? 0, 4],
      ] as const
      return [keySlot(key.thumbprint), pack(fields)]
    }),
    ...machines.map((machine): Slot => [homeSlot(machine, logId), pack([[1, 8]])]),
  ]
  const ofLog: Slot[] = [
    [rootSlot, head.root],
    [
      headSlot,
      pack([
        [head.size, 8],
        [head.time, 8],
        [head.blockNumber, 8],
      ]),
    ],
  ]
  const ofHistory = history.map(({ number, hash }): Slot => [historySlot(number), hash])
  const accounts = [
    [registry, ofRegistry],
    [anchorLog, ofLog],
    [HISTORY_CONTRACT, ofHistory],
  ] as const
  const entries = accounts.map(([address, slots]): [Uint8Array, Uint8Array] => {
    const values = slots.map(([slot, word]): [Uint8Array, Uint8Array] => [slot, toRlp(withoutZeros(word), 'bytes')])
    const storage = trie(values, nodes)
    return [address, toRlp([Uint8Array.of(1), new Uint8Array(), storage, keccak256(new Uint8Array())], 'bytes')]
  })
  return { root: trie(entries, nodes), nodes }
}

/** RLP of a header whose other fields are made up. */
export function buildHeader(number: number, timestamp: number, stateRoot: Hash32, extra = ''): Uint8Array {
  const word = new Uint8Array(32).fill(9)
  const fields = [word, word, new Uint8Array(20), stateRoot, word, word, new Uint8Array(256), new Uint8Array()]
  const numbers = [uint(number), uint(30_000_000), new Uint8Array(), uint(timestamp)]
  return toRlp([...fields, ...numbers, new TextEncoder().encode(extra), word, new Uint8Array(8)], 'bytes')
}

/** Root of a trie; its nodes are added. */
function trie(pairs: readonly (readonly [Uint8Array, Uint8Array])[], nodes: Uint8Array[]): Hash32 {
  const entries = pairs.map(([key, value]) => ({ path: toHex(keccak256(key)), value }))
  const bytes = entries.length === 0 ? toRlp(new Uint8Array(), 'bytes') : toRlp(nodeOf(entries, 0, nodes), 'bytes')
  nodes.push(bytes)
  return keccak256(bytes)
}

function nodeOf(entries: readonly { path: string; value: Uint8Array }[], depth: number, nodes: Uint8Array[]): Node {
  const [first] = entries
  if (first === undefined) throw new Error('a node of nothing')
  if (entries.length === 1) return [prefixed(first.path.slice(depth), true), first.value]
  let shared = depth
  while (entries.every(({ path }) => path[shared] === first.path[shared])) shared++
  if (shared > depth) {
    return [prefixed(first.path.slice(depth, shared), false), refer(nodeOf(entries, shared, nodes), nodes)]
  }
  const children = Array.from('0123456789abcdef', (nibble) => {
    const own = entries.filter(({ path }) => path[depth] === nibble)
    return own.length === 0 ? new Uint8Array() : refer(nodeOf(own, depth + 1, nodes), nodes)
  })
  return [...children, new Uint8Array()]
}

function refer(node: Node, nodes: Uint8Array[]): Uint8Array | Node {
  const bytes = toRlp(node, 'bytes')
  if (bytes.length < 32) return node
  nodes.push(bytes)
  return keccak256(bytes)
}

function prefixed(nibbles: string, isLeaf: boolean): Uint8Array {
  const flag = (isLeaf ? 2 : 0) + (nibbles.length % 2)
  return fromHex(nibbles.length % 2 === 1 ? `${flag}${nibbles}` : `${flag}0${nibbles}`)
}

/** A word of fields, the first one in its least significant bytes. */
function pack(fields: readonly (readonly [value: Uint8Array | number, sizeBytes: number])[]): Hash32 {
  const parts = fields.map(([value, size]) => {
    const bytes = typeof value === 'number' ? uint(value) : value
    return concat(new Uint8Array(size - bytes.length), bytes)
  })
  const used = concat(...parts.reverse())
  return hash32(concat(new Uint8Array(32 - used.length), used))
}

function uint(value: number): Uint8Array {
  const digits = value === 0 ? '' : value.toString(16)
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`)
}

function withoutZeros(word: Uint8Array): Uint8Array {
  return word.slice(word.findIndex((byte) => byte !== 0))
}
