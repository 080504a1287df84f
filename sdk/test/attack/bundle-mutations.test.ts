import { beforeAll, describe, expect, it } from 'vitest'
import { editsOf } from '../fuzz/cbor-edits.ts'
import { type Tree, writeTree } from '../fuzz/cbor-tree.ts'
import { crossingsOf, samePathsOf } from './kit/crossing.ts'
import { filesOf, Onslaught, rowCount, treeOf } from './kit/onslaught.ts'

/** A hundred thousand verifications, on whatever machine. */
const PATIENCE_MS = 180_000

let onslaught: Onslaught
beforeAll(async () => {
  onslaught = await Onslaught.prepare()
})

describe('a bundle under a digest that fits', () => {
  it('fails for every edit of every item, or says less of what is true', { timeout: PATIENCE_MS }, async () => {
    const left = await onslaught.attack('edit of an item', ({ bytes }) => filesOf(written(editsOf(treeOf(bytes)))))
    // A row may be left out where its statement keeps another one.
    expect(left).toBeLessThanOrEqual(onslaught.samples.reduce((rows, { bytes }) => rows + rowCount(bytes), 0))
  })

  it('fails for every part of another bundle in place of its own, or says only what is true', {
    timeout: PATIENCE_MS,
  }, async () => {
    await onslaught.attack('part of another bundle', function* (sample) {
      for (const donor of onslaught.samples) {
        yield* filesOf(written(crossingsOf(treeOf(sample.bytes), treeOf(donor.bytes))))
      }
    })
  })

  it('fails for every other size and index of the log for which the path has the same length', {
    timeout: PATIENCE_MS,
  }, async () => {
    const places = ({ bytes }: { bytes: Uint8Array }): Iterable<Uint8Array> =>
      filesOf(written(samePathsOf(treeOf(bytes))))
    expect(await onslaught.attack('another place, same path', places)).toBe(0)
  })

  it('was attacked in every way', () => {
    expect(Object.keys(onslaught.mutants)).toHaveLength(3)
    console.info(onslaught.summary())
  })
})

function* written(trees: Iterable<Tree>): Generator<Uint8Array> {
  for (const tree of trees) yield writeTree(tree)
}
