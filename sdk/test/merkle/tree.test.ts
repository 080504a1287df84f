import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '../../src/base/index.ts'
import { leafHash, leafHashes, leafHashInto, MerkleTree, nodeHash, rootOf, rootOfFlat } from '../../src/merkle/index.ts'
import { expectCode } from './expect-code.ts'
import { HASHES, leafOf, leavesOf, mth, pathOf, proofOf, referenceHash } from './reference.ts'

const ALL = leavesOf(130)

function treeOf(size: number): MerkleTree {
  const tree = new MerkleTree(referenceHash)
  tree.appendAll(concat(...ALL.slice(0, size)))
  return tree
}

describe.each(HASHES)('the tree on %s', (_name, hash) => {
  it('has the root of the recursive definition at every size, grown leaf by leaf', () => {
    const tree = new MerkleTree(hash)
    expect(tree.root()).toEqual(mth([]))
    for (let size = 1; size <= 130; size++) {
      expect(tree.append(ALL[size - 1] as Uint8Array)).toBe(size - 1)
      expect(tree.size).toBe(size)
      expect(tree.root()).toEqual(mth(ALL.slice(0, size)))
    }
    for (let size = 0; size <= 130; size++) expect(tree.root(size)).toEqual(mth(ALL.slice(0, size)))
  })

  it('hashes leaves and nodes behind their prefix bytes', () => {
    const entry = Uint8Array.of(1, 2, 3)
    expect(leafHash(hash, entry)).toEqual(leafOf(entry))
    const [left, right] = ALL as [Uint8Array, Uint8Array]
    expect(nodeHash(hash, left, right)).toEqual(mth([left, right]))
  })

  it('hashes entries of every length around the shared buffer like short ones', () => {
    for (const length of [0, 1, 1022, 1023, 1024, 1025, 5000]) {
      const entry = new Uint8Array(length).fill(7)
      const out = new Uint8Array(40)
      leafHashInto(hash, out, 5, entry)
      expect(out.slice(5, 37)).toEqual(leafOf(entry))
      expect(leafHashes(hash, [entry, Uint8Array.of(1)])).toEqual(concat(leafOf(entry), leafOf(Uint8Array.of(1))))
    }
  })

  it('has the published roots of the RFC 6962 reference leaves', () => {
    // certificate-transparency merkletree/merkle_tree_test.cc; the first is the root of no leaves
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const roots = [
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    const tree = new MerkleTree(hash)
    tree.appendAll(leafHashes(hash, inputs.map(fromHex)))
    expect(roots.map((_, size) => toHex(tree.root(size)))).toEqual(roots)
    expect(tree.consistencyPath(6, 8).map(toHex)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
  })

  it('roots a batch in one shot without touching its leaves', () => {
    for (let size = 0; size <= 130; size++) {
      const leaves = ALL.slice(0, size)
      const flat = concat(...leaves)
      const before = flat.slice()
      expect(rootOf(hash, leaves)).toEqual(mth(leaves))
      expect(rootOfFlat(hash, flat)).toEqual(mth(leaves))
      expect(flat).toEqual(before)
      // slice() of a Buffer is a view: nothing may rely on it to copy or to align
      const unaligned = Buffer.concat([Uint8Array.of(9), flat]).subarray(1)
      const root = rootOfFlat(hash, unaligned)
      unaligned.fill(0)
      expect(root).toEqual(mth(leaves))
    }
  })
})

describe('proofs of the tree', () => {
  it('are those of the recursive definitions for every index and every pair of sizes to 64', () => {
    const tree = treeOf(64)
    for (let size = 1; size <= 64; size++) {
      const leaves = ALL.slice(0, size)
      for (let index = 0; index < size; index++) expect(tree.inclusionPath(index, size)).toEqual(pathOf(index, leaves))
      for (let old = 1; old <= size; old++) expect(tree.consistencyPath(old, size)).toEqual(proofOf(old, leaves))
    }
  })

  it('of an old size stay the same while the tree grows', () => {
    const small = treeOf(37)
    const large = treeOf(130)
    for (let index = 0; index < 37; index++) {
      expect(large.inclusionPath(index, 37)).toEqual(small.inclusionPath(index, 37))
    }
  })
})

it('gives one rolling hash over the roots and proofs of all sizes to 130, as the recursive definitions do', () => {
  const ours = createHash('sha256')
  const theirs = createHash('sha256')
  const tree = treeOf(130)
  for (let size = 1; size <= 130; size++) {
    const leaves = ALL.slice(0, size)
    const index = (size * 7) % size
    const old = 1 + ((size * 11) % size)
    for (const bytes of [tree.root(size), ...tree.inclusionPath(index, size), ...tree.consistencyPath(old, size)]) {
      ours.update(bytes)
    }
    for (const bytes of [mth(leaves), ...pathOf(index, leaves), ...proofOf(old, leaves)]) theirs.update(bytes)
  }
  expect(ours.digest('hex')).toBe(theirs.digest('hex'))
})

describe('appending', () => {
  it('in pieces of any length gives the tree of one piece', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 }), (lengths) => {
        const tree = new MerkleTree(referenceHash)
        for (const length of lengths) {
          const from = Math.min(tree.size, 130)
          const piece = ALL.slice(from, from + length)
          expect(tree.appendAll(concat(...piece))).toBe(from)
        }
        const leaves = ALL.slice(0, tree.size)
        expect(tree.root()).toEqual(mth(leaves))
        for (let level = 0; 2 ** level <= tree.size; level++) {
          for (let i = 0; (i + 1) * 2 ** level <= tree.size; i++) {
            expect(tree.node(level, i)).toEqual(mth(leaves.slice(i * 2 ** level, (i + 1) * 2 ** level)))
          }
        }
      }),
      { seed: 1, numRuns: 50 },
    )
  })

  it('costs one node hash a leaf on average', () => {
    let hashes = 0
    const tree = new MerkleTree({
      sha256: referenceHash.sha256,
      sha256Into: (out, offset, data) => {
        hashes++
        referenceHash.sha256Into(out, offset, data)
      },
    })
    for (let i = 0; i < 128; i++) tree.append(ALL[i] as Uint8Array)
    expect(hashes).toBe(127)
  })

  it('keeps its own copy of what it was given and hands out copies', () => {
    const leaf = (ALL[0] as Uint8Array).slice()
    const tree = new MerkleTree(referenceHash)
    tree.append(leaf)
    leaf.fill(0)
    tree.leafHash(0).fill(0)
    tree.root().fill(0)
    expect(tree.leafHash(0)).toEqual(ALL[0])
    expect(tree.root()).toEqual(ALL[0])
  })

  it('refuses what is not a whole number of hashes', () => {
    const tree = treeOf(3)
    expectCode(() => tree.append(new Uint8Array(31)), 'wrong-length', { got: 31 })
    expectCode(() => tree.append(new Uint8Array(64)), 'wrong-length', { got: 64 })
    expectCode(() => tree.appendAll(new Uint8Array(33)), 'wrong-length', { got: 33 })
    expectCode(() => rootOf(referenceHash, [new Uint8Array(33)]), 'wrong-length')
    expectCode(() => rootOfFlat(referenceHash, new Uint8Array(33)), 'wrong-length')
    expectCode(() => nodeHash(referenceHash, new Uint8Array(31), new Uint8Array(33)), 'wrong-length')
    expect(tree.root()).toEqual(mth(ALL.slice(0, 3)))
  })
})

