import { describe, expect, test } from 'vitest'
import { anemometer, flowMeter, MM_PER_TIP, PULSES_PER_LITRE, rainGauge, valveWatch } from '../../src/parts/index.ts'
import { createSite, loadSeattle } from '../../src/world/index.ts'
import { countersOf, createRig, type Rig, toGroups } from '../avr/rig.ts'

const COUNTERS = 0x01
const OPEN_VALVE = 0x05
const CLOSE_VALVE = 0x06

/** What the firmware has counted: rain, wind, flow. */
function counted(rig: Rig): number[] {
  return countersOf(rig.feature(COUNTERS)[0]).map(({ count }) => count)
}

describe('the rain gauge', () => {
  test('tips a recorded day of rain into the firmware, to the tip, however fast the day passes', () => {
    const rig = createRig()
    const site = createSite(loadSeattle(), 2012)
    const dayMs = Date.UTC(2012, 10, 18)
    const gauge = rainGauge({ fallenMm: (ms) => site.rainTotal(dayMs + Math.min(ms * 15_000, 86_399_999)) })
    gauge.connect(rig.uno)
    rig.uno.run(7000)
    const fallenMm = site.rainTotal(dayMs + 86_399_999) - site.rainTotal(dayMs + 60 * 15_000)
    expect(fallenMm).toBeGreaterThan(3)
    expect(counted(rig)).toEqual([Math.floor(fallenMm / MM_PER_TIP), 0, 0])
    expect(gauge.truth.latest('tips')?.value).toBe(gauge.tips())
  })

  test('loses nothing of a cloudburst that is faster than its bucket', () => {
    const rig = createRig()
    const gauge = rainGauge({ fallenMm: (ms) => (ms < 100 ? 0 : 10.5 * MM_PER_TIP) })
    gauge.connect(rig.uno)
    rig.uno.run(3000)
    expect(counted(rig)[0]).toBe(10)
    const times = gauge.truth.entries().map(({ ms }) => ms)
    for (const [i, ms] of times.entries()) expect(ms - (times[i - 1] ?? 0)).toBeGreaterThan(99)
  })

  test('says nothing while it is unplugged, nor while its contact is stuck', () => {
    const rig = createRig()
    const gauge = rainGauge({ fallenMm: (ms) => ms / 1000 })
    gauge.connect(rig.uno)
    gauge.fail('unplugged')
    rig.uno.run(900)
    expect(gauge.tips()).toBe(3)
    expect(counted(rig)[0]).toBe(0)
    expect(gauge.truth.entries()).toEqual([])
    gauge.fail('stuck')
    rig.uno.run(600)
    expect(counted(rig)[0]).toBe(1) // the one edge of its getting stuck, which no counter can tell from a tip
  })
})

describe('the anemometer', () => {
  test('closes 15 times a second at 10 m/s, and not like a clock', () => {
    const rig = createRig()
    const cups = anemometer({ windSpeed: () => 10 })
    cups.connect(rig.uno)
    let before = 0
    for (let second = 1; second <= 3; second++) {
      rig.uno.run(1000 - 20)
      const count = counted(rig)[1] ?? 0
      expect(Math.abs(count - before - 15)).toBeLessThanOrEqual(1)
      before = count
    }
    expect(Math.abs(before - 45)).toBeLessThanOrEqual(1)
    const times = cups.truth.entries().map(({ ms }) => ms)
    const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThan(66.667 * 0.91)
    expect(Math.max(...gaps)).toBeLessThan(66.667 * 1.09)
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(1)
  })

  test.each([0, 0.5, 3, 75])('is counted exactly at %d m/s', (speed) => {
    const rig = createRig()
    const startMs = rig.uno.nowMs()
    const cups = anemometer({ windSpeed: (ms) => (ms < startMs + 1500 ? speed : 0) })
    cups.connect(rig.uno)
    rig.uno.run(1700)
    expect(counted(rig)[1]).toBe(cups.closures())
    expect(Math.abs(cups.closures() - (1.5 * speed * 3.6) / 2.4)).toBeLessThanOrEqual(4)
  })

  test('follows a wind that rises and falls, and its turns are the integral of it', () => {
    const rig = createRig()
    const cups = anemometer({ windSpeed: (ms) => 10 + 8 * Math.sin(ms / 300) })
    cups.connect(rig.uno)
    const startMs = rig.uno.nowMs()
    rig.uno.run(2500)
    const path = (ms: number): number => (10 * ms - 8 * 300 * Math.cos(ms / 300)) / 1000
    const turns = (path(rig.uno.nowMs()) - path(startMs)) / (2.4 / 3.6)
    expect(Math.abs(cups.closures() - turns)).toBeLessThanOrEqual(1.2)
  })
})

