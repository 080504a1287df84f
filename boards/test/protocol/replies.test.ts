import { FieldproofError } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CRC_START, decodeReply, encodeNumber, encodeReply, type Reply } from '../../src/protocol/index.ts'
import { anyReply, OPENED, RUNS } from './example.ts'

const HEAD = [0, 0, 8, 1, 0, 0, 0]
const CHECK = [0, 0, 0]

/** A reply with this command and payload, message 0 at 136 ms. */
const replyBytes = (command: number, ...payload: number[]): Uint8Array =>
  Uint8Array.from([0xf0, 1, command, ...HEAD, ...payload, ...CHECK, 0xf7])

const invalid: unknown = expect.objectContaining({ code: 'board-message-invalid' })

describe('a reply', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyReply, fc.integer({ min: 0, max: 0xffff }), (reply, crc) => {
        expect(decodeReply(encodeReply(reply, crc))).toEqual(reply)
      }),
      RUNS,
    )
  })

  it('has its number and the milliseconds of the board in any of them (BOARD-1)', () => {
    const bytes = encodeReply({ kind: 'check', number: 2 ** 14 - 1, boardMs: 2 ** 35 - 1 }, CRC_START)
    expect([...bytes.subarray(2, 10)]).toEqual([0x48, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f])
  })

  it.each<[string, Reply]>([
    ['a message number of 2^14', { ...OPENED, number: 2 ** 14 }],
    ['milliseconds of 2^35', { ...OPENED, boardMs: 2 ** 35 }],
  ])('is not written with %s', (_, reply) => {
    expect(() => encodeReply(reply, CRC_START)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })

  it.each([
    ['a command that no reply has', replyBytes(0x42)],
    ['a byte too few', replyBytes(0x44, 1, 0, 0, 0, 0)],
    ['a byte too many', replyBytes(0x44, 1, 0, 0, 0, 0, 4, 0)],
    ['a level that is neither low nor high', replyBytes(0x44, 2, 0, 0, 0, 0, 4)],
    ['more than an hour left', replyBytes(0x44, 1, ...encodeNumber(3_600_001, 4), 4)],
    ['a valve state that is not listed', replyBytes(0x44, 1, 0, 0, 0, 0, 5)],
    ['an interval below 100 ms', replyBytes(0x43, 99, 0, 0)],
    ['a count of 2^32', replyBytes(0x41, ...encodeNumber(2 ** 32, 5), ...Array<number>(19).fill(0))],
    [
      'a debounce time above 2 s',
      replyBytes(0x41, 0, 0, 0, 0, 0, ...encodeNumber(2_000_001, 3), ...Array<number>(16).fill(0)),
    ],
    ['error code 0', replyBytes(0x7f, 1, 2, 0)],
    ['an error code that is not listed', replyBytes(0x7f, 1, 2, 7)],
    ['a reset cause that is not listed', replyBytes(0x40, 1, ...Array<number>(21).fill(0), 16)],
    ['half a byte in its build id', replyBytes(0x40, 1, 0, 2, ...Array<number>(19).fill(0), 1)],
    ['no payload where one is due', replyBytes(0x40)],
    ['a check of more than 16 bits', Uint8Array.from([0xf0, 1, 0x48, ...HEAD, 0, 0, 4, 0xf7])],
    ['no check', Uint8Array.from([0xf0, 1, 0x48, ...HEAD, 0xf7])],
    ['no command', Uint8Array.of(0xf0, 1, 0xf7)],
    ['no end', encodeReply(OPENED, CRC_START).subarray(0, -1)],
    ['another sysex id', encodeReply(OPENED, CRC_START).with(1, 2)],
    ['a data byte with its eighth bit set', encodeReply(OPENED, CRC_START).with(5, 0x88)],
    ['nothing', Uint8Array.of()],
  ])('is refused with %s', (_, bytes) => {
    expect(() => decodeReply(bytes)).toThrow(invalid)
  })

  it('names the firmware at fault when it speaks another version of the protocol', () => {
    expect(() => decodeReply(replyBytes(0x40, 2))).toThrow(expect.objectContaining({ code: 'board-firmware' }))
  })

  it('is read or refused with a code, whatever the bytes', () => {
    const inside = fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 45 })
    const command = fc.constantFrom(0x40, 0x41, 0x43, 0x44, 0x48, 0x7f)
    const framed = fc.tuple(command, inside).map(([first, rest]) => Uint8Array.from([0xf0, 1, first, ...rest, 0xf7]))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), framed), (bytes) => {
        try {
          expect(encodeReply(decodeReply(bytes), CRC_START)).toHaveLength(bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(FieldproofError)
        }
      }),
      { ...RUNS, numRuns: 3000 },
    )
  })
})
