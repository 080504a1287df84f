import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { exponential } from '../../src/world/exponential.ts'
import { createPlot, createSite, createWorld, DAY_MS, loadSeattle, type Site } from '../../src/world/index.ts'

const RECORDS = loadSeattle()
const SITE = createSite(RECORDS, 2012)
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A function of a site at each hour of the record. */
function hourly<T>(of: (recordedMs: number) => T): readonly T[] {
  return Array.from({ length: SITE.lengthMs / HOUR_MS }, (_, i) => of(SITE.startMs + i * HOUR_MS))
}

/** Largest difference of neighbours. */
function largestStep(values: readonly number[]): number {
  return values.slice(1).reduce((most, value, i) => Math.max(most, Math.abs(value - (values[i] ?? value))), 0)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function everySecond(of: (recordedMs: number) => number, fromMs: number, seconds: number): readonly number[] {
  return Array.from({ length: seconds }, (_, i) => of(fromMs + 1000 * i))
}

test('the exponential function is as exact as it says', () => {
  for (let x = -39; x <= 40; x += 0.37) expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-12)
  expect(exponential(0)).toBe(1)
  expect(exponential(-50)).toBe(0)
})

describe('a site', () => {
  const WEEK_MS = Date.UTC(2012, 10, 17)
  const digestOf = (site: Site): string => {
    const hash = createHash('sha256')
    for (let ms = WEEK_MS; ms < WEEK_MS + 7 * DAY_MS; ms += 10 * MINUTE_MS) {
      const { shallow, deep } = site.soilWater(ms)
      const values = [
        ...[site.airTemperature(ms), site.dewPoint(ms), site.relativeHumidity(ms), site.pressure(ms)],
        ...[site.windSpeed(ms), site.windDirection(ms), site.rainRate(ms), site.rainTotal(ms)],
        ...[site.soilTemperature(ms), shallow, deep],
      ]
      hash.update(JSON.stringify(values))
    }
    return hash.digest('hex')
  }

  test('in one week of November 2012 with seed 2012 is this one, on every platform', () => {
    expect(digestOf(SITE)).toBe('db908742b594f370fce3959e82b27be282d0776686c827ca336f6fff67f720d4')
  })

  test('is another with another seed', () => {
    expect(digestOf(createSite(RECORDS, 2013))).not.toBe(digestOf(SITE))
  })

  test('has the temperature and rain of the world with its seed', () => {
    const world = createWorld(RECORDS, 2012)
    for (let ms = WEEK_MS; ms < WEEK_MS + 7 * DAY_MS; ms += 37 * MINUTE_MS) {
      expect(SITE.airTemperature(ms)).toBe(world.sample(ms).airTemperature)
      expect(SITE.rainRate(ms)).toBe(world.sample(ms).rainRate)
    }
  })

  test('goes on at the beginning after its end, and its rain goes on adding up', () => {
    const after = SITE.startMs + SITE.lengthMs
    const yearsMm = RECORDS.reduce((sum, day) => sum + day.precipitationMm, 0)
    expect(SITE.pressure(after + 5 * HOUR_MS)).toBe(SITE.pressure(SITE.startMs + 5 * HOUR_MS))
    expect(SITE.rainTotal(SITE.startMs)).toBe(0)
    expect(SITE.rainTotal(after)).toBeCloseTo(yearsMm, 3)
    expect(SITE.rainTotal(after - 1)).toBeCloseTo(yearsMm, 3)
    expect(SITE.rainTotal(after + 20 * DAY_MS)).toBeGreaterThan(yearsMm + 1)
    expect(SITE.soilTemperature(after)).toBe(SITE.soilTemperature(SITE.startMs))
  })

  test('refuses a time before the record, and one that is none', () => {
    for (const ms of [SITE.startMs - 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const quantity of [SITE.airTemperature, SITE.pressure, SITE.rainTotal, SITE.soilWater]) {
        expect(() => quantity(ms)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
      }
    }
  })

  test('can be one day long', () => {
    const day = createSite(RECORDS.slice(0, 1), 7)
    for (let ms = day.startMs; ms < day.startMs + 2 * DAY_MS; ms += HOUR_MS) {
      expect(day.relativeHumidity(ms)).toBeGreaterThan(0)
      expect(day.soilTemperature(ms)).toBeGreaterThan(-10)
    }
  })
})

describe('the air of a site', () => {
  test('is never damper than saturated, nor its dew point above its temperature, and is dry on summer afternoons', () => {
    const percents = hourly(SITE.relativeHumidity)
    expect(Math.max(...percents)).toBe(100)
    expect(Math.min(...percents)).toBeGreaterThan(10)
    expect(hourly((ms) => SITE.airTemperature(ms) - SITE.dewPoint(ms)).every((cel) => cel >= 0)).toBe(true)
    const at = (hour: number): number =>
      mean(Array.from({ length: 31 }, (_, i) => SITE.relativeHumidity(Date.UTC(2013, 6, i + 1, hour))))
    expect(at(15)).toBeLessThan(60)
    expect(at(5)).toBeGreaterThan(80)
  })

  test('has a dew point near the recorded minimum at noon', () => {
    for (const day of RECORDS) {
      const below = day.temperatureMinCel - SITE.dewPoint(day.startMs + DAY_MS / 2)
      expect(below, day.date).toBeGreaterThan(-0.41)
      expect(below, day.date).toBeLessThan(2.91)
    }
  })

  test('changes its dew point smoothly across midnight', () => {
    const minutes = Array.from({ length: 7 * 1440 }, (_, i) => SITE.dewPoint(Date.UTC(2012, 10, 17) + i * MINUTE_MS))
    expect(largestStep(minutes)).toBeLessThan(0.2)
  })

  test('has a pressure around the standard atmosphere that neither jumps nor stands still', () => {
    const pressures = hourly(SITE.pressure)
    expect(Math.abs(mean(pressures) - 1013.25)).toBeLessThan(1.5)
    expect(Math.min(...pressures)).toBeGreaterThan(993)
    expect(Math.max(...pressures)).toBeLessThan(1033.5)
    expect(Math.max(...pressures) - Math.min(...pressures)).toBeGreaterThan(25)
    expect(largestStep(pressures)).toBeLessThan(2.5)
    const minutes = Array.from({ length: 1440 }, (_, i) => SITE.pressure(Date.UTC(2013, 3, 2) + i * MINUTE_MS))
    expect(largestStep(minutes)).toBeLessThan(0.1)
    expect(largestStep(minutes)).toBeGreaterThan(0)
  })
})

describe('the wind of a site', () => {
  const START_MS = Date.UTC(2013, 1, 3, 14)

  test('gusts in seconds around its mean, and is never negative', () => {
    const ratios = everySecond((ms) => SITE.windSpeed(ms) / SITE.windSpeed(START_MS, ms), START_MS, 3 * 3600)
    expect(ratios.every((ratio) => ratio > 0)).toBe(true)
    const speeds = everySecond((ms) => SITE.windSpeed(START_MS, ms), START_MS, 3 * 3600)
    const base = createWorld(RECORDS, 2012).sample(START_MS).windSpeed
    expect(Math.abs(mean(speeds) / base - 1)).toBeLessThan(0.05)
    expect(Math.max(...speeds) / base).toBeGreaterThan(1.3)
    expect(Math.max(...speeds) / base).toBeLessThanOrEqual(1.6)
    expect(Math.min(...speeds) / base).toBeGreaterThanOrEqual(0.39)
  })

  test('comes from a direction that persists for hours, turns in days and flutters in seconds', () => {
    const turned = (a: number, b: number): number => Math.abs(((b - a + 540) % 360) - 180)
    const seconds = everySecond(SITE.windDirection, START_MS, 3600)
    expect(seconds.every((degrees) => degrees >= 0 && degrees < 360)).toBe(true)
    const flutter = seconds.slice(1).map((degrees, i) => turned(seconds[i] ?? 0, degrees))
    expect(Math.max(...flutter)).toBeLessThan(8)
    expect(mean(flutter)).toBeGreaterThan(0.3)
    expect(Math.max(...seconds.map((degrees) => turned(seconds[0] ?? 0, degrees)))).toBeLessThan(90)
    const hours = hourly(SITE.windDirection)
    expect(new Set(hours.map((degrees) => Math.floor(degrees / 45))).size).toBe(8)
  })
})

describe('the soil of a site', () => {
  test('holds water between wilting and saturation, is driest in summer, and slower in the deep', () => {
    const water = hourly(SITE.soilWater)
    for (const { shallow, deep } of water) {
      expect(shallow).toBeGreaterThan(0.08)
      expect(shallow).toBeLessThanOrEqual(0.45)
      expect(deep).toBeGreaterThan(0.08)
      expect(deep).toBeLessThanOrEqual(0.45)
    }
    expect(SITE.soilWater(Date.UTC(2013, 7, 20)).shallow).toBeLessThan(
      SITE.soilWater(Date.UTC(2013, 0, 20)).shallow - 0.08,
    )
    expect(largestStep(water.map(({ deep }) => deep))).toBeLessThan(largestStep(water.map(({ shallow }) => shallow)))
  })

  test('gets wetter in rain, and never jumps', () => {
    const fromMs = Date.UTC(2012, 10, 18)
    const minutes = Array.from({ length: 3 * 1440 }, (_, i) => SITE.soilWater(fromMs + i * MINUTE_MS).shallow)
    expect(largestStep(minutes)).toBeLessThan(0.004)
    const wettest = Math.max(...minutes)
    expect(wettest).toBeGreaterThan((minutes[0] ?? 1) + 0.02)
  })

  test('is damped and late in its temperature', () => {
    const july = Array.from({ length: 31 }, (_, i) => Date.UTC(2013, 6, i + 1))
    const span = (of: (ms: number) => number): { readonly width: number; readonly warmest: number } => {
      const values = Array.from({ length: 48 }, (_, i) => mean(july.map((ms) => of(ms + (i * HOUR_MS) / 2))))
      const most = Math.max(...values)
      return { width: most - Math.min(...values), warmest: values.indexOf(most) / 2 }
    }
    const air = span(SITE.airTemperature)
    const soil = span(SITE.soilTemperature)
    expect(soil.width).toBeLessThan(0.5 * air.width)
    expect(soil.warmest).toBeGreaterThan(air.warmest + 2)
    expect(largestStep(hourly(SITE.soilTemperature))).toBeLessThan(2)
  })
})

describe('a watered plot', () => {
  const NOON_MS = Date.UTC(2013, 7, 20, 12)

  test('holds what it was given, then less of it above and some of it below, and in a month none', () => {
    const plot = createPlot(SITE)
    const added = (ms: number): { readonly shallow: number; readonly deep: number } => {
      const natural = SITE.soilWater(ms)
      const { shallow, deep } = plot.moisture(ms)
      return { shallow: shallow - natural.shallow, deep: deep - natural.deep }
    }
    expect(added(NOON_MS)).toEqual({ shallow: 0, deep: 0 })
    plot.irrigate(NOON_MS, 10)
    expect(added(NOON_MS).shallow).toBeCloseTo(0.05, 9)
    expect(added(NOON_MS).deep).toBe(0)
    expect(added(NOON_MS + 18 * HOUR_MS).shallow).toBeCloseTo(0.05 / Math.E, 9)
    expect(added(NOON_MS + 18 * HOUR_MS).deep).toBeGreaterThan(0.008)
    expect(added(NOON_MS + 30 * DAY_MS).deep).toBeLessThan(0.0001)
  })

  test('is the same whether it is asked once or often, and whether its water came at once or in drops', () => {
    const [often, once] = [createPlot(SITE), createPlot(SITE)]
    once.irrigate(NOON_MS, 6)
    for (let i = 0; i < 60; i++) often.irrigate(NOON_MS, 0.1)
    for (let i = 0; i < 100; i++) often.irrigate(NOON_MS + i * HOUR_MS, 0)
    const later = NOON_MS + 100 * HOUR_MS
    expect(often.moisture(later).shallow).toBeCloseTo(once.moisture(later).shallow, 12)
    expect(often.moisture(later).deep).toBeCloseTo(once.moisture(later).deep, 12)
  })

  test('is never wetter than saturated, and refuses water that is less than none or comes too late', () => {
    const plot = createPlot(SITE)
    plot.irrigate(NOON_MS, 500)
    expect(plot.moisture(NOON_MS).shallow).toBe(0.45)
    for (const [ms, mm] of [
      [NOON_MS, -1],
      [NOON_MS - 1, 1],
      [NOON_MS, Number.NaN],
    ] as const) {
      expect(() => plot.irrigate(ms, mm)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    }
  })
})
