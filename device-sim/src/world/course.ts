/** A quantity of which each day has one value, as a curve: the value at noon, eased from noon to noon. */
import { DAY_MS } from './daily.ts'
import { ease } from './rng.ts'

const NOON_MS = DAY_MS / 2

/** Instant of a record as a day and the time in it. */
export interface DayTime {
  /** Index of the day; -1 is the last day of the record. */
  readonly day: number
  /** Ms since its midnight, 0 <= ms < DAY_MS. */
  readonly ms: number
}

/** Value at an instant between the noons around it. `noonValue` is asked for the days `day - 1` to `day + 1`. */
export function courseAt(noonValue: (day: number) => number, { day, ms }: DayTime): number {
  const from = ms < NOON_MS ? day - 1 : day
  const a = noonValue(from)
  return a + (noonValue(from + 1) - a) * ease((ms - NOON_MS) / DAY_MS + (ms < NOON_MS ? 1 : 0))
}
