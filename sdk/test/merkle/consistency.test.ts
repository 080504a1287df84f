import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Consistency, consistencyPathLength, verifyConsistency } from '../../src/merkle/index.ts'
import { expectCode } from './expect-code.ts'
import { flipBit, HASHES, leavesOf, mth, pathOf, proofOf, referenceHash } from './reference.ts'

const ALL = leavesOf(64)

function proofBetween(oldSize: number, newSize: number): Consistency {
  const leaves = ALL.slice(0, newSize)
  const oldRoot = mth(ALL.slice(0, oldSize))
  return { oldSize, oldRoot, newSize, newRoot: mth(leaves), path: proofOf(oldSize, leaves) }
}

const rejects = (proof: Consistency, fault?: string): void =>
  expectCode(() => verifyConsistency(referenceHash, proof), 'proof-invalid', fault === undefined ? {} : { fault })

describe.each(HASHES)('a consistency proof on %s', (_name, hash) => {
  it('is accepted for every pair of sizes to 64', () => {
    for (let newSize = 1; newSize <= 64; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = proofBetween(oldSize, newSize)
        expect(proof.path).toHaveLength(consistencyPathLength(oldSize, newSize))
        verifyConsistency(hash, proof)
      }
    }
  })
})

describe('a consistency proof', () => {
  it('is rejected with any one bit of its path or of a root flipped', () => {
    for (let newSize = 1; newSize <= 9; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = proofBetween(oldSize, newSize)
        for (let bit = 0; bit < 256; bit++) {
          for (let at = 0; at < proof.path.length; at++) rejects({ ...proof, path: flipBit(proof.path, at, bit) })
          const [oldRoot, newRoot] = flipBit([proof.oldRoot, proof.newRoot], 0, bit) as [Uint8Array, Uint8Array]
          rejects({ ...proof, oldRoot, newRoot })
          const [, flipped] = flipBit([oldRoot, newRoot], 1, bit) as [Uint8Array, Uint8Array]
          rejects({ ...proof, newRoot: flipped }, 'new-root')
        }
      }
    }
  })

  it('is rejected shorter, longer or with two elements swapped', () => {
    for (let newSize = 1; newSize <= 33; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = proofBetween(oldSize, newSize)
        const { path } = proof
        path.forEach((_, cut) => {
          rejects({ ...proof, path: path.slice(0, cut) }, 'path-length')
          rejects({ ...proof, path: path.slice(cut + 1) }, 'path-length')
        })
        rejects({ ...proof, path: [...path, proof.oldRoot] }, 'path-length')
        rejects({ ...proof, path: [proof.oldRoot, ...path] }, 'path-length')
        for (let a = 0; a < path.length; a++) {
          for (let b = a + 1; b < path.length; b++) {
            rejects({ ...proof, path: path.with(a, path[b] as Uint8Array).with(b, path[a] as Uint8Array) })
          }
        }
      }
    }
  })

  it('is rejected between any other pair of sizes', () => {
    const sizes = Array.from({ length: 17 }, (_, i) => i + 1)
    for (const newSize of sizes) {
      for (const oldSize of sizes.filter((size) => size < newSize)) {
        const proof = proofBetween(oldSize, newSize)
        for (const other of sizes) {
          // A path of the same length may fold alike where the trees have the same shape; the roots, true ones, decide.
          if (other !== oldSize) rejects({ ...proof, oldSize: other, oldRoot: mth(ALL.slice(0, other)) })
          if (other !== newSize) rejects({ ...proof, newSize: other, newRoot: mth(ALL.slice(0, other)) })
        }
      }
    }
  })

  it('of a rewritten history is rejected as leading to another old root', () => {
    for (const [oldSize, newSize] of [
      [3, 7],
      [5, 6],
      [6, 8],
      [7, 8],
    ] as const) {
      const forged = [ALL[63] as Uint8Array, ...ALL.slice(1, newSize)]
      const proof: Consistency = {
        ...proofBetween(oldSize, newSize),
        newRoot: mth(forged),
        path: proofOf(oldSize, forged),
      }
      rejects(proof, 'old-root')
    }
  })

  it('between equal sizes is empty and demands equal roots', () => {
    const proof = proofBetween(5, 5)
    verifyConsistency(referenceHash, proof)
    rejects({ ...proof, newRoot: mth(ALL.slice(0, 6)) }, 'new-root')
    rejects({ ...proof, path: [proof.oldRoot] }, 'path-length')
  })

  it('never starts at an empty tree, never shrinks, and needs whole sizes', () => {
    const proof = proofBetween(3, 6)
    for (const [oldSize, newSize] of [
      [0, 6],
      [0, 0],
      [-1, 6],
      [6, 3],
      [1.5, 6],
      [3, 6.5],
      [Number.NaN, 6],
      [3, Number.NaN],
      [3, 2 ** 53],
    ] as const) {
      rejects({ ...proof, oldSize, newSize }, 'sizes')
      expectCode(() => consistencyPathLength(oldSize, newSize), 'tree-range')
    }
  })

  it('rejects hashes that have not 32 bytes', () => {
    const proof = proofBetween(3, 7)
    for (const length of [0, 31, 33]) {
      const bad = new Uint8Array(length)
      rejects({ ...proof, oldRoot: bad }, 'hash-length')
      rejects({ ...proof, newRoot: bad }, 'hash-length')
      rejects({ ...proof, path: proof.path.with(1, bad) }, 'hash-length')
    }
  })
})

