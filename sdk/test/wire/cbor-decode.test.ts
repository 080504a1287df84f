/** The decoders behind the gate, Node's and the browser's, give what another decoder reads from the same bytes. */
import { decode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../src/base/index.ts'
import { decodeCbor as decodeSmall } from '../../src/wire/cbor-values-small.ts'
import { type CborValue, decodeCbor as decodeByCborX, encodeCbor, MESSAGE_LIMITS } from '../../src/wire/index.ts'

const items = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 80 }),
    fc.constantFrom<CborValue>(true, false, null),
    fc.array(tie('value'), { maxLength: 40 }),
    fc
      .array(fc.tuple(fc.oneof(fc.maxSafeInteger(), fc.string({ maxLength: 8 })), tie('value')), { maxLength: 30 })
      .map((entries) => new Map(entries)),
  ),
})).value

describe.each([
  ['by cbor-x, on Node', decodeByCborX],
  ['by the small walk, in browsers', decodeSmall],
])('decodeCbor %s', (_which, decodeCbor) => {
  it('gives back what was encoded, as another decoder reads it', () => {
    fc.assert(
      fc.property(items, (item) => {
        fc.pre(depthOf(item) <= MESSAGE_LIMITS.maxDepth)
        const bytes = encodeCbor(item)
        const read = decodeCbor(bytes, MESSAGE_LIMITS)
        expect(read).toEqual(item)
        expect(read).toEqual(decode(bytes, { useMaps: true }))
        expect(encodeCbor(read)).toEqual(bytes)
      }),
      { seed: 8949, numRuns: 500 },
    )
  })

  it.each([
    ['one byte', 'a\u007f'],
    ['two bytes', '\u0080é\u07ff'],
    ['three bytes', '\u0800€\ud7ff\ue000\uffff'],
    ['four bytes', '\u{10000}🌧\u{10ffff}'],
    ['a mark first', '\ufeffbom'],
    ['a mark first in a long text', `\ufeff${'x'.repeat(300)}`],
    ['no character', ''],
  ])('reads characters of %s as they are (CONV-6)', (_name, text) => {
    expect(decodeCbor(encodeCbor([text]), MESSAGE_LIMITS)).toEqual([text])
  })

  it('gives byte strings that are copies, and never a Buffer', () => {
    const source = Buffer.from(encodeCbor([Uint8Array.of(1, 2, 3)]))
    const [read] = decodeCbor(source, MESSAGE_LIMITS) as [Uint8Array]
    source.fill(0)
    expect(Object.getPrototypeOf(read)).toBe(Uint8Array.prototype)
    expect([...read]).toEqual([1, 2, 3])
  })

  it('reads a part of a larger buffer by itself', () => {
    const bytes = encodeCbor([7, utf8('seven'), new Map([[1, 'one']])])
    const inside = concat(Uint8Array.of(0xff, 0xff), bytes, Uint8Array.of(0xff)).subarray(2, 2 + bytes.length)
    expect(decodeCbor(inside, MESSAGE_LIMITS)).toEqual([7, utf8('seven'), new Map([[1, 'one']])])
  })
})

function depthOf(item: CborValue): number {
  const children = Array.isArray(item) ? item : item instanceof Map ? [...item.values()] : []
  const own = Array.isArray(item) || item instanceof Map ? 1 : 0
  return own + Math.max(0, ...children.map(depthOf))
}
