import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createWorld,
  DAY_MS,
  type DailyRecord,
  loadSeattle,
  type WeatherSample,
  type World,
} from '../../src/world/index.ts'

const RECORDS = loadSeattle()
const MINUTE_MS = 60_000

/** Samples of a day from its midnight on. */
function samplesOf(world: World, day: DailyRecord, stepMs: number): readonly WeatherSample[] {
  return Array.from({ length: DAY_MS / stepMs }, (_, i) => world.sample(day.startMs + i * stepMs))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** What of its recorded values a day keeps; `windTolerance` in m/s. */
function expectKept(world: World, day: DailyRecord, stepMs: number, windTolerance: number): void {
  const samples = samplesOf(world, day, stepMs)
  const temperatures = samples.map((sample) => sample.airTemperature)
  const speeds = samples.map((sample) => sample.windSpeed)
  const fallen = samples.map((sample) => sample.rainToday)
  expect(Math.min(...temperatures), day.date).toBe(day.temperatureMinCel)
  expect(Math.max(...temperatures), day.date).toBe(day.temperatureMaxCel)
  expect(fallen[0], day.date).toBe(0)
  expect(fallen.at(-1), day.date).toBe(day.precipitationMm)
  expect(
    fallen.every((mm, i) => i === 0 || mm >= (fallen[i - 1] ?? 0)),
    `${day.date}: the day's rain never falls`,
  ).toBe(true)
  expect(Math.abs(mean(speeds) - day.windSpeedMps), day.date).toBeLessThanOrEqual(windTolerance)
  expect(Math.min(...speeds), day.date).toBeGreaterThanOrEqual(0)
}

describe('each of the 1461 days keeps', () => {
  const world = createWorld(RECORDS, 2012)

  test('its extremes, its rain and its mean wind at steps of ten minutes', () => {
    for (const day of RECORDS) expectKept(world, day, 10 * MINUTE_MS, 0.05)
  })

  test('its extremes and its rain at steps of half an hour, and its mean wind to 0.15 m/s', () => {
    for (const day of RECORDS) expectKept(world, day, 30 * MINUTE_MS, 0.15)
  })

  test('its rain as the sum of its rates over five minutes', () => {
    for (const day of RECORDS) {
      const rates = samplesOf(world, day, 5 * MINUTE_MS).map((sample) => sample.rainRate)
      expect(mean(rates) * 24, day.date).toBeCloseTo(day.precipitationMm, 9)
      expect(rates.some((rate) => rate > 0)).toBe(day.precipitationMm > 0)
    }
  })

  test('its neighbours: temperature and wind do not jump at midnight, nor where the record starts again', () => {
    RECORDS.forEach((day, i) => {
      const next = RECORDS[(i + 1) % RECORDS.length] ?? day
      const last = world.sample(day.startMs + DAY_MS - 1)
      const first = world.sample(next.startMs)
      const tolerance = i === RECORDS.length - 1 ? 0.5 : 0.0011
      expect(Math.abs(last.airTemperature - first.airTemperature), day.date).toBeLessThan(tolerance)
      if (i < RECORDS.length - 1) expect(Math.abs(last.windSpeed - first.windSpeed), day.date).toBeLessThan(0.0011)
    })
  })
})

describe('a day of any record keeps', () => {
  const anyTenths = (min: number, max: number): fc.Arbitrary<number> =>
    fc.integer({ min: min * 10, max: max * 10 }).map((tenths) => tenths / 10)
  const anyDay = fc.record({
    rain: fc.oneof(fc.constant(0), anyTenths(0, 300)),
    a: anyTenths(-40, 50),
    b: anyTenths(-40, 50),
    wind: anyTenths(0, 40),
  })
  const anyRecord = fc.array(anyDay, { minLength: 1, maxLength: 4 }).map((days) =>
    days.map(
      (day, i): DailyRecord => ({
        date: `day ${i}`,
        startMs: (15_000 + i) * DAY_MS,
        precipitationMm: day.rain,
        temperatureMaxCel: Math.max(day.a, day.b),
        temperatureMinCel: Math.min(day.a, day.b),
        windSpeedMps: day.wind,
      }),
    ),
  )

  test('its extremes, its rain and its mean wind, also between the unlikeliest neighbours', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), (records, seed) => {
        const world = createWorld(records, seed)
        for (const day of records) expectKept(world, day, 10 * MINUTE_MS, 0.3)
      }),
      { seed: 2, numRuns: 60 },
    )
  })
})

