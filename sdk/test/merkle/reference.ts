/** RFC 9162 section 2.1 as its recursive definitions read, over node:crypto: shares nothing with what is tested. */
import { createHash } from 'node:crypto'
import { pureHash } from '../../src/crypto/index.ts'
import type { Hash } from '../../src/crypto/ports.ts'
import { nativeHash } from '../../src/native/hash.ts'

/** A Hash on createHash, the third implementation beside noble and `crypto.hash`. */
export const referenceHash: Hash = {
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
  sha256Into: (out, offset, data) => out.set(createHash('sha256').update(data).digest(), offset),
}

/** Every implementation of the Hash port that must give the same trees. */
export const HASHES: readonly (readonly [string, Hash])[] = [
  ['createHash', referenceHash],
  ['@noble/hashes', pureHash],
  ['crypto.hash', nativeHash],
]

const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const state = createHash('sha256')
  for (const part of parts) state.update(part)
  return new Uint8Array(state.digest())
}

export const leafOf = (entry: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), entry)

/** Leaf hashes of the entries "0", "1", ... */
export const leavesOf = (size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, i) => leafOf(new TextEncoder().encode(String(i))))

/** The largest power of two smaller than n, n > 1. */
function splitOf(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}

const memo = new WeakMap<readonly Uint8Array[], Uint8Array>()

/** MTH(D_n). */
export function mth(leaves: readonly Uint8Array[]): Uint8Array {
  const known = memo.get(leaves)
  if (known !== undefined) return known
  const k = leaves.length > 1 ? splitOf(leaves.length) : 0
  const root =
    leaves.length === 0
      ? sha256()
      : leaves.length === 1
        ? (leaves[0] as Uint8Array)
        : sha256(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
  memo.set(leaves, root)
  return root
}

/** PATH(m, D_n). */
export function pathOf(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}

/** PROOF(m, D_n). */
export const proofOf = (m: number, leaves: readonly Uint8Array[]): Uint8Array[] => subproofOf(m, leaves, true)

function subproofOf(m: number, leaves: readonly Uint8Array[], complete: boolean): Uint8Array[] {
  if (m === leaves.length) return complete ? [] : [mth(leaves)]
  const k = splitOf(leaves.length)
  return m <= k
    ? [...subproofOf(m, leaves.slice(0, k), complete), mth(leaves.slice(k))]
    : [...subproofOf(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))]
}

/** `hashes` with one bit of element `at` flipped. */
export function flipBit(hashes: readonly Uint8Array[], at: number, bit: number): Uint8Array[] {
  return hashes.map((hash, i) => {
    if (i !== at) return hash
    const flipped = hash.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return flipped
  })
}
