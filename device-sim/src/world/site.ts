/**
 * The whole weather and soil of one place over a record: what the world has no sample of is synthesised here, by the same
 * seed. Each quantity is a function of recorded time, so that a sensor asks for its own alone and as often as it likes. At
 * the end of the record it goes on at the beginning (as a replay does), and rain goes on adding up.
 *
 * The wind of an instant has gusts of its own time: a replay that is faster than time passes its own clock for them.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { DayTime } from './course.ts'
import { DAY_MS, type DailyRecord } from './daily.ts'
import { dewPointAt, relativeHumidity } from './humidity.ts'
import { pressureAt } from './pressure.ts'
import { mix32 } from './rng.ts'
import { createSoil, type SoilWater } from './soil.ts'
import { soilTemperatureAt } from './soil-temperature.ts'
import { createWorld, toThousandths } from './synthesis.ts'
import { directionAt, gustFactor } from './turbulence.ts'

/**
 * A place. Every time is recorded time in ms (any finite number from the record's start on; fractions are dropped), every
 * result a multiple of 0.001 unless it says otherwise.
 * Its functions throw FieldproofError `out-of-range` for a time before the record.
 */
export interface Site {
  /** First recorded instant, ms. */
  readonly startMs: number
  /** Length of the record, ms. */
  readonly lengthMs: number
  /** Cel */
  readonly airTemperature: (recordedMs: number) => number
  /** Cel, never above the air temperature. */
  readonly dewPoint: (recordedMs: number) => number
  /** %, at most 100. */
  readonly relativeHumidity: (recordedMs: number) => number
  /** Station pressure, hPa. */
  readonly pressure: (recordedMs: number) => number
  /** With gusts, m/s. */
  readonly windSpeed: (recordedMs: number, gustMs?: number) => number
  /** Where the wind comes from, degrees clockwise from north, below 360. */
  readonly windDirection: (recordedMs: number, gustMs?: number) => number
  /** mm/h */
  readonly rainRate: (recordedMs: number) => number
  /** Fallen since the start of the record, mm; never falls. */
  readonly rainTotal: (recordedMs: number) => number
  /** At 10 cm, Cel. */
  readonly soilTemperature: (recordedMs: number) => number
  /** Without irrigation, m3/m3 to the last bit. */
  readonly soilWater: (recordedMs: number) => SoilWater
}

/**
 * A site over a run of days.
 * @param records days without a gap, at least one
 * @param seed unsigned 32-bit integer
 * @throws FieldproofError `out-of-range` for another seed, no day, or a gap
 */
export function createSite(records: readonly DailyRecord[], seed: number): Site {
  const world = createWorld(records, seed)
  const { startMs } = world
  const lengthMs = world.endMs - startMs
  const key = mix32(seed)
  const soil = createSoil(records)
  const fallenBefore = runningMm(records)
  const dayOf = (i: number): DailyRecord => {
    const day = records.at(i % records.length)
    if (day === undefined) throw new FieldproofError('out-of-range', `no recorded day ${i}`)
    return day
  }
  /** The instant of the record that is shown at a time, and how often the record has begun again. */
  const shown = (recordedMs: number): { readonly timeMs: number; readonly lap: number; readonly at: DayTime } => {
    const elapsedMs = Math.floor(recordedMs) - startMs
    if (!(elapsedMs >= 0 && elapsedMs < Number.POSITIVE_INFINITY)) {
      throw new FieldproofError('out-of-range', 'the record has no such time', { facts: { recordedMs, startMs } })
    }
    const inRecordMs = elapsedMs % lengthMs
    const day = Math.floor(inRecordMs / DAY_MS)
    const at = { day, ms: inRecordMs - day * DAY_MS }
    return { timeMs: startMs + inRecordMs, lap: Math.floor(elapsedMs / lengthMs), at }
  }
  const airTemperature = (recordedMs: number): number => world.sample(shown(recordedMs).timeMs).airTemperature
  const dewPoint = (recordedMs: number): number => {
    const { timeMs, at } = shown(recordedMs)
    return toThousandths(dewPointAt(key, dayOf, at, timeMs, airTemperature(recordedMs)))
  }
  return {
    startMs,
    lengthMs,
    airTemperature,
    dewPoint,
    relativeHumidity: (recordedMs) => toThousandths(relativeHumidity(airTemperature(recordedMs), dewPoint(recordedMs))),
    pressure: (recordedMs) => toThousandths(pressureAt(key, shown(recordedMs).timeMs)),
    windSpeed: (recordedMs, gustMs = recordedMs) =>
      toThousandths(world.sample(shown(recordedMs).timeMs).windSpeed * gustFactor(key, gustMs)),
    windDirection: (recordedMs, gustMs = recordedMs) =>
      toThousandths(directionAt(key, shown(recordedMs).timeMs, gustMs)) % 360,
    rainRate: (recordedMs) => world.sample(shown(recordedMs).timeMs).rainRate,
    rainTotal: (recordedMs) => {
      const { timeMs, lap, at } = shown(recordedMs)
      const before = lap * (fallenBefore[records.length] ?? 0) + (fallenBefore[at.day] ?? 0)
      return toThousandths(before + world.sample(timeMs).rainToday)
    },
    soilTemperature: (recordedMs) =>
      toThousandths(
        soilTemperatureAt(dayOf, shown(recordedMs).at, (agoMs) =>
          // What is before the start is the end of the record, as it is after a lap.
          airTemperature(recordedMs - agoMs < startMs ? recordedMs - agoMs + lengthMs : recordedMs - agoMs),
        ),
      ),
    soilWater: (recordedMs) => {
      const { timeMs, at } = shown(recordedMs)
      return soil(at, world.sample(timeMs).rainToday)
    },
  }
}

/** Entry i is what fell before day i, mm; one entry more than there are days. */
function runningMm(records: readonly DailyRecord[]): readonly number[] {
  const running = [0]
  let um = 0
  for (const day of records) {
    um += Math.round(day.precipitationMm * 1000)
    running.push(um / 1000)
  }
  return running
}