describe('the weather', () => {
  const WEEK = RECORDS.slice(321, 328)
  const digestOf = (world: World): string => {
    const week = WEEK.flatMap((day) => samplesOf(world, day, 10 * MINUTE_MS))
    return createHash('sha256').update(JSON.stringify(week)).digest('hex')
  }

  test('of one week in November 2012 with seed 2012 is this one, on every platform', () => {
    expect(WEEK[0]?.date).toBe('2012-11-17')
    expect(digestOf(createWorld(RECORDS, 2012))).toBe(
      '892be2ed11c8e41bf83042976e3cc004c40de2a3da67755d40b28b7fe34c802d',
    )
  })

  test('is another with another seed', () => {
    const digests = [0, 1, 2012, 2013, 2 ** 32 - 1].map((seed) => digestOf(createWorld(RECORDS, seed)))
    expect(new Set(digests).size).toBe(digests.length)
  })

  test('at an instant does not depend on what was asked for before', () => {
    const asked = createWorld(RECORDS, 5)
    for (const day of [...WEEK].reverse()) samplesOf(asked, day, 30 * MINUTE_MS)
    const at = (WEEK[3]?.startMs ?? 0) + 12_345_678
    expect(asked.sample(at)).toEqual(createWorld(RECORDS, 5).sample(at))
  })

  test('of an inner day is the same in a record that was cut shorter around it', () => {
    const at = (WEEK[3]?.startMs ?? 0) + 12_345_678
    expect(createWorld(WEEK, 5).sample(at)).toEqual(createWorld(RECORDS, 5).sample(at))
  })

  test('has whole thousandths, so that a stream can carry it as integers', () => {
    const world = createWorld(RECORDS, 3)
    for (const day of WEEK) {
      for (const value of samplesOf(world, day, 10 * MINUTE_MS).flatMap((sample) => Object.values(sample))) {
        expect(Math.round(value * 1000) / 1000).toBe(value)
        expect(Object.is(value, -0)).toBe(false)
      }
    }
  })

  test('is made without any function whose last bits a platform may choose, and without a clock', () => {
    const folder = new URL('../../src/world/', import.meta.url)
    const calls = readdirSync(folder).flatMap(
      (name) =>
        readFileSync(new URL(name, folder), 'utf8').match(/\b(?:Math\.\w+|Date\.now|new Date\(\)|performance)\b/g) ??
        [],
    )
    expect([...new Set(calls)].sort()).toEqual(['Math.floor', 'Math.imul', 'Math.max', 'Math.min', 'Math.round'])
  })
})

describe('a world refuses', () => {
  test.each([-1, 0.5, 2 ** 32, Number.NaN])('the seed %d', (seed) => {
    expect(() => createWorld(RECORDS, seed)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })

  test('no day, and days with a gap', () => {
    expect(() => createWorld([], 1)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    const gap = RECORDS.filter((_, i) => i !== 4).slice(0, 8)
    expect(() => createWorld(gap, 1)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })

  test('a time before, after or between its milliseconds', () => {
    const world = createWorld(RECORDS, 1)
    expect(world.sample(world.startMs).rainToday).toBe(0)
    expect(world.sample(world.endMs - 1).rainToday).toBe(0)
    for (const ms of [world.startMs - 1, world.endMs, world.startMs + 0.5, Number.NaN]) {
      expect(() => world.sample(ms)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    }
  })
})
