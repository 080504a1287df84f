import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COUNTER_PINS, countersOf, createRig, type Rig, toGroups } from './rig.ts'

const COUNTERS = 0x01
const SET_DEBOUNCE = 0x02
const REPORT_EVERY = 0x03
const DEFAULTS_US = [50_000, 2000, 500]

/** A contact: closed at `atMs` for `closedMs`, with bounces (ms after the edge, in pairs of flips) at both edges. */
interface Contact {
  readonly atMs: number
  readonly closedMs: number
  readonly bouncesMs?: readonly number[]
}

function contact({ uno }: Rig, pin: number, { atMs, closedMs, bouncesMs = [] }: Contact): void {
  for (const [edgeMs, level] of [
    [atMs, false],
    [atMs + closedMs, true],
  ] as const) {
    uno.at(edgeMs, () => uno.setPin(pin, level))
    for (const [i, offsetMs] of bouncesMs.entries()) {
      uno.at(edgeMs + offsetMs, () => uno.setPin(pin, i % 2 === 0 ? !level : level))
    }
  }
}

function counts(rig: Rig): number[] {
  return countersOf(rig.feature(COUNTERS)[0]).map(({ count }) => count)
}

describe('the counters', () => {
  test('start at 0 with the debounce times of the specification (BOARD-22)', () => {
    const rig = createRig()
    expect(countersOf(rig.feature(COUNTERS)[0])).toEqual(DEFAULTS_US.map((debounceUs) => ({ count: 0, debounceUs })))
  })

  test('count all three lines at once, each at its own rate, while the line to the host is busy (BOARD-21)', () => {
    const rig = createRig()
    const startMs = rig.uno.nowMs()
    for (let i = 0; i < 6; i++) contact(rig, 2, { atMs: startMs + 10 + i * 160, closedMs: 70 })
    for (let i = 0; i < 90; i++) contact(rig, 3, { atMs: startMs + 1 + i * 11, closedMs: 4 })
    for (let i = 0; i < 400; i++) contact(rig, 4, { atMs: startMs + 1 + i * 2.4, closedMs: 1.2 })
    const request = [0xf0, 1, COUNTERS, 0xf7]
    rig.ask(Array.from({ length: 90 }, () => request).flat(), 1050)
    expect(counts(rig)).toEqual([6, 90, 400])
    expect(rig.uno.lostBytes()).toBe(0)
  })

  test.each([1, 2, 3, 5, 8, 12])('count a contact that is closed for %i µs only (BOARD-20)', (us) => {
    const rig = createRig()
    const startMs = rig.uno.nowMs()
    for (const pin of COUNTER_PINS) {
      for (let i = 0; i < 10; i++) contact(rig, pin, { atMs: startMs + 5 + i * 60 + pin / 7, closedMs: us / 1000 })
    }
    rig.uno.run(700)
    expect(counts(rig)).toEqual([10, 10, 10])
  })

  test('count a contact once that bounces while it closes and while it opens (BOARD-20)', () => {
    const rig = createRig()
    const startMs = rig.uno.nowMs()
    const bouncesMs = [0.05, 0.12, 0.2, 0.31, 0.45, 0.46]
    for (const pin of COUNTER_PINS) {
      for (let i = 0; i < 3; i++) contact(rig, pin, { atMs: startMs + 5 + i * 150, closedMs: 60, bouncesMs })
    }
    rig.uno.run(500)
    expect(counts(rig)).toEqual([3, 3, 3])
  })

  test('count every bounce when the debounce time is 0 (BOARD-20)', () => {
    const rig = createRig()
    for (const i of COUNTER_PINS.keys()) rig.feature(SET_DEBOUNCE, [i, 0, 0, 0])
    const startMs = rig.uno.nowMs()
    for (const pin of COUNTER_PINS) contact(rig, pin, { atMs: startMs + 5, closedMs: 60, bouncesMs: [0.1, 0.2] })
    rig.uno.run(80)
    expect(counts(rig)).toEqual([3, 3, 3])
  })

  test('count any train of contacts exactly, with any bounce shorter than the debounce time (BOARD-20)', () => {
    const bounce = fc.array(fc.integer({ min: 20, max: 400 }), { maxLength: 3 }).map((gapsUs) => {
      let us = 0
      const even = gapsUs.length % 2 === 0 ? gapsUs : gapsUs.slice(1)
      return even.map((gapUs) => {
        us += gapUs
        return us / 1000
      })
    })
    const train = fc.array(fc.record({ closedUs: fc.integer({ min: 3500, max: 9000 }), bouncesMs: bounce }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(fc.tuple(train, train, train), (trains) => {
        const rig = createRig()
        for (const i of COUNTER_PINS.keys()) rig.feature(SET_DEBOUNCE, [i, ...toGroups(2000, 3)], 5)
        for (const [i, contacts] of trains.entries()) {
          let atMs = rig.uno.nowMs() + 3
          for (const { closedUs, bouncesMs } of contacts) {
            contact(rig, COUNTER_PINS[i] ?? -1, { atMs, closedMs: closedUs / 1000, bouncesMs })
            atMs += closedUs / 1000 + 4.5
          }
        }
        rig.uno.run(120)
        expect(counts(rig)).toEqual(trains.map((contacts) => contacts.length))
      }),
      { seed: 8, numRuns: 12 },
    )
  })

  test('report by themselves at the interval that was asked for, and stop (BOARD-5)', () => {
    const rig = createRig()
    const replies = rig.feature(REPORT_EVERY, toGroups(100, 3), 1015)
    expect(replies[0]).toMatchObject({ command: 0x43, payload: toGroups(100, 3) })
    const times = replies.slice(1).map(({ boardMs }) => boardMs - (replies[0]?.boardMs ?? 0))
    expect(times).toHaveLength(10)
    for (const [i, ms] of times.entries()) expect(Math.abs(ms - 100 * (i + 1))).toBeLessThanOrEqual(1)
    rig.feature(REPORT_EVERY, [0, 0, 0])
    expect(rig.ask([], 300)).toEqual([])
    rig.feature(REPORT_EVERY, toGroups(100, 3))
    rig.ask([0xff])
    expect(rig.ask([], 300)).toEqual([])
  })

  test.each([
    ['a counter that is none', SET_DEBOUNCE, [3, 0, 0, 0]],
    ['a debounce time over 2 s', SET_DEBOUNCE, [0, ...toGroups(2_000_001, 3)]],
    ['an interval under 100 ms', REPORT_EVERY, toGroups(99, 3)],
  ])('refuse %s (BOARD-8)', (_, command, payload) => {
    const rig = createRig()
    const before = countersOf(rig.feature(COUNTERS)[0])
    expect(rig.feature(command, payload)).toMatchObject([{ command: 0x7f, payload: [0x01, command, 3] }])
    expect(rig.ask([], 250)).toEqual([])
    expect(countersOf(rig.feature(COUNTERS)[0])).toEqual(before)
  })

  test("keep counts and debounce times over Firmata's reset, and lose both with the chip's (BOARD-22)", () => {
    const rig = createRig()
    rig.feature(SET_DEBOUNCE, [1, ...toGroups(7000, 3)])
    contact(rig, 3, { atMs: rig.uno.nowMs() + 10, closedMs: 20 })
    rig.uno.run(50)
    rig.ask([0xff])
    expect(countersOf(rig.feature(COUNTERS)[0])[1]).toEqual({ count: 1, debounceUs: 7000 })
    rig.uno.reset('external')
    rig.uno.run(60)
    expect(countersOf(rig.feature(COUNTERS)[0])[1]).toEqual({ count: 0, debounceUs: 2000 })
  })
})
