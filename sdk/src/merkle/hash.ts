/**
 * The two hashes of RFC 9162 section 2.1.1: leaf = SHA-256(0x00 ‖ entry), node = SHA-256(0x01 ‖ left ‖ right). The prefix
 * bytes are what keeps a node from being passed off as an entry. Roots and trees fold over flat buffers of 32-byte hashes,
 * because an array for every node costs more than its hash.
 */
import { expectLength, FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import type { Hash } from '../crypto/ports.ts'

/** Length of a hash in bytes. */
export const HASH_BYTES = 32

/** RFC 9162 section 2.1.1: domain separation of leaves and nodes. */
export const LEAF_PREFIX: Uint8Array = Uint8Array.of(0)
const NODE_PREFIX = Uint8Array.of(1)

// Shared by every call: a Hash is synchronous and never retains its input. The node's children start at an aligned
// offset, so that they can be copied as words; as bytes, copying would cost a fifth of hashing.
const nodeBuffer = new ArrayBuffer(8 + 2 * HASH_BYTES)
const nodeInput = new Uint8Array(nodeBuffer, 7)
const nodeWords = new Uint32Array(nodeBuffer, 8)
nodeInput.set(NODE_PREFIX)
const leafBuffer = new Uint8Array(1024)
leafBuffer.set(LEAF_PREFIX)
let leafInput = leafBuffer.subarray(0, 1)

/** Hash of one entry as a leaf, SHA-256(0x00 ‖ entry). */
export function leafHash(hash: Hash, entry: Uint8Array): Hash32 {
  const out = new Uint8Array(HASH_BYTES)
  leafHashInto(hash, out, 0, entry)
  return hash32(out)
}

/**
 * Hash of an inner node, SHA-256(0x01 ‖ left ‖ right).
 * @throws FieldproofError `wrong-length` unless both children have 32 bytes
 */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Hash32 {
  nodeInput.set(expectLength(left, HASH_BYTES, 'left child'), 1)
  nodeInput.set(expectLength(right, HASH_BYTES, 'right child'), 1 + HASH_BYTES)
  return hash32(hash.sha256(nodeInput))
}

/** Leaf hashes of a whole batch in one flat array of 32 bytes each: what {@link MerkleTree.appendAll} takes. */
export function leafHashes(hash: Hash, entries: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(entries.length * HASH_BYTES)
  let at = 0
  for (const entry of entries) {
    leafHashInto(hash, out, at, entry)
    at += HASH_BYTES
  }
  return out
}

/** Writes the leaf hash of `entry` to `out[offset .. offset + 32)`. */
export function leafHashInto(hash: Hash, out: Uint8Array, offset: number, entry: Uint8Array): void {
  const input = leafInputOf(1 + entry.length)
  input.set(entry, 1)
  hash.sha256Into(out, offset, input)
}

/** Entries of one length follow each other: the view of the last call usually fits. */
function leafInputOf(length: number): Uint8Array {
  if (length > leafBuffer.length) return new Uint8Array(length)
  if (leafInput.length !== length) leafInput = leafBuffer.subarray(0, length)
  return leafInput
}

/**
 * Hashes pairs of neighbours: node i of `above` becomes the parent of nodes 2i and 2i + 1 of `below`, from <= i < to.
 * `above` may be the memory of `below`.
 */
export function hashPairs(hash: Hash, below: Uint32Array, above: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const at = i * nodeWords.length
    for (let k = 0; k < nodeWords.length; k++) nodeWords[k] = below[at + k]!
    hash.sha256Into(above, i * HASH_BYTES, nodeInput)
  }
}

/** The same memory as words where it is aligned, else a copy of it. */
export function wordsOf(flat: Uint8Array): Uint32Array {
  const aligned = flat.byteOffset % 4 === 0 ? flat : new Uint8Array(flat)
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
}

/**
 * Root over leaf hashes; of none, SHA-256 of nothing (RFC 9162 section 2.1.1).
 * @throws FieldproofError `wrong-length` when a leaf hash has not 32 bytes
 */
export function rootOf(hash: Hash, leafHashes: readonly Uint8Array[]): Hash32 {
  const flat = new Uint8Array(leafHashes.length * HASH_BYTES)
  let at = 0
  for (const leaf of leafHashes) {
    flat.set(expectLength(leaf, HASH_BYTES, 'leaf hash'), at)
    at += HASH_BYTES
  }
  return rootOfFlat(hash, flat)
}

/**
 * Root over leaf hashes that lie side by side, 32 bytes each; `flat` is only read. Pairing neighbours level by level and
 * handing an odd last hash up unchanged gives the tree that RFC 9162 section 2.1.1 defines by splits at powers of two.
 * @throws FieldproofError `wrong-length` unless its length is a multiple of 32
 */
export function rootOfFlat(hash: Hash, flat: Uint8Array): Hash32 {
  let count = countHashes(flat)
  if (count === 0) return hash32(hash.sha256(new Uint8Array(0)))
  if (count === 1) return hash32(new Uint8Array(flat))
  const level = new Uint8Array(Math.ceil(count / 2) * HASH_BYTES)
  let below = flat
  while (count > 1) {
    const pairs = Math.floor(count / 2)
    hashPairs(hash, wordsOf(below), level, 0, pairs)
    if (count % 2 === 1) level.set(below.subarray((count - 1) * HASH_BYTES, count * HASH_BYTES), pairs * HASH_BYTES)
    count = Math.ceil(count / 2)
    below = level
  }
  return hash32(level.slice(0, HASH_BYTES))
}

/**
 * How many hashes a flat array holds.
 * @throws FieldproofError `wrong-length` unless its length is a multiple of 32
 */
export function countHashes(flat: Uint8Array): number {
  if (flat.length % HASH_BYTES !== 0) {
    throw new FieldproofError('wrong-length', `${flat.length} bytes are not a whole number of 32-byte hashes`, {
      facts: { what: 'flat hashes', got: flat.length },
    })
  }
  return flat.length / HASH_BYTES
}