/** PROOF's length by the recursive definition, in integers without a width. */
function lengthByDefinition(m: bigint, n: bigint, complete = true): number {
  if (m === n) return complete ? 0 : 1
  let k = 1n
  while (2n * k < n) k *= 2n
  return 1 + (m <= k ? lengthByDefinition(m, k, complete) : lengthByDefinition(m - k, n - k, false))
}

describe('sizes beyond 32 bits', () => {
  it('have the path length of the recursive definition around every power of two', () => {
    for (const base of [2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52, Number.MAX_SAFE_INTEGER - 2]) {
      for (const newSize of [base - 1, base, base + 1, base + 2]) {
        for (const oldSize of [1, 2, 3, 2 ** 31, 2 ** 31 + 1, base / 2, base - 1, base, newSize].map(Math.floor)) {
          if (oldSize > newSize) continue
          expect(consistencyPathLength(oldSize, newSize)).toBe(lengthByDefinition(BigInt(oldSize), BigInt(newSize)))
        }
      }
    }
  })

  it('have the path length of the recursive definition anywhere', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const oldSize = Math.min(a, b) + (Math.min(a, b) === 0 ? 1 : 0)
        const newSize = Math.max(a, b, 1)
        expect(consistencyPathLength(oldSize, newSize)).toBe(lengthByDefinition(BigInt(oldSize), BigInt(newSize)))
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('are proven where the left side is one known subtree', () => {
    const left = ALL[63] as Uint8Array
    for (const k of [31, 32, 40, 52]) {
      for (let newRight = 2; newRight <= 9; newRight++) {
        for (let oldRight = 1; oldRight < newRight; oldRight++) {
          const leaves = ALL.slice(0, newRight)
          const inner = proofOf(oldRight, leaves)
          // Inside a larger tree the old part is never the whole, so its own root opens the path.
          const isWhole = (oldRight & (oldRight - 1)) === 0
          const oldRoot = mth(leaves.slice(0, oldRight))
          const proof: Consistency = {
            oldSize: 2 ** k + oldRight,
            oldRoot: mth([left, oldRoot]),
            newSize: 2 ** k + newRight,
            newRoot: mth([left, mth(leaves)]),
            path: [...(isWhole ? [oldRoot] : []), ...inner, left],
          }
          verifyConsistency(referenceHash, proof)
          rejects({ ...proof, path: proof.path.with(0, left) })
        }
      }
    }
  })

  it('of a power of two need only the right side', () => {
    const left = ALL[63] as Uint8Array
    const right = ALL[0] as Uint8Array
    verifyConsistency(referenceHash, {
      oldSize: 2 ** 52,
      oldRoot: left,
      newSize: 2 ** 52 + 1,
      newRoot: mth([left, right]),
      path: pathOf(0, [left, right]),
    })
  })
})
