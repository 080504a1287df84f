import { describe, expect, test } from 'vitest'
import type { TwoWireDevice } from '../../src/avr/index.ts'
import { createRig, replyOf } from './rig.ts'

const CONFIG = [0xf0, 0x78, 0, 0, 0xf7]
const ADDRESS = 0x76

/** A device with 256 registers, register r holding r xor 0xa5; the first byte written is the register. */
function registers(address: number): TwoWireDevice & { readonly memory: Uint8Array } {
  const memory = Uint8Array.from({ length: 256 }, (_, r) => r ^ 0xa5)
  let pointer = 0
  let named = false
  return {
    address,
    memory,
    start: (write) => {
      if (write) named = false
      return 'ack'
    },
    write: (byte) => {
      if (named) memory[pointer++ & 0xff] = byte
      else pointer = byte
      named = true
      return true
    },
    read: () => memory[pointer++ & 0xff] ?? 0,
  }
}

const pairs = (...bytes: number[]): number[] => bytes.flatMap((byte) => [byte & 0x7f, byte >> 7])
const request = (mode: number, ...bytes: number[]): number[] => [0xf0, 0x76, ADDRESS, mode, ...pairs(...bytes), 0xf7]
const reply = (register: number, ...bytes: number[]): number[] => [
  ...[0xf0, 0x77, ...pairs(ADDRESS), ...pairs(register)],
  ...[...pairs(...bytes), 0xf7],
]

describe('I2C', () => {
  test.each([
    ['with a stop between', 0x08],
    ['with a repeated start', 0x48],
  ])('reads registers once, %s, up to 32 bytes (BOARD-30)', (_, mode) => {
    const rig = createRig({ twoWire: [registers(ADDRESS)] })
    rig.ask(CONFIG)
    expect(rig.ask(request(mode, 0xd0, 1)).map(({ bytes }) => bytes)).toEqual([reply(0xd0, 0x75)])
    const all = Array.from({ length: 32 }, (_, i) => (0x80 + i) ^ 0xa5)
    expect(rig.ask(request(mode, 0x80, 32), 40).map(({ bytes }) => bytes)).toEqual([reply(0x80, ...all)])
  })

  test('writes, and reads on without naming a register (BOARD-30)', () => {
    const device = registers(ADDRESS)
    const rig = createRig({ twoWire: [device] })
    rig.ask(CONFIG)
    expect(rig.ask(request(0x00, 0x10, 0xff, 0x01))).toEqual([])
    expect([device.memory[0x10], device.memory[0x11]]).toEqual([0xff, 0x01])
    rig.ask(request(0x00, 0x10))
    expect(rig.ask(request(0x08, 2)).map(({ bytes }) => bytes)).toEqual([reply(0, 0xff, 0x01)])
  })

  test.each([
    ['a device that does not answer', request(0x08, 0xd0, 1), 4],
    ['a write that nobody acknowledges', request(0x00, 1, 2), 4],
    ['a continuous read', request(0x10, 0xd0, 1), 2],
    ['a 10-bit address', request(0x28, 0xd0, 1), 2],
    ['a read of 0 bytes', request(0x08, 0xd0, 0), 3],
    ['a read of 33 bytes', request(0x08, 0xd0, 33), 3],
    ['a read without a count', request(0x08), 1],
    ['half a pair', [0xf0, 0x76, ADDRESS, 0x08, 1, 0xf7], 1],
  ])('answers %s with its error, and no data (BOARD-30, BOARD-31)', (_, bytes, code) => {
    const rig = createRig()
    rig.ask(CONFIG)
    expect(rig.ask(bytes, 40).map(replyOf)).toMatchObject([{ command: 0x7f, payload: [0x76, ADDRESS, code] }])
  })

  test("refuses a request before the bus is configured, and after Firmata's reset (BOARD-30)", () => {
    const rig = createRig({ twoWire: [registers(ADDRESS)] })
    const refused = [{ command: 0x7f, payload: [0x76, ADDRESS, 2] }]
    expect(rig.ask(request(0x08, 0xd0, 1)).map(replyOf)).toMatchObject(refused)
    rig.ask([...CONFIG, 0xff])
    expect(rig.ask(request(0x08, 0xd0, 1)).map(replyOf)).toMatchObject(refused)
  })

  test('gives up on a bus that a device holds, and goes on with everything else (BOARD-31)', () => {
    const holding: TwoWireDevice = { address: ADDRESS, start: () => 'hold', write: () => true, read: () => 0 }
    const rig = createRig({ twoWire: [holding] })
    rig.ask(CONFIG)
    const timedOut = [{ command: 0x7f, payload: [0x76, ADDRESS, 5] }]
    expect(rig.ask(request(0x08, 0xd0, 1), 100).map(replyOf)).toMatchObject(timedOut)
    expect(rig.feature(0)).toHaveLength(1)
    expect(rig.ask([], 2500)).toEqual([])
    expect(rig.feature(0)[0]?.payload[22]).toBe(1)
  })
})
