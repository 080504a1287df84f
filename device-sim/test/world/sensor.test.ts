import { describe, expect, test } from 'vitest'
import {
  createStation,
  createWorld,
  DAY_MS,
  loadSeattle,
  NO_SENSOR_NOISE,
  SENSOR_NOISE,
} from '../../src/world/index.ts'

const WORLD = createWorld(loadSeattle(), 2012)
const START_MS = Date.UTC(2012, 10, 17)
const TIMES = Array.from({ length: 7 * 144 }, (_, i) => START_MS + i * 600_000)

describe('a station', () => {
  const north = createStation(WORLD, 'north')

  test('reads the same at the same time, whoever asks', () => {
    const again = createStation(createWorld(loadSeattle(), 2012), 'north')
    for (const ms of TIMES) expect(again.sample(ms)).toEqual(north.sample(ms))
  })

  test('reads the weather itself without noise', () => {
    const perfect = createStation(WORLD, 'north', NO_SENSOR_NOISE)
    for (const ms of TIMES) expect(perfect.sample(ms)).toEqual(WORLD.sample(ms))
  })

  test('has other errors than a station of another name, and than its namesake under another seed', () => {
    const otherWorld = createWorld(loadSeattle(), 2013)
    const errors = [
      [WORLD, 'north'],
      [WORLD, 'south'],
      [WORLD, 'east'],
      [otherWorld, 'north'],
    ] as const
    const series = errors.map(([world, name]) => {
      const station = createStation(world, name)
      return TIMES.map((ms) => station.sample(ms).airTemperature - world.sample(ms).airTemperature)
    })
    for (let a = 0; a < series.length; a++) {
      for (let b = 0; b < a; b++) {
        const alike = TIMES.filter((_, i) => Math.abs((series[a]?.[i] ?? 0) - (series[b]?.[i] ?? 0)) < 0.0005)
        expect(alike.length).toBeLessThan(0.05 * TIMES.length)
      }
    }
  })

  test('scatters about its own offset with the stated standard deviation', () => {
    const errors = TIMES.map((ms) => north.sample(ms).airTemperature - WORLD.sample(ms).airTemperature)
    const mean = errors.reduce((sum, x) => sum + x, 0) / errors.length
    const sd = Math.sqrt(errors.reduce((sum, x) => sum + (x - mean) ** 2, 0) / errors.length)
    expect(Math.abs(mean)).toBeLessThan(4 * SENSOR_NOISE.temperatureOffsetCel)
    expect(sd / SENSOR_NOISE.temperatureCel).toBeGreaterThan(0.9)
    expect(sd / SENSOR_NOISE.temperatureCel).toBeLessThan(1.1)
  })

  test('never reads less rain or less than no wind', () => {
    const poor = createStation(WORLD, 'poor', { ...SENSOR_NOISE, windMps: 3, rainGain: 5 })
    let before = 0
    let calm = 0
    for (const ms of TIMES) {
      const { rainToday, rainRate, windSpeed } = poor.sample(ms)
      if (ms % DAY_MS === 0) before = 0
      expect(rainToday).toBeGreaterThanOrEqual(before)
      expect(rainRate).toBeGreaterThanOrEqual(0)
      expect(windSpeed).toBeGreaterThanOrEqual(0)
      before = rainToday
      if (windSpeed === 0) calm++
    }
    expect(calm).toBeGreaterThan(0)
  })

  test('is refused a name that a stream could not carry, and noise that is no standard deviation', () => {
    for (const name of ['', 'North', '-north', 'a'.repeat(65), 'north\n']) {
      expect(() => createStation(WORLD, name)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    }
    for (const windMps of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const noise = { ...SENSOR_NOISE, windMps }
      expect(() => createStation(WORLD, 'north', noise)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    }
  })
})
