import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FieldproofError, fromHex } from '../../src/base/index.ts'
import { decodeRlp, type RlpItem, rlpUint } from '../../src/evm/rlp.ts'

const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small' },
    fc.uint8Array({ maxLength: 80 }),
    fc.array(tie('item') as fc.Arbitrary<RlpItem>, { maxLength: 20 }),
  ),
}))

describe('RLP', () => {
  it('reads what another implementation writes', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(decodeRlp(RLP.encode(value as never))).toEqual(value)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('reads only what another implementation would write for the same value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let value: RlpItem
        try {
          value = decodeRlp(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FieldproofError)
          return
        }
        expect(new Uint8Array(RLP.encode(value as never))).toEqual(bytes)
      }),
      { seed: 2, numRuns: 5000 },
    )
  })

  it.each([
    ['nothing', ''],
    ['a byte after the item', '8000'],
    ['a small byte with a length', '8105'],
    ['a long length for a short string', 'b801ff'],
    ['a length with a leading zero', `b90038${'aa'.repeat(56)}`],
    ['a string that ends too early', '83aabb'],
    ['a list that ends in the middle of an item', 'c283aabb'],
    ['a length of eight bytes', 'bfffffffffffffffff'],
    ['a list length of eight bytes', 'ffffffffffffffffff'],
    ['a length without its bytes', 'b9'],
  ])('refuses %s', (_name, hex) => {
    expect(() => decodeRlp(fromHex(hex))).toThrow(expect.objectContaining({ code: 'proof-invalid' }))
  })

  it('refuses lists nested in each other without end, in time linear in their bytes', () => {
    let nested = Uint8Array.of(0xc0)
    for (let i = 0; i < 17; i++) nested = Uint8Array.of(0xc0 + nested.length, ...nested)
    expect(() => decodeRlp(nested)).toThrow('lists in each other')
    expect(() => decodeRlp(new Uint8Array(100_000).fill(0xc1))).toThrow(FieldproofError)
  })

  it.each([
    ['', 0],
    ['01', 1],
    ['1fffffffffffff', Number.MAX_SAFE_INTEGER],
  ])('reads the integer %s', (hex, value) => {
    expect(rlpUint(fromHex(hex), 'n')).toBe(value)
  })

  it.each(['00', '0001', '20000000000000', 'ffffffffffffffffff'])('refuses the integer %s', (hex) => {
    expect(() => rlpUint(fromHex(hex), 'n')).toThrow(expect.objectContaining({ code: 'proof-invalid' }))
  })
})
