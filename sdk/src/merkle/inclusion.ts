/**
 * Inclusion proofs, RFC 9162 section 2.1.3. A path is exactly as long as index and size demand, so no two paths prove the
 * same leaf and a short one cannot pass an inner node off as a leaf. Positions are divided, never shifted: JavaScript
 * shifts are 32 bits wide and sizes go up to 2^53 - 1.
 */
import { FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import type { Hash } from '../crypto/ports.ts'
import { HASH_BYTES, nodeHash } from './hash.ts'

/** An inclusion proof; all of it may come from an attacker. */
export interface Inclusion {
  /** 32 bytes. */
  readonly leafHash: Uint8Array
  readonly index: number
  readonly size: number
  /** 32 bytes each, the leaf's sibling first. */
  readonly path: readonly Uint8Array[]
}

/**
 * Number of hashes in the inclusion path of leaf `index` in a tree of `size` leaves, 0 to 53.
 * @throws FieldproofError `tree-range` unless 0 <= index < size <= 2^53 - 1
 */
export function inclusionPathLength(index: number, size: number): number {
  if (!isPosition(index, size)) {
    throw new FieldproofError('tree-range', `a tree of ${size} leaves has no leaf ${index}`, { facts: { index, size } })
  }
  let length = 0
  for (let at = index, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    if (at % 2 === 1 || at < last) length++
  }
  return length
}

/**
 * The root that the proof leads to; whether it is the right one, only the caller knows.
 * @throws FieldproofError `proof-invalid` when a position, a length or the number of hashes is wrong
 */
export function rootFromInclusion(hash: Hash, { leafHash, index, size, path }: Inclusion): Hash32 {
  if (!isPosition(index, size)) {
    throw new FieldproofError('proof-invalid', `a tree of ${size} leaves has no leaf ${index}`, {
      facts: { index, size },
    })
  }
  const want = inclusionPathLength(index, size)
  if (path.length !== want) {
    throw new FieldproofError('proof-invalid', `the path has ${path.length} hashes, want ${want}`, {
      facts: { index, size, got: path.length, want },
    })
  }
  let root = expectProofHash(leafHash, 'leaf hash')
  let next = 0
  for (let at = index, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    const isRight = at % 2 === 1
    if (!isRight && at === last) continue // the last node of an odd level goes up unchanged
    const sibling = expectProofHash(path[next++], 'path element')
    root = isRight ? nodeHash(hash, sibling, root) : nodeHash(hash, root, sibling)
  }
  return hash32(new Uint8Array(root))
}

/**
 * Returns `bytes` when it is a hash.
 * @throws FieldproofError `proof-invalid`
 */
export function expectProofHash(bytes: Uint8Array | undefined, what: string): Uint8Array {
  if (bytes?.length !== HASH_BYTES) {
    throw new FieldproofError('proof-invalid', `a ${what} has 32 bytes`, {
      facts: { what, got: bytes?.length ?? 0, want: HASH_BYTES },
    })
  }
  return bytes
}

function isPosition(index: number, size: number): boolean {
  return Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size
}
