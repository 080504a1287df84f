import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TwoWireDevice } from '../../src/avr/index.ts'
import { crc16, createRig, type Message, type Reply, type Rig, replyOf } from './rig.ts'

const CHECK = 0x08
const ASK = [0xf0, 0x01, CHECK, 0xf7]
const CHECK_AND_END = 4

function bytesOf(messages: readonly Message[]): number[] {
  return messages.flatMap(({ bytes }) => [...bytes])
}

/** Without what was said after the last reply. */
function toReply(messages: readonly Message[]): Message[] {
  return messages.slice(0, messages.findLastIndex((message) => replyOf(message) !== undefined) + 1)
}

function lastReply({ messages }: Rig): Reply | undefined {
  return messages.flatMap((message) => replyOf(message) ?? []).at(-1)
}

describe('the line check', () => {
  test('is asked for with a request of its own, whose reply holds nothing else (BOARD-9)', () => {
    const rig = createRig()
    const replies = [...rig.feature(CHECK), ...rig.feature(CHECK)]
    expect(replies.map(({ command, sequence, payload }) => [command, sequence, payload])).toEqual([
      [0x48, 0, []],
      [0x48, 1, []],
    ])
    expect(rig.feature(CHECK, [1])).toMatchObject([{ command: 0x7f, payload: [0x01, CHECK, 1] }])
  })

  test('of the first reply counts from the reset, with the greeting of the board (BOARD-9)', () => {
    const rig = createRig()
    rig.ask([0xf9, 0xff, ...ASK])
    expect(rig.messages).toHaveLength(4)
    expect(lastReply(rig)?.check).toBe(crc16(bytesOf(rig.messages).slice(0, -CHECK_AND_END)))
    rig.uno.reset('external')
    rig.messages.length = 0
    rig.uno.run(60)
    rig.ask(ASK)
    expect(lastReply(rig)?.check).toBe(crc16(bytesOf(rig.messages).slice(0, -CHECK_AND_END)))
  })

  test('covers every report since the reply before, of any kind (BOARD-9)', () => {
    const rig = createRig()
    rig.ask(ASK)
    const said = rig.ask([0xc0, 1, 0xc3, 1, 0xd1, 1, 0xf0, 0x6d, 8, 0xf7], 100)
    said.push(...rig.ask([0xf0, 0x7a, 100, 0, ...ASK]))
    expect(said.length).toBeGreaterThan(10)
    expect(lastReply(rig)?.check).toBe(crc16(bytesOf(toReply(said)).slice(0, -CHECK_AND_END)))
  })

  test('stands in errors and in replies that nobody asked for too (BOARD-9, BOARD-14)', () => {
    const rig = createRig() // which refuses a reply whose check does not hold
    rig.ask([0xf0, 0x78, 0xf7, 0xf0, 0x76, 0x20, 0, 1, 0, 0xf7])
    rig.ask([0xf0, 0x01, 5, 30, 0, 0, 0, 0xf7], 50)
    rig.ask([0xf0, 0x01, 3, 100, 0, 0, 0xf7], 250)
    const commands = rig.messages.flatMap((message) => replyOf(message)?.command ?? [])
    expect(commands).toEqual([0x7f, 0x44, 0x44, 0x43, 0x41, 0x41])
  })

  test('fails when a byte between two replies is lost, added or changed (BOARD-9)', () => {
    const rig = createRig()
    rig.ask(ASK)
    const sent = bytesOf(toReply([...rig.ask([0xc0, 1, 0xc1, 1], 100), ...rig.ask(ASK)]))
    const check = lastReply(rig)?.check
    const counted = sent.slice(0, -CHECK_AND_END)
    expect(crc16(counted)).toBe(check)
    const at = fc.nat({ max: counted.length - 1 })
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 255 }), (i, byte) => {
        fc.pre(counted[i] !== byte)
        expect(crc16(counted.with(i, byte))).not.toBe(check)
        expect(crc16(counted.toSpliced(i, 0, byte))).not.toBe(check)
        expect(crc16(counted.toSpliced(i, 1))).not.toBe(check)
      }),
      { seed: 9, numRuns: 300 },
    )
  })
})

describe('the serial line', () => {
  test('loses no byte that arrives while the board answers, at any phase', () => {
    const rig = createRig()
    const greeting = rig.messages.length
    const nine = Array.from({ length: 9 }, () => ASK).flat()
    for (let i = 0; i < 60; i++) rig.ask(nine, 40.017)
    expect(rig.messages.slice(greeting).map((message) => replyOf(message)?.command)).toEqual(new Array(540).fill(0x48))
  })

  test('keeps 63 bytes while the board is busy, and no more (BOARD-50)', () => {
    const holding: TwoWireDevice = { address: 0x76, start: () => 'hold', write: () => true, read: () => 0 }
    const checksOf = (bytes: readonly number[]): number => {
      const rig = createRig({ twoWire: [holding] })
      rig.ask([0xf0, 0x78, 0xf7])
      rig.ask([0xf0, 0x76, 0x76, 0x08, 0x50, 1, 1, 0, 0xf7], 5)
      const replies = rig.ask(bytes, 100).flatMap((message) => replyOf(message) ?? [])
      expect(replies[0]?.payload).toEqual([0x76, 0x76, 5])
      return replies.length - 1
    }
    const checks = Array.from({ length: 16 }, () => ASK).flat()
    expect(checksOf([0, 0, 0, ...checks.slice(4)])).toBe(15)
    expect(checksOf(checks)).toBe(15)
  })
})
