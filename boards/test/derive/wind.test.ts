import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cupSpeed, type WindReport, WindWindow } from '../../src/derive/index.ts'

const MINUTE = 60_000
const START = 1_000_000
const NOTHING: WindReport = { meanSpeed: null, gust: null, meanDegrees: null }

/** Ten minutes of samples of this length, each of a speed and a direction. */
function windOf(lengthMs: number, at: (i: number) => readonly [speed: number, degrees: number | null]): WindReport {
  const wind = new WindWindow()
  const count = (10 * MINUTE) / lengthMs
  for (let i = 0; i < count; i++) {
    const [speed, degrees] = at(i)
    wind.add({ timeMs: START + (i + 1) * lengthMs, lengthMs, speed, degrees })
  }
  return wind.report(START + 10 * MINUTE)
}

describe('cups', () => {
  it('make 0.66667 m/s of one closure a second', () => {
    expect(cupSpeed(1, 1_000)).toBeCloseTo(0.66667, 5)
    expect(cupSpeed(15, 1_000)).toBeCloseTo(10, 9)
    expect(cupSpeed(1, 3_000)).toBeCloseTo(0.2222, 4)
    expect(cupSpeed(1, 0)).toBeNull()
  })
})

describe('mean direction', () => {
  it('of 350 and 10 degrees is north, not south', () => {
    const { meanDegrees } = windOf(1_000, (i) => [5, i % 2 ? 350 : 10])
    expect(Math.min(meanDegrees ?? 90, 360 - (meanDegrees ?? 90))).toBeCloseTo(0, 9)
  })

  it('is weighted by speed', () => {
    const { meanDegrees } = windOf(1_000, (i) => (i % 2 ? [3, 90] : [3 * Math.sqrt(3), 0]))
    expect(meanDegrees).toBeCloseTo(30, 9)
  })

  it('is none in calm, without a vane, or when winds cancel out', () => {
    expect(windOf(1_000, () => [0, 90])).toEqual({ meanSpeed: 0, gust: 0, meanDegrees: null })
    expect(windOf(1_000, () => [5, null]).meanDegrees).toBeNull()
    expect(windOf(1_000, (i) => [5, i % 2 ? 0 : 180]).meanDegrees).toBeNull()
  })

  it('of winds from 360 degrees is 0', () => {
    expect(windOf(1_000, () => [5, 360]).meanDegrees).toBe(0)
  })

  it('is of the samples that have a direction', () => {
    expect(windOf(1_000, (i) => [5, i % 2 ? 225 : null]).meanDegrees).toBeCloseTo(225, 9)
  })

  it('turns as the wind does, and lies in [0, 360)', () => {
    const sample = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 15 }))
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 15 }),
        (samples, turn) => {
          const of = (by: number) =>
            windOf(30_000, (i) => {
              const [speed, position] = samples[i % samples.length] ?? [0, 0]
              return [speed, ((position + by) % 16) * 22.5]
            })
          const [a, b] = [of(0), of(turn)]
          expect(b.meanSpeed).toBeCloseTo(a.meanSpeed ?? Number.NaN, 9)
          for (const degrees of [a.meanDegrees, b.meanDegrees]) {
            if (degrees !== null) expect(degrees >= 0 && degrees < 360).toBe(true)
          }
          if (a.meanDegrees === null || b.meanDegrees === null) return
          const strong = samples.every(([, p]) => Math.abs(p - 4) <= 3) // no near cancellation, whose direction is rounding
          const off = (b.meanDegrees - a.meanDegrees - turn * 22.5 + 720 + 180) % 360
          if (strong) expect(off).toBeCloseTo(180, 6)
        },
      ),
      { seed: 54, numRuns: 200 },
    )
  })
})

