/** Soil temperature at 10 cm: slow, damped and late behind the air. */
import { courseAt, type DayTime } from './course.ts'
import { DAY_MS, type DailyRecord } from './daily.ts'

/** Weights of a day and the four before it: soil at 10 cm answers slowly. */
const MEMORY = [0.3, 0.25, 0.2, 0.15, 0.1]
/** How much of the air's course within the day arrives, and how late. */
const DAMPING = 0.35
const LAG_MS = 4 * 3_600_000

/**
 * Soil temperature at 10 cm, Cel: the mean of the last days, and the air's course of four hours ago, damped.
 * @param airTemperature Cel, at an instant that many ms before
 */
export function soilTemperatureAt(
  dayOf: (day: number) => DailyRecord,
  at: DayTime,
  airTemperature: (agoMs: number) => number,
): number {
  const mean = (i: number): number => {
    const { temperatureMinCel, temperatureMaxCel } = dayOf(i)
    return (temperatureMinCel + temperatureMaxCel) / 2
  }
  const slow = courseAt((i) => MEMORY.reduce((sum, weight, ago) => sum + weight * mean(i - ago), 0), at)
  const before = at.ms < LAG_MS ? { day: at.day - 1, ms: at.ms - LAG_MS + DAY_MS } : { ...at, ms: at.ms - LAG_MS }
  return slow + DAMPING * (airTemperature(LAG_MS) - courseAt(mean, before))
}
