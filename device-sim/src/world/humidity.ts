/**
 * Moisture of the air. FAO-56 takes the day's lowest temperature for its dew point where none was measured (equation 48:
 * the air cools until it is saturated); on dry days the dew point stays up to 2.5 Cel lower. Eddies are added, and the dew
 * point is never above the temperature, so that relative humidity is never above 100 %.
 */
import { courseAt, type DayTime } from './course.ts'
import type { DailyRecord } from './daily.ts'
import { exponential } from './exponential.ts'
import { type Key, smoothNoise, subkey, uniform } from './rng.ts'

const MINUTE_MS = 60_000
const DRY_DAY_CEL = 2.5
const EDDY_CEL = 0.4

/**
 * Dew point at an instant, Cel.
 * @param airTemperature Cel, at the same instant
 * @param timeMs the instant, ms
 */
export function dewPointAt(
  key: Key,
  dayOf: (day: number) => DailyRecord,
  at: DayTime,
  timeMs: number,
  airTemperature: number,
): number {
  const dryness = subkey(key, 'dryness')
  const course = courseAt((i) => {
    const day = dayOf(i)
    const below = day.precipitationMm > 0 ? 0 : DRY_DAY_CEL * uniform(subkey(dryness, day.startMs), 0)
    return day.temperatureMinCel - below
  }, at)
  const eddies = subkey(key, 'moist eddies')
  const eddy = 0.7 * smoothNoise(eddies, timeMs, 50 * MINUTE_MS) + 0.3 * smoothNoise(eddies + 1, timeMs, 9 * MINUTE_MS)
  return Math.min(airTemperature, course + EDDY_CEL * eddy)
}

/** Relative humidity, %, of air at `airTemperature` with `dewPoint`, both Cel: FAO-56 equations 11 and 14 (Tetens). */
export function relativeHumidity(airTemperature: number, dewPoint: number): number {
  const power = (cel: number): number => (17.27 * cel) / (cel + 237.3)
  return Math.min(100, 100 * exponential(power(dewPoint) - power(airTemperature)))
}
