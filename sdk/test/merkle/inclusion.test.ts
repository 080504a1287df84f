import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes } from '../../src/base/index.ts'
import { inclusionPathLength, rootFromInclusion } from '../../src/merkle/index.ts'
import { expectCode } from './expect-code.ts'
import { flipBit, HASHES, leavesOf, mth, pathOf, referenceHash } from './reference.ts'

const ALL = leavesOf(64)
const leafAt = (index: number): Uint8Array => ALL[index] as Uint8Array

describe.each(HASHES)('an inclusion proof on %s', (_name, hash) => {
  it('leads every leaf of every tree to 64 to its root', () => {
    for (let size = 1; size <= 64; size++) {
      const leaves = ALL.slice(0, size)
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, leaves)
        expect(path).toHaveLength(inclusionPathLength(index, size))
        expect(rootFromInclusion(hash, { leafHash: leafAt(index), index, size, path })).toEqual(mth(leaves))
      }
    }
  })
})

/** Whether the proof is taken for one of this root. */
function proves(
  root: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  leafHash: Uint8Array,
): boolean {
  return equalBytes(rootFromInclusion(referenceHash, { leafHash, index, size, path }), root)
}

describe('an inclusion proof', () => {
  it('leads to another root with any one bit of its path or leaf flipped', () => {
    for (let size = 1; size <= 9; size++) {
      const leaves = ALL.slice(0, size)
      const root = mth(leaves)
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, leaves)
        for (let bit = 0; bit < 256; bit++) {
          for (let at = 0; at < path.length; at++) {
            expect(proves(root, index, size, flipBit(path, at, bit), leafAt(index))).toBe(false)
          }
          const [leaf] = flipBit([leafAt(index)], 0, bit) as [Uint8Array]
          expect(proves(root, index, size, path, leaf)).toBe(false)
        }
      }
    }
  })

  it('leads to another root with any two elements of its path swapped', () => {
    for (let size = 3; size <= 33; size++) {
      const leaves = ALL.slice(0, size)
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, leaves)
        for (let a = 0; a < path.length; a++) {
          for (let b = a + 1; b < path.length; b++) {
            const swapped = path.with(a, path[b] as Uint8Array).with(b, path[a] as Uint8Array)
            expect(proves(mth(leaves), index, size, swapped, leafAt(index))).toBe(false)
          }
        }
      }
    }
  })

  it('is refused or leads elsewhere at any other index', () => {
    for (let size = 2; size <= 33; size++) {
      const leaves = ALL.slice(0, size)
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, leaves)
        for (let other = 0; other < size; other++) {
          if (other === index) continue
          const run = (): boolean => proves(mth(leaves), other, size, path, leafAt(index))
          if (inclusionPathLength(other, size) === path.length) expect(run()).toBe(false)
          else expectCode(run, 'proof-invalid')
        }
      }
    }
  })

  it('rejects a path shorter or longer than size and index demand', () => {
    for (let size = 1; size <= 33; size++) {
      const leaves = ALL.slice(0, size)
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, leaves)
        const want = path.length
        const bad = [...path.map((_, cut) => path.slice(0, cut)), [...path, leafAt(0)], [leafAt(0), ...path]]
        if (want > 0) bad.push(path.slice(1))
        for (const other of bad) {
          expectCode(
            () => rootFromInclusion(referenceHash, { leafHash: leafAt(index), index, size, path: other }),
            'proof-invalid',
            { index, size, got: other.length, want },
          )
        }
      }
    }
  })

  it('does not pass an inner node off as a leaf of the same tree', () => {
    const leaves = ALL.slice(0, 4)
    const path = [mth(leaves.slice(2))]
    expectCode(
      () => rootFromInclusion(referenceHash, { leafHash: mth(leaves.slice(0, 2)), index: 0, size: 4, path }),
      'proof-invalid',
      { got: 1, want: 2 },
    )
  })

  it('rejects hashes that have not 32 bytes', () => {
    const path = pathOf(1, ALL.slice(0, 3))
    for (const length of [0, 31, 33, 64]) {
      const short = new Uint8Array(length)
      const run = (leafHash: Uint8Array, changed: Uint8Array[]) => (): unknown =>
        rootFromInclusion(referenceHash, { leafHash, index: 1, size: 3, path: changed })
      expectCode(run(short, path), 'proof-invalid', { what: 'leaf hash', got: length })
      expectCode(run(leafAt(1), path.with(1, short)), 'proof-invalid', { what: 'path element', got: length })
    }
  })

  it('rejects positions that are no leaf of the tree', () => {
    for (const [index, size] of [
      [0, 0],
      [3, 3],
      [-1, 3],
      [0.5, 3],
      [0, 2.5],
      [Number.NaN, 3],
      [0, Number.NaN],
      [0, 2 ** 53],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      expectCode(
        () => rootFromInclusion(referenceHash, { leafHash: leafAt(0), index, size, path: [] }),
        'proof-invalid',
      )
      expectCode(() => inclusionPathLength(index, size), 'tree-range')
    }
  })

  it('gives a root of its own even where the leaf is the root', () => {
    const leafHash = leafAt(0).slice()
    const root = rootFromInclusion(referenceHash, { leafHash, index: 0, size: 1, path: [] })
    leafHash.fill(0)
    expect(root).toEqual(leafAt(0))
  })

  it('leaves its input as it was', () => {
    const leafHash = leafAt(5).slice()
    const path = pathOf(5, ALL.slice(0, 7))
    const before = path.map((hash) => hash.slice())
    rootFromInclusion(referenceHash, { leafHash, index: 5, size: 7, path })
    expect(leafHash).toEqual(leafAt(5))
    expect(path).toEqual(before)
  })
})

