/**
 * Reading values out of Merkle Patricia tries (Ethereum Yellow Paper, appendices C and D) from nodes that hash to what
 * their parents name. Where the nodes come from is a port: a verifier has them in the one order of the file, a gateway in
 * a heap that it has collected.
 */
import { FieldproofError, type Hash32, hash32, toHex } from '../base/index.ts'
import { keccak256 } from './abi.ts'
import { decodeRlp, type RlpItem, rlpBytes, rlpList } from './rlp.ts'

/** Gives the node with a hash. @throws FieldproofError `proof-invalid` when there is none */
export type NodeSource = (hash: Hash32) => Uint8Array

/** Longest node in bytes: a branch has 532. */
export const MAX_NODE_BYTES: number = 1024
const HASH_BYTES = 32
const BRANCH_ITEMS = 17
const KEY_NIBBLES = 64

/** Nodes in the order of their first use, each once, none unused (BUNDLE-53). */
export class OrderedNodes {
  readonly #nodes: readonly Uint8Array[]
  readonly #read = new Map<string, Uint8Array>()

  constructor(nodes: readonly Uint8Array[]) {
    this.#nodes = nodes
  }

  /** @throws FieldproofError `proof-invalid` unless it was read before or is the next one */
  readonly source: NodeSource = (hash) => {
    const name = toHex(hash)
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const next = this.#nodes[this.#read.size] ?? fault('a trie node is missing')
    if (next.length > MAX_NODE_BYTES || toHex(keccak256(next)) !== name) {
      return fault('a trie node has not the hash that its parent names')
    }
    this.#read.set(name, next)
    return next
  }

  /** @throws FieldproofError `proof-invalid` when nodes are left */
  assertAllRead(): void {
    if (this.#read.size !== this.#nodes.length) fault('a trie node is used by nothing')
  }
}

/**
 * The value under the keccak-256 of `key` in the trie with that root.
 * @throws FieldproofError `proof-invalid` also when there is no value: absence is not proven here
 */
export function trieValue(root: Hash32, key: Uint8Array, source: NodeSource): Uint8Array {
  const path = toHex(keccak256(key))
  let at = 0
  let node: RlpItem = decodeRlp(source(root))
  for (;;) {
    const items: readonly RlpItem[] = rlpList(node, 'trie node')
    if (items.length === BRANCH_ITEMS) {
      if (at === KEY_NIBBLES || rlpBytes(items[16], 'branch value').length > 0) {
        return fault('a key is 64 nibbles: a branch has no value')
      }
      node = child(items[Number.parseInt(path.charAt(at), 16)], source)
      at += 1
      continue
    }
    if (items.length !== 2) return fault('a trie node has 2 or 17 items')
    const { nibbles, isLeaf } = compactPath(rlpBytes(items[0], 'trie path'))
    if (!path.startsWith(nibbles, at)) return fault('the state holds no value there')
    at += nibbles.length
    if (isLeaf) return at === KEY_NIBBLES ? rlpBytes(items[1], 'trie value') : fault('a leaf stands too early')
    if (nibbles.length === 0) return fault('an extension goes on')
    node = child(items[1], source)
  }
}

/** A child is embedded exactly when it is shorter than its hash would be. */
function child(item: RlpItem | undefined, source: NodeSource): RlpItem {
  if (item !== undefined && !(item instanceof Uint8Array)) {
    return rlpLength(item) < HASH_BYTES ? item : fault('a node of 32 bytes or more stands in its parent')
  }
  const hash = rlpBytes(item, 'trie child')
  if (hash.length === 0) return fault('the state holds no value there')
  const node = source(hash32(rlpBytes(hash, 'trie child', HASH_BYTES)))
  return node.length >= HASH_BYTES ? decodeRlp(node) : fault('a node below 32 bytes does not stand in its parent')
}

/** Length of an item as it was encoded, below 56 bytes of content; more for anything longer. */
function rlpLength(item: RlpItem): number {
  if (!(item instanceof Uint8Array)) return item.reduce((length: number, part) => length + rlpLength(part), 1)
  return item.length === 1 && (item[0] as number) < 0x80 ? 1 : 1 + item.length
}

/** Hex-prefix encoding: two flag bits (leaf, odd), then the nibbles. */
function compactPath(bytes: Uint8Array): { nibbles: string; isLeaf: boolean } {
  const hex = toHex(bytes)
  const flag = Number.parseInt(hex.charAt(0), 16)
  const isOdd = flag % 2 === 1
  if (!(flag <= 3) || (!isOdd && hex.charAt(1) !== '0')) return fault('a path in hex-prefix encoding')
  return { nibbles: hex.slice(isOdd ? 1 : 2), isLeaf: flag >= 2 }
}

function fault(why: string): never {
  throw new FieldproofError('proof-invalid', `state: ${why}`)
}
