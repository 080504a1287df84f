import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/base/index.ts'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  hashTile,
  leafHashes,
  MerkleTree,
  parseTilePath,
  rootOfFlat,
  type Tile,
  tilePath,
  tileWidth,
} from '../../src/merkle/index.ts'
import { expectCode } from './expect-code.ts'
import { leavesOf, referenceHash } from './reference.ts'

describe('the path of a tile', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 0, index: 999, width: 1 }, 'tile/0/999.p/1'],
    [{ level: 1, index: 1000, width: 255 }, 'tile/1/x001/000.p/255'],
    [{ level: 63, index: 5, width: 256 }, 'tile/63/005'],
    [{ level: 'entries', index: 273, width: 112 }, 'tile/entries/273.p/112'],
    [{ level: 0, index: 2 ** 53 - 1, width: 256 }, 'tile/0/x009/x007/x199/x254/x740/991'],
  ] as const satisfies readonly (readonly [Tile, string])[])('of %o is %s', (tile, path) => {
    expect(tilePath(tile.level, tile.index, tile.width)).toBe(path)
    expect(parseTilePath(path)).toEqual(tile)
  })

  it('comes back for every level, index and width', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }))
    fc.assert(
      fc.property(level, fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        expect(parseTilePath(tilePath(level, index, width))).toEqual({ level, index, width })
      }),
      { seed: 6, numRuns: 300 },
    )
  })

  it.each([
    '',
    'tile',
    'tile/0',
    'tile/0/',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/000',
    'tile/0/x000/x001/000',
    'tile/0/001/000',
    'tile/0/x001',
    'tile/0/x001/x000',
    'tile/0/X001/000',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/entry/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/\u0660\u0660\u0660',
    'tile/0/../../etc',
    'tile/0/x009/x007/x199/x254/x740/992',
    `tile/0/${'x001/'.repeat(20)}000`,
  ])('is not %j', (path) => {
    expectCode(() => parseTilePath(path), 'tile-invalid')
  })

  it('has no level, index or width out of range', () => {
    for (const level of [-1, 64, 0.5, Number.NaN]) expectCode(() => tilePath(level, 0), 'tile-invalid')
    for (const index of [-1, 0.5, 2 ** 53, Number.NaN]) expectCode(() => tilePath(0, index), 'tile-invalid')
    for (const width of [0, 257, 1.5, Number.NaN]) expectCode(() => tilePath(0, 0, width), 'tile-invalid')
  })
})

describe('the width of a tile', () => {
  it('is that of the examples of the specification', () => {
    // c2sp.org/tlog-tiles, partial tiles: trees of 70 000 and of 256 leaves
    expect(tileWidth(0, 272, 70_000)).toBe(256)
    expect(tileWidth(0, 273, 70_000)).toBe(112)
    expect(tileWidth(0, 274, 70_000)).toBe(0)
    expect(tileWidth('entries', 273, 70_000)).toBe(112)
    expect(tileWidth(1, 0, 70_000)).toBe(256)
    expect(tileWidth(1, 1, 70_000)).toBe(17)
    expect(tileWidth(2, 0, 70_000)).toBe(1)
    expect(tileWidth(3, 0, 70_000)).toBe(0)
    expect(tileWidth(0, 0, 256)).toBe(256)
    expect(tileWidth(0, 1, 256)).toBe(0)
    expect(tileWidth(1, 0, 256)).toBe(1)
  })

  it('adds up to the nodes of its level, also beyond 32 bits', () => {
    expect(tileWidth(0, 0, 0)).toBe(0)
    expect(tileWidth(0, 2 ** 45 - 1, 2 ** 53 - 1)).toBe(255)
    expect(tileWidth(4, 0, 2 ** 32)).toBe(1)
    expect(tileWidth(4, 0, 2 ** 32 - 1)).toBe(0)
    expect(tileWidth(6, 0, 2 ** 53 - 1)).toBe(31)
    expect(tileWidth(63, 0, 2 ** 53 - 1)).toBe(0)
    for (const size of [-1, 0.5, 2 ** 53]) expectCode(() => tileWidth(0, 0, size), 'tile-invalid')
  })
})