describe('ranges', () => {
  const tree = treeOf(6)

  it('outside the tree are refused', () => {
    for (const size of [-1, 7, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expectCode(() => tree.root(size), 'tree-range')
      expectCode(() => tree.inclusionPath(0, size), 'tree-range')
      expectCode(() => tree.consistencyPath(1, size), 'tree-range')
    }
    for (const index of [-1, 6, 0.5, Number.NaN]) {
      expectCode(() => tree.leafHash(index), 'tree-range')
      expectCode(() => tree.inclusionPath(index, 6), 'tree-range', { size: 6 })
    }
    expectCode(() => tree.inclusionPath(0, 0), 'tree-range')
    expectCode(() => tree.inclusionPath(5, 5), 'tree-range')
  })

  it('of consistency start at size one and never shrink', () => {
    for (const old of [0, -1, 0.5, Number.NaN, 6]) expectCode(() => tree.consistencyPath(old, 5), 'tree-range')
  })

  it('of nodes end where a node is not complete', () => {
    expect(tree.node(2, 0)).toEqual(mth(ALL.slice(0, 4)))
    for (const [level, index] of [
      [2, 1],
      [3, 0],
      [1, 3],
      [9, 0],
      [-1, 0],
      [0.5, 0],
    ] as const) {
      expectCode(() => tree.node(level, index), 'tree-range', { level, index })
    }
    expect(tree.nodes(1, 1, 2)).toEqual(concat(mth(ALL.slice(2, 4)), mth(ALL.slice(4, 6))))
    expectCode(() => tree.nodes(1, 1, 3), 'tree-range')
    expectCode(() => tree.nodes(0, 0, -1), 'tree-range')
  })
})
