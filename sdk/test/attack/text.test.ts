import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCbor, encodeCbor, ITEM_LIMITS } from '../../src/wire/index.ts'

const MARK = '\uFEFF'

describe('a text that starts with U+FEFF', () => {
  it('keeps it at every length', () => {
    for (const length of [0, 1, 20, 21, 22, 60, 61, 62, 63, 64, 65, 253, 254, 255, 256, 1000, 60_000]) {
      const item = ['a', MARK + 'x'.repeat(length), new Uint8Array(3), MARK + MARK + 'y'.repeat(length % 1000)]
      expect(decodeCbor(encodeCbor(item), ITEM_LIMITS)).toEqual(item)
    }
  })

  it('keeps it wherever it stands, in keys and beside other texts', () => {
    const text = fc.tuple(fc.constantFrom('', MARK, MARK + MARK), fc.string({ unit: 'binary', maxLength: 300 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), (pairs) => {
        const map = new Map(pairs.map(([key, value]) => [key.join(''), value.join('')]))
        expect(decodeCbor(encodeCbor([map, 1]), ITEM_LIMITS)).toEqual([map, 1])
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})
