import { FieldproofError } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeFirmata,
  encodeBytes,
  encodeFirmwareQuery,
  encodeI2cConfig,
  encodeI2cRead,
  encodeI2cWrite,
  encodePinLevel,
  encodePinMode,
  encodeReportAnalog,
  encodeReportDigital,
  encodeReset,
  encodeSamplingInterval,
  encodeVersionQuery,
} from '../../src/protocol/index.ts'
import { anyFirmata, GREETING, RUNS } from './example.ts'

const decode = (...bytes: number[]): unknown => decodeFirmata(Uint8Array.from(bytes))

describe('a message to the board', () => {
  it.each<[string, Uint8Array, number[]]>([
    ['asks for the version', encodeVersionQuery(), [0xf9]],
    ['asks for the firmware', encodeFirmwareQuery(), [0xf0, 0x79, 0xf7]],
    ['resets', encodeReset(), [0xff]],
    ['gives a pin a mode', encodePinMode(8, 'pull-up'), [0xf4, 8, 11]],
    ['sets a pin', encodePinLevel(9, true), [0xf5, 9, 1]],
    ['begins to report a channel', encodeReportAnalog(5, true), [0xc5, 1]],
    ['ends to report a port', encodeReportDigital(1, false), [0xd1, 0]],
    ['sets the sampling interval', encodeSamplingInterval(16_383), [0xf0, 0x7a, 0x7f, 0x7f, 0xf7]],
    ['turns I2C on', encodeI2cConfig(), [0xf0, 0x78, 0, 0, 0xf7]],
    [
      'writes to a device',
      encodeI2cWrite(0x76, Uint8Array.of(0xf4, 0x25)),
      [0xf0, 0x76, 0x76, 0, 0x74, 1, 0x25, 0, 0xf7],
    ],
    ['reads a register', encodeI2cRead(0x76, 0xd0, 1), [0xf0, 0x76, 0x76, 8, 0x50, 1, 1, 0, 0xf7]],
    ['reads on', encodeI2cRead(0x40, undefined, 32), [0xf0, 0x76, 0x40, 8, 32, 0, 0xf7]],
  ])('%s', (_, bytes, want) => {
    expect([...bytes]).toEqual(want)
  })

  it.each<[string, () => Uint8Array]>([
    ['a sampling interval below 10 ms', () => encodeSamplingInterval(9)],
    ['a sampling interval of more than 14 bits', () => encodeSamplingInterval(16_384)],
    ['a pin of 8 bits', () => encodePinMode(128, 'input')],
    ['channel 16', () => encodeReportAnalog(16, true)],
    ['port -1', () => encodeReportDigital(-1, true)],
    ['an address of 8 bits', () => encodeI2cWrite(0x80, Uint8Array.of())],
    ['a write of 33 bytes', () => encodeI2cWrite(0x76, new Uint8Array(33))],
    ['a read of 33 bytes', () => encodeI2cRead(0x76, 0, 33)],
    ['a read of no byte', () => encodeI2cRead(0x76, 0, 0)],
    ['a register of 9 bits', () => encodeI2cRead(0x76, 256, 1)],
  ])('is not written with %s', (_, encode) => {
    expect(encode).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })
})

describe('a report of the board', () => {
  it.each<[string, unknown, unknown]>([
    ['an analog value', decode(0xe2, 3, 4), { kind: 'analog', channel: 2, value: 515 }],
    ['a port', decode(0x91, 0x7f, 1), { kind: 'digital', port: 1, levels: 255 }],
    ['a version', decode(0xf9, 2, 5), { kind: 'version', major: 2, minor: 5 }],
    ['a firmware', decode(...GREETING.subarray(3)), { kind: 'firmware', major: 1, minor: 0, name: 'fieldproof' }],
    [
      'an I2C reply',
      decode(0xf0, 0x77, 0x76, 0, 0x50, 1, 0x60, 0, 0xf7),
      { kind: 'i2c', address: 0x76, register: 0xd0, data: Uint8Array.of(0x60) },
    ],
    ['a message for others', decode(0xf0, 0x6a, 0x7f, 0xf7), { kind: 'other' }],
  ])('is %s', (_, got, want) => {
    expect(got).toEqual(want)
  })

  it.each([
    ['of two bytes', [0xe2, 3]],
    ['of four bytes', [0xe2, 3, 4, 5]],
    ['of I2C with half a byte', [0xf0, 0x77, 0x76, 0, 0, 0, 1, 0xf7]],
    ['of I2C with a byte above 255', [0xf0, 0x77, 0x76, 0, 0, 0, 1, 2, 0xf7]],
    ['of I2C from an address of 8 bits', [0xf0, 0x77, 0, 1, 0, 0, 0xf7]],
    ['of I2C that ends in its register', [0xf0, 0x77, 0x76, 0, 0, 0xf7]],
    ['of a firmware without minor version', [0xf0, 0x79, 1, 0xf7]],
    ['of a sysex that does not end', [0xf0, 0x79, 1, 0]],
  ])('is refused when it is one %s', (_, bytes) => {
    expect(() => decode(...bytes)).toThrow(expect.objectContaining({ code: 'board-message-invalid' }))
  })

  it('gives the bytes of a device back whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 32 }), (data) => {
        const bytes = [0xf0, 0x77, 0x76, 0, 0, 0, ...encodeBytes(data), 0xf7]
        expect(decode(...bytes)).toEqual({ kind: 'i2c', address: 0x76, register: 0, data })
      }),
      RUNS,
    )
  })

  it('is read or refused with a code, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(anyFirmata, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        try {
          expect(decodeFirmata(bytes).kind).toMatch(/^[a-z0-9]+$/)
        } catch (error) {
          expect(error).toBeInstanceOf(FieldproofError)
        }
      }),
      RUNS,
    )
  })
})
