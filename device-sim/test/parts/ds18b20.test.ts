import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc8, type Ds18b20Options, ds18b20, ds18b20Rom } from '../../src/parts/ds18b20.ts'

const CONVERT = 0x44
const WRITE_SCRATCHPAD = 0x4e
const READ_SCRATCHPAD = 0xbe
const READ_POWER_SUPPLY = 0xb4

/** A thermometer in the hand: one command, and as many bytes as are wanted. */
function inHand(options: Partial<Ds18b20Options>): {
  ask: (command: number, bytes?: number, data?: readonly number[]) => (number | null)[]
  passMs: (ms: number) => void
  device: ReturnType<typeof ds18b20>
} {
  let ms = 0
  const device = ds18b20({ rom: ds18b20Rom(1), celsius: () => 20, nowMs: () => ms, ...options })
  return {
    device,
    passMs: (more) => {
      ms += more
    },
    ask: (command, bytes = 0, data = []) => {
      if (device.present()) device.reset()
      for (const byte of [command, ...data]) device.command(byte)
      return Array.from({ length: bytes }, () => device.read())
    },
  }
}

function celsiusOf(pad: readonly (number | null)[]): number {
  const bytes = pad.map((byte) => byte ?? 0xff)
  expect(crc8(bytes.slice(0, 8))).toBe(bytes[8])
  return ((((bytes[1] ?? 0) << 24) >> 16) | (bytes[0] ?? 0)) / 16
}

describe('a DS18B20', () => {
  test('has an address with its family and a CRC-8', () => {
    // The address of Maxim's application note 27.
    expect(crc8([0x02, 0x1c, 0xb8, 0x01, 0x00, 0x00, 0x00])).toBe(0xa2)
    const rom = ds18b20Rom(0x0102_0304_0506)
    expect([...rom.subarray(0, 7)]).toEqual([0x28, 6, 5, 4, 3, 2, 1])
    expect(crc8([...rom])).toBe(0)
  })

  test('says what it measures to a sixteenth of a degree, from -55 to 125 Cel', () => {
    fc.assert(
      fc.property(fc.double({ min: -60, max: 130, noNaN: true }), (celsius) => {
        const { ask, passMs } = inHand({ celsius: () => celsius })
        ask(CONVERT)
        passMs(750)
        const clamped = Math.min(Math.max(celsius, -55), 125)
        expect(Math.abs(celsiusOf(ask(READ_SCRATCHPAD, 9)) - clamped)).toBeLessThanOrEqual(1 / 32)
      }),
      { seed: 18, numRuns: 100 },
    )
  })

  test('has 85 Cel until its first conversion is over, and says meanwhile that it is busy', () => {
    const { ask, passMs, device } = inHand({})
    expect(celsiusOf(ask(READ_SCRATCHPAD, 9))).toBe(85)
    expect(ask(CONVERT, 1)).toEqual([0])
    passMs(749)
    expect(device.read()).toBe(0)
    expect(celsiusOf(ask(READ_SCRATCHPAD, 9))).toBe(85)
    passMs(1)
    expect(celsiusOf(ask(READ_SCRATCHPAD, 9))).toBe(20)
    expect(device.truth.entries().map(({ ms, value }) => [ms, value])).toEqual([
      [0, 85],
      [749, 85],
      [750, 20],
    ])
  })

  test('converts in half the time for every bit less', () => {
    const { ask, passMs } = inHand({ celsius: () => 20.3 })
    ask(WRITE_SCRATCHPAD, 0, [1, 2, 0x1f])
    ask(CONVERT)
    passMs(93)
    expect(celsiusOf(ask(READ_SCRATCHPAD, 9))).toBe(85)
    passMs(0.75)
    expect(ask(READ_SCRATCHPAD, 5)).toEqual([0x40, 1, 1, 2, 0x1f])
  })

  test('starts anew when it was unplugged', () => {
    let isPlugged = true
    const { ask, passMs } = inHand({ present: () => isPlugged })
    ask(CONVERT)
    passMs(750)
    isPlugged = false
    ask(READ_SCRATCHPAD)
    isPlugged = true
    expect(celsiusOf(ask(READ_SCRATCHPAD, 9))).toBe(85)
  })

  test('is read with a wrong CRC over a bad cable, and says that it has a supply', () => {
    const { ask } = inHand({ corrupt: () => true })
    const pad = ask(READ_SCRATCHPAD, 9).map((byte) => byte ?? 0xff)
    expect(crc8(pad.slice(0, 8))).not.toBe(pad[8])
    expect(ask(READ_POWER_SUPPLY, 1)).toEqual([0xff])
  })
})
