import { FieldproofError } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CRC_START,
  crc16,
  createGroupReader,
  decodeNumber,
  decodePacked,
  encodeBytes,
  encodeNumber,
  encodePacked,
} from '../../src/protocol/index.ts'
import { RUNS } from './example.ts'

const invalid: unknown = expect.objectContaining({ code: 'board-message-invalid' })

describe('a number in groups', () => {
  it('has the lowest 7 bits first', () => {
    expect(encodeNumber(200, 4)).toEqual([0x48, 1, 0, 0])
    expect(encodeNumber(2 ** 35 - 1, 5)).toEqual([0x7f, 0x7f, 0x7f, 0x7f, 0x7f])
  })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.maxSafeNat(), (groups, seed) => {
        const value = seed % 128 ** groups
        expect(decodeNumber(encodeNumber(value, groups))).toBe(value)
      }),
      RUNS,
    )
  })

  it.each([
    [128, 1],
    [2 ** 14, 2],
    [2 ** 35, 5],
    [-1, 2],
    [0.5, 2],
    [Number.NaN, 2],
  ])('refuses %d in %d groups', (value, groups) => {
    expect(() => encodeNumber(value, groups)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })
})

describe('packed bytes', () => {
  it('have 7 bits a group, the lowest bit of the first byte first', () => {
    expect(encodePacked(Uint8Array.of(0x81, 0xff))).toEqual([1, 0x7f, 3])
  })

  it('are read as they were written, and take the fewest groups', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const groups = encodePacked(bytes)
        expect(groups).toHaveLength(Math.ceil((bytes.length * 8) / 7))
        expect(decodePacked(Uint8Array.from(groups))).toEqual(bytes)
      }),
      RUNS,
    )
  })

  it.each([
    ['a group more than their bytes take', [0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a group and no byte', [0]],
    ['a bit behind their last byte', [1, 0x7f, 7]],
  ])('are refused with %s', (_, groups) => {
    expect(() => decodePacked(Uint8Array.from(groups))).toThrow(invalid)
  })
})

describe('a reader of groups', () => {
  it('gives numbers and bytes in their order and is then at the end', () => {
    const reader = createGroupReader(
      Uint8Array.from([5, ...encodeNumber(300, 2), ...encodeBytes(Uint8Array.of(0, 128, 255))]),
    )
    expect([reader.number(1), reader.number(2), [...reader.bytes(3)], reader.left()]).toEqual([
      5,
      300,
      [0, 128, 255],
      0,
    ])
    reader.end()
  })

  it('refuses a message that ends too early', () => {
    expect(() => createGroupReader(Uint8Array.of(1)).number(2)).toThrow(invalid)
    expect(() => createGroupReader(Uint8Array.of(1)).bytes(1)).toThrow(invalid)
  })

  it('refuses what is left at the end', () => {
    expect(() => createGroupReader(Uint8Array.of(1)).end()).toThrow(invalid)
  })

  it('refuses two groups that make more than a byte', () => {
    expect(() => createGroupReader(Uint8Array.of(0, 2)).bytes(1)).toThrow(invalid)
  })

  it('refuses a number above its limit, and takes the limit', () => {
    expect(createGroupReader(Uint8Array.of(9)).number(1, 9)).toBe(9)
    expect(() => createGroupReader(Uint8Array.of(10)).number(1, 9)).toThrow(invalid)
  })

  it('refuses a data byte with its eighth bit set', () => {
    expect(() => createGroupReader(Uint8Array.of(0x80)).number(1)).toThrow(FieldproofError)
  })
})

describe('the line check', () => {
  it('is the CRC-16 that catalogues name by its value over the nine digits (BOARD-9)', () => {
    expect(crc16(Array.from('123456789', (digit) => digit.charCodeAt(0)))).toBe(0x29b1)
    expect(crc16([])).toBe(CRC_START)
  })

  it('goes on from the check over what stood before', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, two) => {
        expect(crc16(two, crc16(one))).toBe(crc16([...one, ...two]))
      }),
      RUNS,
    )
  })
})
