import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUno } from '../../src/avr/index.ts'
import { hearAt, RATE_TOLERANCE } from '../../src/avr/uart.ts'
import { DEAF, SLEEPER } from './programs.ts'

const RATES = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200]
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 })
const RUNS = { seed: 57_600, numRuns: 300 }

/** Bytes that were heard without a framing error. */
function whole(sent: Uint8Array, senderBps: number, receiverBps: number): number[] {
  return hearAt(sent, senderBps, receiverBps).flatMap(({ byte, framed }) => (framed ? [byte] : []))
}

describe('a UART', () => {
  test('hears what was sent at its own rate, and at any within 3 %', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.constantFrom(...RATES),
        fc.double({ min: -RATE_TOLERANCE, max: RATE_TOLERANCE, noNaN: true }),
        (sent, bps, off) => {
          expect(whole(sent, bps * (1 + off), bps)).toEqual([...sent])
        },
      ),
      RUNS,
    )
  })

  test('never hears what was sent at another rate', () => {
    const others = fc.uniqueArray(fc.constantFrom(...RATES), { minLength: 2, maxLength: 2 })
    fc.assert(
      fc.property(bytes, others, (sent, [senderBps = 0, receiverBps = 0]) => {
        expect(whole(sent, senderBps, receiverBps)).not.toEqual([...sent])
      }),
      RUNS,
    )
  })

  test.each([
    [
      'twice as fast, each bit is two',
      [0x55],
      57_600,
      115_200,
      [
        [0x66, false],
        [0xe6, true],
      ],
    ],
    ['half as fast, a start bit alone is none', [0xff, 0xff], 115_200, 57_600, []],
    ['twice as fast, zeros are one long break', [0x00], 57_600, 115_200, [[0x00, false]]],
  ] as const)('%s', (_, sent, senderBps, receiverBps, want) => {
    const heard = hearAt(Uint8Array.from(sent), senderBps, receiverBps)
    expect(heard.map(({ byte, framed }) => [byte, framed])).toEqual(want)
  })

  test('hears bytes in the order of time, each after the one before is over', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(...RATES), fc.constantFrom(...RATES), (sent, senderBps, receiverBps) => {
        const times = hearAt(sent, senderBps, receiverBps).map(({ at }) => at)
        for (const [i, at] of times.entries()) {
          expect(at - (times[i - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(9.4 / receiverBps)
        }
      }),
      RUNS,
    )
  })
})

describe('the line of an emulated Uno', () => {
  /** What comes back from a program that echoes at 57600 bit/s, when the host speaks and hears at another rate. */
  function echo(sent: readonly number[], hostBps: number): number[] {
    const uno = createUno({ hex: SLEEPER, baudRateBps: hostBps })
    const heard: number[] = []
    uno.onSerial(({ byte }) => heard.push(byte))
    uno.run(1)
    for (const byte of sent) {
      uno.send(Uint8Array.of(byte))
      uno.run(25)
    }
    return heard
  }

  test('carries every byte whole at the rate of the program', () => {
    const all = Array.from({ length: 256 }, (_, i) => i)
    expect(echo(all, 57_600)).toEqual(all)
  })

  test.each([1200, 9600, 38_400, 115_200])('garbles both directions at %i bit/s', (bps) => {
    const sent = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) & 0xff)
    const heard = echo(sent, bps)
    // What comes back from far below is too short for a start bit.
    expect(heard.length > 0).toBe(bps > 1200)
    expect(heard).not.toEqual(sent)
  })

  test('is understood again when the host changes to the right rate', () => {
    const uno = createUno({ hex: SLEEPER, baudRateBps: 9600 })
    const heard: number[] = []
    uno.onSerial(({ byte }) => heard.push(byte))
    uno.run(1)
    uno.send(Uint8Array.of(0x12, 0x34))
    uno.run(25)
    heard.length = 0
    uno.setBaudRate(57_600)
    uno.send(Uint8Array.of(0x12, 0x34))
    uno.run(5)
    expect(heard).toEqual([0x12, 0x34])
  })

  test('gives the host a cut byte when the chip is reset in the middle of it: the line goes high', () => {
    const uno = createUno({ hex: SLEEPER })
    const heard: number[] = []
    uno.onSerial(({ byte }) => heard.push(byte))
    uno.run(1)
    uno.send(Uint8Array.of(0x00))
    uno.run(0.26)
    uno.reset('external')
    uno.run(5)
    expect(heard).toHaveLength(1)
    expect([0x80, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc]).toContain(heard[0])
  })

  test('keeps two bytes that the program has not read, and loses the third', () => {
    const uno = createUno({ hex: DEAF, baudRateBps: 58_823 })
    uno.run(1)
    uno.send(Uint8Array.of(1, 2, 3, 4))
    uno.run(2)
    expect(uno.lostBytes()).toBe(2)
  })
})
