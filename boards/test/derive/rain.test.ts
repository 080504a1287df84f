import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RainGauge } from '../../src/derive/index.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
/** Midnight UTC of some day. */
const MIDNIGHT = 20_000 * DAY
const gauge = (utcOffsetMinutes = 0, more: object = {}) =>
  new RainGauge({ utcOffsetMinutes, mmPerTip: 0.2794, ...more })

describe('the rain of a day', () => {
  it('is the sum of its tips, and begins anew at local midnight', () => {
    const rain = gauge(120)
    const localMidnight = MIDNIGHT + DAY - 2 * HOUR
    rain.add(localMidnight - HOUR, null)
    expect(rain.add(localMidnight - MINUTE, 10).todayMm).toBeCloseTo(2.794, 9)
    expect(rain.add(localMidnight - 1, 1).todayMm).toBeCloseTo(3.0734, 9)
    expect(rain.add(localMidnight, 0).todayMm).toBe(0)
    expect(rain.add(localMidnight + 2 * HOUR, 2).todayMm).toBeCloseTo(0.5588, 9)
  })

  it('has its midnight west of Greenwich, too', () => {
    const rain = gauge(-210)
    rain.add(MIDNIGHT, 1)
    expect(rain.add(MIDNIGHT + 210 * MINUTE - 1, 1).todayMm).toBeCloseTo(0.5588, 9)
    expect(rain.add(MIDNIGHT + 210 * MINUTE, 1).todayMm).toBeCloseTo(0.2794, 9)
  })

  it('says how many readings could not be proved; the first one is none', () => {
    const rain = gauge()
    expect(rain.add(MIDNIGHT, null).unknownToday).toBe(0)
    rain.add(MIDNIGHT + MINUTE, 4)
    expect(rain.add(MIDNIGHT + 2 * MINUTE, null)).toMatchObject({ todayMm: 4 * 0.2794, unknownToday: 1 })
    expect(rain.add(MIDNIGHT + 3 * MINUTE, -5)).toMatchObject({ todayMm: 4 * 0.2794, unknownToday: 2 })
    expect(rain.add(MIDNIGHT + DAY, 0)).toMatchObject({ todayMm: 0, unknownToday: 0 })
  })

  it('never falls within a day, whatever it is fed', () => {
    const reading = fc.tuple(fc.integer({ min: -HOUR, max: HOUR }), fc.option(fc.integer({ min: -3, max: 20 })))
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), (readings) => {
        const rain = gauge()
        let time = MIDNIGHT + DAY / 2
        let last = { day: -1, mm: 0 }
        for (const [stepMs, tips] of readings) {
          time += stepMs
          const { todayMm, rateMmPerHour } = rain.add(time, tips)
          const day = Math.floor(time / DAY)
          if (day === last.day) expect(todayMm).toBeGreaterThanOrEqual(last.mm)
          expect(todayMm).toBeGreaterThanOrEqual(0)
          if (rateMmPerHour !== null) expect(rateMmPerHour).toBeGreaterThanOrEqual(0)
          last = { day, mm: todayMm }
        }
      }),
      { seed: 53, numRuns: 300 },
    )
  })
})

describe('the rain rate', () => {
  /** Reports of a tip count every minute from midnight on. */
  const minutes = (counts: readonly (number | null)[], rain = gauge()) =>
    counts.map((tips, i) => rain.add(MIDNIGHT + i * MINUTE, tips))

  it('is unknown for the first window, then six times the rain of ten minutes', () => {
    const rates = minutes([null, ...Array(10).fill(1)]).map((r) => r.rateMmPerHour)
    expect(rates.slice(0, 10)).toEqual(Array(10).fill(null))
    expect(rates[10]).toBeCloseTo(10 * 0.2794 * 6, 9)
  })

  it('is zero ten minutes after the last tip', () => {
    const rates = minutes([null, ...Array(10).fill(0), 5, ...Array(10).fill(0)]).map((r) => r.rateMmPerHour)
    expect(rates[10]).toBe(0)
    expect(rates.slice(11, 21)).toEqual(Array(10).fill(5 * 0.2794 * 6))
    expect(rates[21]).toBe(0)
  })

  it('is unknown for a window after a reading that could not be proved', () => {
    const rates = minutes([null, ...Array(12).fill(0), null, ...Array(10).fill(0)]).map((r) => r.rateMmPerHour)
    expect(rates[12]).toBe(0)
    expect(rates.slice(13, 23)).toEqual(Array(10).fill(null))
    expect(rates[23]).toBe(0)
  })

  it('does not spread over now what fell during a long silence', () => {
    const rain = gauge()
    minutes([null, ...Array(10).fill(0)], rain)
    const { rateMmPerHour, todayMm } = rain.add(MIDNIGHT + 2 * HOUR, 100)
    expect(rateMmPerHour).toBeNull()
    expect(todayMm).toBeCloseTo(27.94, 9)
    expect(minutes(Array(10).fill(0).with(0, 0), rain).at(-1)?.rateMmPerHour).toBeNull()
  })

  it('begins anew when the clock goes back', () => {
    const rain = gauge()
    expect(minutes([null, ...Array(20).fill(3)], rain).at(-1)?.rateMmPerHour).not.toBeNull()
    expect(rain.add(MIDNIGHT + 19 * MINUTE, 1)).toMatchObject({ rateMmPerHour: null, todayMm: 61 * 0.2794 })
  })
})

it('refuses a gauge of nonsense with all its faults', () => {
  expect(() => gauge(0.5, { mmPerTip: 0, windowMs: 1 })).toThrow(/mmPerTip.*utcOffsetMinutes.*windowMs/)
  expect(() => gauge(2000)).toThrow(expect.objectContaining({ code: 'config-invalid' }))
})
