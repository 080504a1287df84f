import { describe, expect, test } from 'vitest'
import { createUno, type SleepMode, type Uno } from '../../src/avr/index.ts'
import { SLEEPER } from './programs.ts'
import { HEX } from './rig.ts'

interface Traced {
  readonly uno: Uno
  readonly trace: string[]
}

/** Everything that is heard from a board, with its times. */
function traced(hex: string, sleep: SleepMode): Traced {
  const uno = createUno({ hex, sleep })
  const trace: string[] = []
  uno.onSerial(({ byte, ms }) => trace.push(`byte ${byte} at ${ms}`))
  for (const pin of [4, 7, 12, 13]) uno.onPin(pin, ({ level, ms }) => trace.push(`pin ${pin} ${level} at ${ms}`))
  return { uno, trace }
}

/** Asks for reports, and disturbs the board at odd times. */
function disturb({ uno }: Traced): void {
  uno.at(70.01, () => uno.send(Uint8Array.of(0xc0, 1, 0xd1, 1, 0xf0, 1, 3, 100, 0, 0, 0xf7)))
  uno.at(300.123, () => uno.send(Uint8Array.of(0xf0, 1, 5, 100, 1, 0, 0, 0xf7)))
  for (let i = 0; i < 60; i++) {
    uno.at(80 + i * 13.37, () => uno.setPin(4, i % 2 === 0))
    uno.at(81 + i * 11.71, () => uno.setAnalog(0, (i % 10) / 2))
  }
  uno.at(900.5, () => uno.reset('external'))
}

describe('sleeping changes no byte and no cycle', () => {
  test.each([
    ['a program with two timers and the serial line', SLEEPER],
    ['the firmware', HEX],
  ])('of %s', (_, hex) => {
    const [jumped, stepped] = (['jump', 'step'] as const).map((mode) => {
      const board = traced(hex, mode)
      disturb(board)
      board.uno.run(1200)
      return board.trace
    })
    expect(stepped?.length).toBeGreaterThan(200)
    expect(jumped).toEqual(stepped)
  })

  test('however the time is cut into runs', () => {
    const whole = traced(SLEEPER, 'jump')
    const cut = traced(SLEEPER, 'jump')
    whole.uno.run(60)
    for (let i = 0; i < 600; i++) cut.uno.run(0.1)
    expect(cut.trace.slice(0, 500)).toEqual(whole.trace.slice(0, 500))
  })
})

describe('a sleeping chip', () => {
  test('loses no tick of its timers', () => {
    const { uno, trace } = traced(SLEEPER, 'jump')
    uno.run(1024)
    const overflows = trace.filter((line) => line.startsWith('pin 13'))
    const matches = trace.filter((line) => line.startsWith('pin 12'))
    expect(overflows.length).toBe(999)
    // Two in 510 ticks of 8 cycles; the first is missed, because the compare value is taken over at the first top.
    expect(matches.length).toBe(Math.floor((1024 * 16_000 * 2) / (510 * 8)) - 1)
  })

  test('wakes up for a byte and sends it back', () => {
    const { uno, trace } = traced(SLEEPER, 'jump')
    uno.at(10, () => uno.send(Uint8Array.of(0x42)))
    uno.run(11)
    expect(trace.filter((line) => line.startsWith('byte'))).toEqual([expect.stringMatching(/^byte 66 at 10\.3/)])
  })
})