describe('mean speed and gust', () => {
  it('are the mean of the window and the largest mean of 3 s in it', () => {
    const { meanSpeed, gust } = windOf(1_000, (i) => [i >= 300 && i < 303 ? ([12, 15, 18][i - 300] ?? 0) : 5, 0])
    expect(gust).toBeCloseTo(15, 9)
    expect(meanSpeed).toBeCloseTo((597 * 5 + 45) / 600, 9)
  })

  it('count a second of storm as a third of a gust', () => {
    expect(windOf(1_000, (i) => [i === 300 ? 30 : 0, 0]).gust).toBeCloseTo(10, 9)
  })

  it('cut a sample that reaches back over the 3 s', () => {
    expect(windOf(2_000, (i) => [i === 100 ? 9 : i === 101 ? 12 : 0, 0]).gust).toBeCloseTo((12 * 2 + 9) / 3, 9)
  })

  it('have no gust where samples are longer than 3 s', () => {
    expect(windOf(3_000, () => [5, 0]).gust).toBe(5)
    expect(windOf(5_000, () => [5, 0])).toMatchObject({ meanSpeed: 5, gust: null })
  })

  it('have no gust across a hole in the samples', () => {
    const wind = new WindWindow({ windowMs: MINUTE, leastCover: 0.1 })
    for (let i = 1; i <= 60; i++) {
      if (i % 3 !== 0) wind.add({ timeMs: i * 1_000, lengthMs: 1_000, speed: 5, degrees: 0 })
    }
    expect(wind.report(MINUTE)).toMatchObject({ meanSpeed: 5, gust: null })
  })

  it('keep a mean between the smallest and the largest sample, and a gust not below the mean', () => {
    const speeds = fc.array(fc.double({ min: 0, max: 75, noNaN: true }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(speeds, fc.constantFrom(1_000, 1_500, 3_000), (list, lengthMs) => {
        const { meanSpeed, gust } = windOf(lengthMs, (i) => [list[i % list.length] ?? 0, 0])
        expect(meanSpeed).toBeGreaterThanOrEqual(Math.min(...list) - 1e-9)
        expect(meanSpeed).toBeLessThanOrEqual(Math.max(...list) + 1e-9)
        expect(gust).toBeLessThanOrEqual(Math.max(...list) + 1e-9)
        expect(gust).toBeGreaterThanOrEqual((meanSpeed ?? Number.NaN) - 1e-9)
      }),
      { seed: 55, numRuns: 60 },
    )
  })
})

describe('a window of wind', () => {
  const steady = (wind: WindWindow, fromMs: number, toMs: number) => {
    for (let t = fromMs + 3_000; t <= toMs; t += 3_000) wind.add({ timeMs: t, lengthMs: 3_000, speed: 5, degrees: 90 })
  }

  it('says nothing before three quarters of it are covered', () => {
    const wind = new WindWindow()
    steady(wind, 0, 447_000)
    expect(wind.report(447_000)).toEqual(NOTHING)
    steady(wind, 447_000, 450_000)
    expect(wind.report(450_000)).toMatchObject({ meanSpeed: 5, gust: 5 })
  })

  it('says nothing once its samples are old', () => {
    const wind = new WindWindow()
    steady(wind, 0, 10 * MINUTE)
    expect(wind.report(12 * MINUTE).meanSpeed).toBe(5)
    expect(wind.report(13 * MINUTE)).toEqual(NOTHING)
    expect(wind.report(60 * MINUTE)).toEqual(NOTHING)
  })

  it('leaves out what came after the time that is asked for', () => {
    const wind = new WindWindow({ windowMs: 6_000 })
    for (const [i, speed] of [1, 2, 9].entries()) {
      wind.add({ timeMs: 3_000 * (i + 1), lengthMs: 3_000, speed, degrees: 0 })
    }
    expect(wind.report(9_000)).toEqual({ meanSpeed: 5.5, gust: 9, meanDegrees: 0 })
    expect(wind.report(6_000)).toEqual(NOTHING) // the sample of 3 s has left the window
  })

  it('begins anew when the clock goes back', () => {
    const wind = new WindWindow()
    steady(wind, 0, 10 * MINUTE)
    wind.add({ timeMs: 10 * MINUTE - 1, lengthMs: 3_000, speed: 50, degrees: 0 })
    expect(wind.size).toBe(1)
    expect(wind.report(10 * MINUTE)).toEqual(NOTHING)
  })

  it.each([
    ['overlaps the one before', { timeMs: 10 * MINUTE + 2_999, lengthMs: 3_000, speed: 50 }],
    ['ends with the one before', { timeMs: 10 * MINUTE, lengthMs: 3_000, speed: 50 }],
    ['is shorter than 250 ms', { timeMs: 11 * MINUTE, lengthMs: 249, speed: 50 }],
    ['has no speed', { timeMs: 11 * MINUTE, lengthMs: 3_000, speed: Number.NaN }],
    ['has a negative speed', { timeMs: 11 * MINUTE, lengthMs: 3_000, speed: -1 }],
    ['has no time', { timeMs: Number.NaN, lengthMs: 3_000, speed: 50 }],
  ])('leaves out a stretch that %s', (_name, stretch) => {
    const wind = new WindWindow()
    steady(wind, 0, 10 * MINUTE)
    wind.add({ ...stretch, degrees: 0 })
    expect(wind.size).toBe(200)
    expect(wind.report(10 * MINUTE)).toMatchObject({ meanSpeed: 5, gust: 5 })
  })

  it('keeps no more than its window holds', () => {
    const wind = new WindWindow()
    for (let i = 1; i <= 10_000; i++) wind.add({ timeMs: i * 250, lengthMs: 250, speed: 1, degrees: 0 })
    expect(wind.size).toBe(2_400)
  })
})
