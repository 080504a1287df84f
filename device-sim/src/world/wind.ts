/**
 * Wind speed within a day: stronger in the afternoon, unsteady at three time scales, equal on both sides of midnight, and
 * with the recorded daily mean. Values stand at every ten minutes and are joined by straight lines; the mean of that curve
 * is the recorded one to rounding, the plain mean of a day's samples at a step that divides ten minutes to 0.05 m/s
 * (the two ends of the day differ, and a sample covers only its own side).
 */
import { DAY_MS, type DailyRecord } from './daily.ts'
import { ease, type Key, smoothNoise, subkey } from './rng.ts'

/** Wind speed (m/s) at `ms` after local midnight, 0 <= ms < {@link DAY_MS}. */
export type WindDay = (ms: number) => number

const HOUR_MS = 3_600_000
const NODE_MS = 600_000
const NODES = DAY_MS / NODE_MS
/** The day's own level is reached four hours from midnight. */
const RAMP_MS = 4 * HOUR_MS
/**
 * Largest relative swing. The level is at least 0.8 of the mean and `hold` at least 5/6 on average, so the correction is at
 * most 1.5 times the largest swing; below 1 / 2.5 no draw can make the speed negative.
 */
const SWING = 0.39

/** Wind of one day between its neighbours (at an end of the record: whatever day the caller joins it to). */
export function windDay(key: Key, before: DailyRecord, day: DailyRecord, after: DailyRecord): WindDay {
  const start = midnightMps(before, day)
  const end = midnightMps(day, after)
  // The ramps of both ends have the mean of their ends; what is left of the day's mean is the level between them.
  const ramp = RAMP_MS / DAY_MS
  const level = (day.windSpeedMps - (ramp * (start + end)) / 2) / (1 - ramp)
  const base: number[] = []
  const swing: number[] = []
  const hold: number[] = []
  for (let i = 0; i <= NODES; i++) {
    const ms = i * NODE_MS
    const fromStart = ease(ms / RAMP_MS)
    const fromEnd = ease((DAY_MS - ms) / RAMP_MS)
    base.push(level + (start - level) * (1 - fromStart) + (end - level) * (1 - fromEnd))
    hold.push(fromStart * fromEnd)
    swing.push(0.4 * breeze(ms) + 0.6 * gusts(key, day.startMs + ms))
  }
  // Taking the mean swing out again only where `hold` is not zero leaves both midnights as the neighbours see them.
  const held = trapezoid(base, hold)
  const excess = held === 0 ? 0 : trapezoid(base, swing) / held
  const node = (i: number): number => (base[i] ?? 0) * (1 + SWING * ((swing[i] ?? 0) - excess * (hold[i] ?? 0)))
  const nodes = base.map((_, i) => node(i))
  return (ms) => {
    const i = Math.floor(ms / NODE_MS)
    const a = nodes[i] ?? 0
    return a + ((nodes[i + 1] ?? a) - a) * ((ms - i * NODE_MS) / NODE_MS)
  }
}

/** Harmonic mean of both days: at most twice the calmer one, which keeps that day's level positive. */
function midnightMps(a: DailyRecord, b: DailyRecord): number {
  const sum = a.windSpeedMps + b.windSpeedMps
  return sum === 0 ? 0 : (2 * a.windSpeedMps * b.windSpeedMps) / sum
}

/** Daily course in [-1, 1]: weakest at 04:00, strongest at 15:00. */
function breeze(ms: number): number {
  const hour = ms / HOUR_MS
  if (hour < 4) return 1 - 2 * ease((hour + 9) / 13)
  if (hour < 15) return 2 * ease((hour - 4) / 11) - 1
  return 1 - 2 * ease((hour - 15) / 13)
}

/** Unsteadiness in [-1, 1]. */
function gusts(key: Key, timeMs: number): number {
  const gust = subkey(key, 'gusts')
  return (
    0.5 * smoothNoise(gust, timeMs, 3 * HOUR_MS) +
    0.3 * smoothNoise(gust + 1, timeMs, HOUR_MS) +
    0.2 * smoothNoise(gust + 2, timeMs, NODE_MS)
  )
}

/** Mean of a product over the day by the trapezoid rule, which is exact for straight lines between nodes. */
function trapezoid(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i <= NODES; i++) sum += (a[i] ?? 0) * (b[i] ?? 0) * (i === 0 || i === NODES ? 0.5 : 1)
  return sum / NODES
}