describe('the flow meter', () => {
  const setUp = (): { readonly rig: Rig; readonly meter: ReturnType<typeof flowMeter> } => {
    const rig = createRig()
    const meter = flowMeter({ litresPerMinute: () => 12 })
    meter.connect(rig.uno)
    return { rig, meter }
  }

  test('gives 450 pulses a litre while the valve is open, after a run-up, and stops after it', () => {
    const { rig, meter } = setUp()
    const watch = valveWatch()
    watch.connect(rig.uno)
    rig.uno.run(300)
    expect(meter.litres()).toBe(0)
    rig.feature(OPEN_VALVE, toGroups(1500, 4))
    rig.uno.run(2500)
    const [turn] = watch.turns()
    const openMs = (turn?.closedMs ?? 0) - (turn?.openedMs ?? 0)
    expect(Math.abs(openMs - 1500)).toBeLessThanOrEqual(1)
    // As much is missing in the run-up as comes after the end.
    expect(Math.abs(meter.litres() - (12 * openMs) / 60_000) * PULSES_PER_LITRE).toBeLessThanOrEqual(1.5)
    expect(counted(rig)[2]).toBe(Math.round(meter.litres() * PULSES_PER_LITRE))
    expect(meter.truth.latest('pulses')?.value).toBe(counted(rig)[2])
    const [first, last] = [meter.truth.entries()[0], meter.truth.latest('pulses')]
    expect((first?.ms ?? 0) - (turn?.openedMs ?? 0)).toBeGreaterThan(40)
    expect((last?.ms ?? 0) - (turn?.closedMs ?? 0)).toBeLessThan(200)
  })

  test('says nothing without pressure, or jammed, when the water still flows, and leaks behind a closed valve', () => {
    const { rig, meter } = setUp()
    meter.fail('no-pressure')
    rig.feature(OPEN_VALVE, toGroups(60_000, 4))
    rig.uno.run(400)
    expect(meter.litres()).toBe(0)
    meter.fail('jammed')
    rig.uno.run(400)
    expect(meter.litres()).toBeGreaterThan(0.07)
    expect(counted(rig)[2]).toBe(0)
    rig.feature(CLOSE_VALVE)
    rig.uno.run(300)
    const before = meter.litres()
    meter.fail('leak')
    rig.uno.run(1000)
    expect(Math.abs((meter.litres() - before) * PULSES_PER_LITRE - 9)).toBeLessThanOrEqual(1.5)
    expect(counted(rig)[2]).toBe(meter.truth.latest('pulses')?.value)
  })
})

test('a valve watch sees the pin, and what is still open', () => {
  const rig = createRig()
  const watch = valveWatch()
  watch.connect(rig.uno)
  rig.feature(OPEN_VALVE, toGroups(100, 4), 50)
  expect(watch.isOpen()).toBe(true)
  expect(watch.turns()[0]?.closedMs).toBeUndefined()
  rig.uno.run(100)
  rig.feature(OPEN_VALVE, toGroups(100, 4), 50)
  rig.uno.reset('external')
  expect(watch.isOpen()).toBe(false)
  expect(watch.turns().map(({ closedMs }) => closedMs !== undefined)).toEqual([true, true])
})
