/**
 * Weather at any instant of a recorded time, synthesised from daily values. What it keeps of each recorded day: lowest and
 * highest temperature, precipitation, mean wind; everything finer is drawn from the seed and is not measured.
 *
 * Only + - * /, comparisons and 32-bit integer operations are used, which IEEE 754 and ECMAScript define to the last bit,
 * and results are rounded to 0.001: one seed gives one weather on every platform.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { DAY_MS, type DailyRecord } from './daily.ts'
import { type RainDay, rainDay } from './rain.ts'
import { mix32 } from './rng.ts'
import { type TemperatureDay, temperatureDay } from './temperature.ts'
import { type WindDay, windDay } from './wind.ts'

/** Weather at one instant; every value is a multiple of 0.001. */
export interface WeatherSample {
  /** Cel */
  readonly airTemperature: number
  /** m/s */
  readonly windSpeed: number
  /** mm/h */
  readonly rainRate: number
  /** mm since local midnight */
  readonly rainToday: number
}

/** Anything that has weather: a world, or a station in it. */
export interface WeatherSource {
  /**
   * Weather at a recorded time: local standard time at the recorded place, spelled as if it were UTC, integer ms.
   * @throws FieldproofError `out-of-range` outside the record
   */
  readonly sample: (recordedMs: number) => WeatherSample
}

/** One seed's weather over one record. */
export interface World extends WeatherSource {
  /** Unsigned 32-bit integer. */
  readonly seed: number
  /** First recorded instant, ms. */
  readonly startMs: number
  /** End of the record, ms, exclusive. */
  readonly endMs: number
}

interface Day {
  readonly temperature: TemperatureDay
  readonly wind: WindDay
  readonly rain: RainDay
}

/**
 * Weather over a run of days. The first day follows the last one, so a replay that starts again does not jump at midnight
 * in its levels.
 * @param records days without a gap, at least one
 * @param seed unsigned 32-bit integer
 * @throws FieldproofError `out-of-range` for another seed, no day, or a gap
 */
export function createWorld(records: readonly DailyRecord[], seed: number): World {
  const key = mix32(expectSeed(seed))
  const { startMs, endMs } = expectRun(records)
  const record = (i: number): DailyRecord => {
    const found = records.at(i % records.length)
    if (found === undefined) throw new FieldproofError('out-of-range', `no recorded day ${i}`)
    return found
  }
  // Days are made when first asked for and kept: it saves time and changes no value.
  const days: (Day | undefined)[] = []
  const day = (i: number): Day => {
    const [before, today, after] = [record(i - 1), record(i), record(i + 1)]
    return {
      temperature: temperatureDay(key, before, today, after),
      wind: windDay(key, before, today, after),
      rain: rainDay(key, today),
    }
  }
  return {
    seed,
    startMs,
    endMs,
    sample: (recordedMs) => {
      if (!Number.isSafeInteger(recordedMs) || recordedMs < startMs || recordedMs >= endMs) {
        throw new FieldproofError('out-of-range', 'the record has no such time', {
          facts: { recordedMs, startMs, endMs },
        })
      }
      const i = Math.floor((recordedMs - startMs) / DAY_MS)
      const ms = recordedMs - startMs - i * DAY_MS
      days[i] ??= day(i)
      const { temperature, wind, rain } = days[i] ?? day(i)
      return {
        airTemperature: toThousandths(temperature(ms)),
        windSpeed: toThousandths(wind(ms)),
        rainRate: toThousandths(rain.rate(ms)),
        rainToday: rain.fallen(ms),
      }
    },
  }
}

/** Nearest multiple of 0.001; never minus zero. */
export function toThousandths(value: number): number {
  return Math.round(value * 1000) / 1000 + 0
}

/** @throws FieldproofError `out-of-range` unless `seed` is an unsigned 32-bit integer */
export function expectSeed(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new FieldproofError('out-of-range', 'a seed is an integer from 0 to 2^32 - 1', { facts: { seed } })
  }
  return seed
}

function expectRun(records: readonly DailyRecord[]): { readonly startMs: number; readonly endMs: number } {
  const startMs = records[0]?.startMs
  if (startMs === undefined) throw new FieldproofError('out-of-range', 'a world needs at least one recorded day')
  records.forEach((record, i) => {
    if (record.startMs !== startMs + i * DAY_MS) {
      throw new FieldproofError('out-of-range', `the record has a gap before ${record.date}`)
    }
  })
  return { startMs, endMs: startMs + records.length * DAY_MS }
}