/** PATH's length by the split of the recursive definition, in integers without a width. */
function lengthByDefinition(index: bigint, size: bigint): number {
  if (size === 1n) return 0
  let k = 1n
  while (2n * k < size) k *= 2n
  return 1 + (index < k ? lengthByDefinition(index, k) : lengthByDefinition(index - k, size - k))
}

describe('positions beyond 32 bits', () => {
  const near = [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 40, 2 ** 52, Number.MAX_SAFE_INTEGER - 2]

  it('have the path length of the recursive definition around every power of two', () => {
    for (const base of near) {
      for (const size of [base - 1, base, base + 1, base + 2]) {
        for (const index of [0, 1, 2 ** 31, base / 2, base - 2, size - 2, size - 1].map(Math.floor)) {
          if (index >= size) continue
          expect(inclusionPathLength(index, size)).toBe(lengthByDefinition(BigInt(index), BigInt(size)))
        }
      }
    }
    expect(inclusionPathLength(0, 2 ** 32)).toBe(32)
    expect(inclusionPathLength(2 ** 32, 2 ** 32 + 1)).toBe(1)
    expect(inclusionPathLength(0, Number.MAX_SAFE_INTEGER)).toBe(53)
  })

  it('have the path length of the recursive definition anywhere', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        fc.pre(a !== b)
        const index = Math.min(a, b)
        const size = Math.max(a, b)
        expect(inclusionPathLength(index, size)).toBe(lengthByDefinition(BigInt(index), BigInt(size)))
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  it('lead to the root of a tree whose left side is one known subtree', () => {
    // Leaves 2^k .. 2^k + 4 beside a subtree of 2^k leaves of which only the hash is known.
    for (const k of [31, 32, 33, 40, 51, 52]) {
      const left = leafAt(63)
      const right = ALL.slice(0, 5)
      const root = mth([left, mth(right)])
      for (let i = 0; i < 5; i++) {
        const path = [...pathOf(i, right), left]
        const found = rootFromInclusion(referenceHash, {
          leafHash: leafAt(i),
          index: 2 ** k + i,
          size: 2 ** k + 5,
          path,
        })
        expect(found).toEqual(root)
      }
    }
  })
})
