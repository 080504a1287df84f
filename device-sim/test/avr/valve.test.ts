import { describe, expect, test } from 'vitest'
import type { PinChange } from '../../src/avr/index.ts'
import { COUNTER_PINS, createRig, type Rig, toGroups, VALVE_PIN, valveOf } from './rig.ts'

const VALVE = 0x04
const OPEN = 0x05
const CLOSE = 0x06
const MAX_MS = 3_600_000
const STATE = { never: 0, host: 1, timeOver: 2, reset: 3, open: 4 }

function watchValve(rig: Rig): PinChange[] {
  const changes: PinChange[] = []
  rig.uno.onPin(VALVE_PIN, (change) => changes.push(change))
  return changes
}

describe('the valve', () => {
  test('is low from the first instruction on, and says that it was never opened (BOARD-10)', () => {
    const rig = createRig({}, 0)
    const changes = watchValve(rig)
    rig.uno.run(60)
    expect(changes).toEqual([])
    expect(valveOf(rig.feature(VALVE)[0])).toEqual({ level: 0, remainingMs: 0, state: STATE.never })
  })

  test.each([1, 2, 250, 700])(
    'opened for %i ms is closed by the board while the host is silent, never later (BOARD-11)',
    (maxMs) => {
      const rig = createRig()
      const changes = watchValve(rig)
      rig.feature(OPEN, toGroups(maxMs, 4), maxMs + 30)
      const [opened, closed] = changes
      expect(changes.map(({ level }) => level)).toEqual([true, false])
      const openForMs = (closed?.ms ?? 0) - (opened?.ms ?? 0)
      expect(openForMs).toBeLessThanOrEqual(maxMs)
      expect(openForMs).toBeGreaterThan(maxMs - 1.1)
    },
  )

  test('says by itself that its time is over (BOARD-14)', () => {
    const rig = createRig()
    const [opened, closed, ...more] = rig.feature(OPEN, toGroups(300, 4), 400)
    expect(valveOf(opened)).toEqual({ level: 1, remainingMs: 300, state: STATE.open })
    expect(valveOf(closed)).toEqual({ level: 0, remainingMs: 0, state: STATE.timeOver })
    expect(more).toEqual([])
  })

  test('is closed on time although garbage floods the line (BOARD-11, BOARD-3)', () => {
    const rig = createRig()
    const changes = watchValve(rig)
    rig.uno.send(Uint8Array.from([0xf0, 1, OPEN, ...toGroups(200, 4), 0xf7]))
    rig.uno.send(Uint8Array.from({ length: 1500 }, (_, i) => (i % 4 === 0 ? 0xf0 : i % 4 === 3 ? 0xf7 : 1)))
    rig.uno.run(300)
    expect((changes[1]?.ms ?? 0) - (changes[0]?.ms ?? 0)).toBeLessThanOrEqual(200)
  })

  test('is closed on time although all counters bounce, at every phase of the clock (BOARD-11, BOARD-21)', () => {
    const rig = createRig()
    const { uno } = rig
    const openMs: number[] = []
    uno.onPin(VALVE_PIN, ({ level, ms }) => openMs.push(level ? -ms : (openMs.pop() ?? 0) + ms))
    const bounce = (): void => {
      for (const pin of COUNTER_PINS) uno.setPin(pin, !uno.level(pin))
      uno.at(uno.nowMs() + 0.0707, bounce)
    }
    bounce()
    for (let i = 0; i < 100; i++) rig.ask([0xf0, 1, OPEN, ...toGroups(2, 4), 0xf7], 12.01)
    expect(openMs).toHaveLength(100)
    expect(Math.max(...openMs)).toBeLessThanOrEqual(2)
    expect(Math.min(...openMs)).toBeGreaterThan(0.8)
  })

  test('is closed by the host before its time, and can be opened again', () => {
    const rig = createRig()
    rig.feature(OPEN, toGroups(60_000, 4))
    expect(rig.uno.level(VALVE_PIN)).toBe(true)
    expect(valveOf(rig.feature(CLOSE)[0])).toEqual({ level: 0, remainingMs: 0, state: STATE.host })
    expect(rig.uno.level(VALVE_PIN)).toBe(false)
    rig.feature(OPEN, toGroups(60_000, 4))
    expect(rig.uno.level(VALVE_PIN)).toBe(true)
  })

  test("is closed by Firmata's reset (BOARD-10)", () => {
    const rig = createRig()
    rig.feature(OPEN, toGroups(60_000, 4))
    rig.ask([0xff])
    expect(rig.uno.level(VALVE_PIN)).toBe(false)
    expect(valveOf(rig.feature(VALVE)[0])).toEqual({ level: 0, remainingMs: 0, state: STATE.reset })
  })

  test.each(['external', 'power'] as const)('is closed by a reset of the chip: %s (BOARD-10)', (cause) => {
    const rig = createRig()
    rig.feature(OPEN, toGroups(60_000, 4))
    const changes = watchValve(rig)
    const { nowMs } = rig.uno
    const atMs = nowMs()
    rig.uno.reset(cause)
    rig.uno.run(100)
    expect(changes).toEqual([{ pin: VALVE_PIN, level: false, ms: atMs }])
    expect(valveOf(rig.feature(VALVE)[0])).toEqual({ level: 0, remainingMs: 0, state: STATE.never })
  })

  test('takes a new time while it is open, but is never open longer than an hour in one piece (BOARD-12)', () => {
    const rig = createRig()
    rig.feature(OPEN, toGroups(MAX_MS, 4), 500)
    const again = valveOf(rig.feature(OPEN, toGroups(MAX_MS, 4))[0])
    expect(again.remainingMs).toBeGreaterThan(MAX_MS - 520)
    expect(again.remainingMs).toBeLessThan(MAX_MS - 480)
    expect(valveOf(rig.feature(OPEN, toGroups(100, 4))[0]).remainingMs).toBe(100)
    rig.uno.run(110)
    expect(rig.uno.level(VALVE_PIN)).toBe(false)
  })

  test.each([0, MAX_MS + 1, 2 ** 28 - 1])('refuses %i ms and stays as it is (BOARD-8)', (ms) => {
    const rig = createRig()
    const [refused] = rig.feature(OPEN, toGroups(ms, 4))
    expect(refused).toMatchObject({ command: 0x7f, payload: [0x01, OPEN, 3] })
    expect(rig.uno.level(VALVE_PIN)).toBe(false)
    rig.feature(OPEN, toGroups(1000, 4))
    rig.feature(OPEN, toGroups(ms, 4))
    expect(rig.uno.level(VALVE_PIN)).toBe(true)
  })

  test('is out of reach for Firmata (BOARD-4)', () => {
    const rig = createRig()
    const said = rig.ask([0xf4, VALVE_PIN, 1, 0xf5, VALVE_PIN, 1, 0x90, 0x7f, 0x01])
    expect(rig.uno.level(VALVE_PIN)).toBe(false)
    rig.feature(OPEN, toGroups(5000, 4))
    said.push(...rig.ask([0xf4, VALVE_PIN, 0, 0xf5, VALVE_PIN, 0, 0x90, 0, 0]))
    expect(rig.uno.level(VALVE_PIN)).toBe(true)
    expect(said).toEqual([])
  })
})