describe('a hash tile', () => {
  const leaves = concat(...leavesOf(600))
  const tree = new MerkleTree(referenceHash)
  tree.appendAll(leaves)

  it('holds leaf hashes at level 0', () => {
    expect(hashTile(tree, 0, 0)).toEqual(leaves.slice(0, 8192))
    expect(hashTile(tree, 0, 2, 88)).toEqual(leaves.slice(2 * 8192))
    expect(hashTile(tree, 0, 2, 5)).toEqual(leaves.slice(2 * 8192, 2 * 8192 + 160))
  })

  it('holds the roots of full tiles at level 1', () => {
    const roots = [0, 1].map((i) => rootOfFlat(referenceHash, leaves.slice(i * 8192, (i + 1) * 8192)))
    expect(hashTile(tree, 1, 0, 2)).toEqual(concat(...roots))
    expect(tileWidth(1, 0, 600)).toBe(2)
  })

  it('exists only as wide as the tree is', () => {
    expectCode(() => hashTile(tree, 0, 2, 89), 'tree-range')
    expectCode(() => hashTile(tree, 0, 2), 'tree-range')
    expectCode(() => hashTile(tree, 0, 3, 1), 'tree-range')
    expectCode(() => hashTile(tree, 1, 0, 3), 'tree-range')
    expectCode(() => hashTile(tree, 9, 0, 1), 'tree-range')
    expectCode(() => hashTile(tree, 0, 0, 0), 'tile-invalid')
    expectCode(() => hashTile(tree, 0, 0, 257), 'tile-invalid')
  })
})

describe('an entry bundle', () => {
  const entries = [Uint8Array.of(), Uint8Array.of(1, 2, 3), new Uint8Array(65_535).fill(9)]

  it('holds each entry after its length, big-endian', () => {
    const bytes = encodeEntryBundle([Uint8Array.of(7), new Uint8Array(258)])
    expect(bytes.slice(0, 5)).toEqual(Uint8Array.of(0, 1, 7, 1, 2))
    expect(bytes).toHaveLength(2 + 1 + 2 + 258)
  })

  it('comes back, also from the middle of a larger buffer', () => {
    const bytes = encodeEntryBundle(entries)
    expect(decodeEntryBundle(bytes, 3)).toEqual(entries)
    const inside = concat(Uint8Array.of(1, 2, 3), bytes).subarray(3)
    expect(decodeEntryBundle(inside, 3)).toEqual(entries)
  })

  it('hashes to the leaf tile of the same tree', () => {
    const tree = new MerkleTree(referenceHash)
    tree.appendAll(leafHashes(referenceHash, entries))
    const decoded = decodeEntryBundle(encodeEntryBundle(entries), 3)
    expect(leafHashes(referenceHash, decoded)).toEqual(hashTile(tree, 0, 0, 3))
  })

  it('is rejected cut anywhere, with bytes behind it, or with another number of entries', () => {
    const bytes = encodeEntryBundle(entries.slice(0, 2))
    for (let cut = 0; cut < bytes.length; cut++) {
      expectCode(() => decodeEntryBundle(bytes.subarray(0, cut), 2), 'tile-invalid')
    }
    expectCode(() => decodeEntryBundle(concat(bytes, Uint8Array.of(0)), 2), 'tile-invalid')
    expectCode(() => decodeEntryBundle(concat(bytes, Uint8Array.of(0, 0)), 2), 'tile-invalid')
    expectCode(() => decodeEntryBundle(bytes, 1), 'tile-invalid')
    expectCode(() => decodeEntryBundle(bytes, 3), 'tile-invalid')
    for (const width of [0, 257, 1.5]) expectCode(() => decodeEntryBundle(bytes, width), 'tile-invalid')
  })

  it('has 1 to 256 entries of at most 65535 bytes', () => {
    expectCode(() => encodeEntryBundle([]), 'tile-invalid')
    expectCode(() => encodeEntryBundle(Array<Uint8Array>(257).fill(Uint8Array.of(1))), 'tile-invalid')
    expectCode(() => encodeEntryBundle([new Uint8Array(65_536)]), 'tile-invalid')
    const full = Array<Uint8Array>(256).fill(Uint8Array.of(1))
    expect(decodeEntryBundle(encodeEntryBundle(full), 256)).toEqual(full)
  })

  it('yields entries or a coded error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (bytes, width) => {
        try {
          expect(encodeEntryBundle(decodeEntryBundle(bytes, width))).toEqual(new Uint8Array(bytes))
        } catch (error) {
          expect(error).toMatchObject({ code: 'tile-invalid' })
        }
      }),
      { seed: 7, numRuns: 1000 },
    )
  })
})
