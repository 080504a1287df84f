/**
 * An append-only RFC 9162 tree in memory. Every complete node is kept, level by level in one flat array each, so a root
 * or a proof at any size that the tree ever had costs O(log n) hashes and an append costs one on average.
 */
import { expectLength, FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import type { Hash } from '../crypto/ports.ts'
import { countHashes, HASH_BYTES, hashPairs, nodeHash, wordsOf } from './hash.ts'

/** Most leaves that a tree in memory takes: one level is one array, and engines end those at 4 GiB. */
export const MAX_TREE_LEAVES: number = 2 ** 27

/** Hashes of one level; `bytes` has room to spare. */
interface Level {
  bytes: Uint8Array
  /** `bytes` as words. */
  words: Uint32Array
  count: number
}

/** An append-only tree over leaf hashes. Every range error has the code `tree-range`. */
export class MerkleTree {
  readonly #hash: Hash
  readonly #leaves: Level = emptyLevel()
  readonly #levels: Level[] = [this.#leaves]

  constructor(hash: Hash) {
    this.#hash = hash
  }

  /** Number of leaves. */
  get size(): number {
    return this.#leaves.count
  }

  /**
   * Appends one leaf hash of 32 bytes.
   * @returns its index
   * @throws FieldproofError `wrong-length`, or `tree-range` when the tree is full
   */
  append(leafHash: Uint8Array): number {
    expectLength(leafHash, HASH_BYTES, 'leaf hash')
    return this.appendAll(leafHash)
  }

  /**
   * Appends leaf hashes that lie side by side, 32 bytes each.
   * @returns index of the first
   * @throws FieldproofError `wrong-length` unless a multiple of 32 bytes, or `tree-range` when the tree would be over-full
   */
  appendAll(flat: Uint8Array): number {
    const added = countHashes(flat)
    const first = this.size
    if (first + added > MAX_TREE_LEAVES) {
      throw new FieldproofError('tree-range', `a tree in memory holds at most ${MAX_TREE_LEAVES} leaves`, {
        facts: { size: first, added },
      })
    }
    reserve(this.#leaves, first + added)
    this.#leaves.bytes.set(flat, first * HASH_BYTES)
    this.#leaves.count += added
    this.#fill()
    return first
  }

  /**
   * Hash of leaf `index`, in a new array.
   * @throws FieldproofError `tree-range`
   */
  leafHash(index: number): Hash32 {
    return this.node(0, index)
  }

  /**
   * Hash of the complete node over leaves `index * 2^level` up to `(index + 1) * 2^level`, in a new array.
   * @throws FieldproofError `tree-range` when the node is not complete yet
   */
  node(level: number, index: number): Hash32 {
    return hash32(this.nodes(level, index, 1))
  }

  /**
   * `count` neighbouring complete nodes from `index` on, 32 bytes each, in a new array.
   * @throws FieldproofError `tree-range` when one of them is not complete yet
   */
  nodes(level: number, index: number, count: number): Uint8Array {
    const { bytes, count: have } = this.#levels[level] ?? { bytes: NONE, count: 0 }
    if (!isCount(index) || !isCount(count) || index + count > have) {
      throw new FieldproofError('tree-range', `level ${level} has ${have} nodes, want ${count} from ${index} on`, {
        facts: { level, have, index, count },
      })
    }
    return bytes.slice(index * HASH_BYTES, (index + count) * HASH_BYTES)
  }

  /**
   * Root of the first `size` leaves, all of them by default; of none, SHA-256 of nothing.
   * @throws FieldproofError `tree-range` unless 0 <= size <= this.size
   */
  root(size: number = this.size): Hash32 {
    this.#expectSize(size, 0)
    if (size === 0) return hash32(this.#hash.sha256(NONE))
    return this.#rightEdge(size, Number.POSITIVE_INFINITY)
  }

  /**
   * PATH of RFC 9162 section 2.1.3.1: what {@link rootFromInclusion} needs to lead leaf `index` to the root at `size`.
   * @throws FieldproofError `tree-range` unless 0 <= index < size <= this.size
   */
  inclusionPath(index: number, size: number): Hash32[] {
    this.#expectSize(size, 1)
    if (!isCount(index) || index >= size) {
      throw new FieldproofError('tree-range', `a tree of ${size} leaves has no leaf ${index}`, {
        facts: { index, size },
      })
    }
    return this.#siblings(0, index, size)
  }

  /**
   * PROOF of RFC 9162 section 2.1.4.1, what {@link verifyConsistency} needs; empty when the sizes are equal.
   * @throws FieldproofError `tree-range` unless 1 <= oldSize <= newSize <= this.size
   */
  consistencyPath(oldSize: number, newSize: number): Hash32[] {
    this.#expectSize(newSize, 1)
    if (!isCount(oldSize) || oldSize < 1 || oldSize > newSize) {
      throw new FieldproofError('tree-range', `no consistency from size ${oldSize} to ${newSize}`, {
        facts: { oldSize, newSize },
      })
    }
    if (oldSize === newSize) return []
    // The last node that is complete and maximal in the old tree; if it is the whole old tree, the verifier has it as root.
    let level = 0
    let index = oldSize
    for (; index % 2 === 0; index /= 2) level++
    const path = this.#siblings(level, index - 1, newSize)
    return index === 1 ? path : [this.node(level, index - 1), ...path]
  }

  /** Siblings on the way from node (level, index) to the root at `size`, lowest first. */
  #siblings(level: number, index: number, size: number): Hash32[] {
    const path: Hash32[] = []
    let last = Math.floor((size - 1) / 2 ** level)
    for (let at = index; last > 0; level++) {
      if (at % 2 === 1) path.push(this.node(level, at - 1))
      else if (at < last) path.push(this.#nodeAt(level, at + 1, size))
      at = Math.floor(at / 2)
      last = Math.floor(last / 2)
    }
    return path
  }

  /** Node (level, index) of the tree of `size` leaves, complete or at its right edge. */
  #nodeAt(level: number, index: number, size: number): Hash32 {
    return (index + 1) * 2 ** level <= size ? this.node(level, index) : this.#rightEdge(size, level)
  }

  /** Root of the leaves from the last multiple of 2^below up to `size`: the complete nodes that the bits of `size` name. */
  #rightEdge(size: number, below: number): Hash32 {
    let root: Hash32 | undefined
    let count = size
    for (let level = 0; count > 0 && level < below; level++) {
      if (count % 2 === 1) {
        const left = this.node(level, count - 1)
        root = root === undefined ? left : nodeHash(this.#hash, left, root)
      }
      count = Math.floor(count / 2)
    }
    if (root === undefined) throw new FieldproofError('tree-range', 'the right edge is empty', { facts: { size } })
    return root
  }

  /** Hashes every pair that became complete since the last call. */
  #fill(): void {
    let below = this.#leaves
    for (let level = 1; ; level++) {
      const above = this.#levels[level] ?? emptyLevel()
      this.#levels[level] = above
      const count = Math.floor(below.count / 2)
      if (count === above.count) return
      reserve(above, count)
      hashPairs(this.#hash, below.words, above.bytes, above.count, count)
      above.count = count
      below = above
    }
  }

  #expectSize(size: number, least: number): void {
    if (!isCount(size) || size < least || size > this.size) {
      throw new FieldproofError('tree-range', `the tree has ${this.size} leaves, want size ${size}`, {
        facts: { have: this.size, size },
      })
    }
  }
}

const NONE = new Uint8Array(0)

function emptyLevel(): Level {
  return { bytes: NONE, words: wordsOf(NONE), count: 0 }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** Doubles the room of a level until it holds `count` hashes. */
function reserve(level: Level, count: number): void {
  const want = count * HASH_BYTES
  if (want <= level.bytes.length) return
  const bytes = new Uint8Array(Math.max(want, 2 * level.bytes.length, 16 * HASH_BYTES))
  bytes.set(level.bytes.subarray(0, level.count * HASH_BYTES))
  level.bytes = bytes
  level.words = wordsOf(bytes)
}
