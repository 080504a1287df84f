/**
 * Air temperature within a day. The curve is lowest once before sunrise and highest once in the afternoon, at exactly
 * the recorded values, and joins the neighbouring days at midnight at a value that both days' ranges hold. Between these
 * points it is a cubic Hermite spline with Fritsch-Butland slopes, which cannot overshoot; small eddies are added only as
 * far as the recorded range leaves room.
 */
import { DAY_MS, type DailyRecord } from './daily.ts'
import { type Key, smoothNoise, subkey, uniform } from './rng.ts'

/** Air temperature (Cel) at `ms` after local midnight, 0 <= ms < {@link DAY_MS}. */
export type TemperatureDay = (ms: number) => number

const HOUR_MS = 3_600_000
const HALF_HOUR_MS = HOUR_MS / 2
/** How far eddies may use the room between the curve and the recorded extremes. */
const EDDY_SHARE = 0.6
const EDDY_MAX_CEL = 0.7
/** Cel an hour from midnight at which a day stops minding the range of its neighbour. */
const NEIGHBOUR_RELEASE = 1

interface Point {
  readonly ms: number
  readonly cel: number
}

/** Curve of one day between its neighbours (at an end of the record: whatever day the caller joins it to). */
export function temperatureDay(key: Key, before: DailyRecord, day: DailyRecord, after: DailyRecord): TemperatureDay {
  const dawn: Point = { ms: lowMs(key, day), cel: day.temperatureMinCel }
  const afternoon: Point = { ms: highMs(key, day), cel: day.temperatureMaxCel }
  const points: readonly Point[] = [
    { ms: highMs(key, before) - DAY_MS, cel: before.temperatureMaxCel },
    { ms: 0, cel: within(midnightCel(key, before, day), day) },
    dawn,
    afternoon,
    { ms: DAY_MS, cel: within(midnightCel(key, day, after), day) },
    { ms: lowMs(key, after) + DAY_MS, cel: after.temperatureMinCel },
  ]
  const eddies = subkey(key, 'eddies')
  return (ms) => {
    const i = ms < dawn.ms ? 1 : ms < afternoon.ms ? 2 : 3
    const cel = spline(points, i, ms)
    const room = Math.min(roomIn(day, cel), roomBeside(before, cel, ms), roomBeside(after, cel, DAY_MS - ms))
    const size = Math.min(EDDY_MAX_CEL, EDDY_SHARE * room)
    const t = day.startMs + ms
    return cel + size * (0.6 * smoothNoise(eddies, t, 70 * 60_000) + 0.4 * smoothNoise(eddies + 1, t, 20 * 60_000))
  }
}

/** Lowest at 05:00 to 07:00 on a half hour, so that any step that divides 30 minutes meets it. */
function lowMs(key: Key, day: DailyRecord): number {
  return 5 * HOUR_MS + HALF_HOUR_MS * Math.floor(5 * uniform(subkey(key, 'low'), day.startMs / DAY_MS))
}

/** Highest at 13:30 to 16:30 on a half hour. */
function highMs(key: Key, day: DailyRecord): number {
  return 13.5 * HOUR_MS + HALF_HOUR_MS * Math.floor(7 * uniform(subkey(key, 'high'), day.startMs / DAY_MS))
}

/** Wanted value at the midnight between two days: most of the fall from the afternoon is over by then. */
function midnightCel(key: Key, before: DailyRecord, after: DailyRecord): number {
  const left = 0.2 + 0.25 * uniform(subkey(key, 'midnight'), after.startMs / DAY_MS)
  const wanted = after.temperatureMinCel + left * (before.temperatureMaxCel - after.temperatureMinCel)
  return within(within(wanted, before), after)
}

/** Where the ranges of two days do not meet this leaves each day its own end, and the temperature jumps at midnight. */
function within(cel: number, day: DailyRecord): number {
  return Math.min(day.temperatureMaxCel, Math.max(day.temperatureMinCel, cel))
}

function roomIn(day: DailyRecord, cel: number): number {
  return Math.max(0, Math.min(cel - day.temperatureMinCel, day.temperatureMaxCel - cel))
}

/** Room beside a neighbour: near midnight the curve must be as calm as the neighbour's own end of it. */
function roomBeside(neighbour: DailyRecord, cel: number, msFromMidnight: number): number {
  return Math.max(roomIn(neighbour, cel), (NEIGHBOUR_RELEASE * msFromMidnight) / HOUR_MS)
}

function spline(points: readonly Point[], i: number, ms: number): number {
  const a = at(points, i)
  const b = at(points, i + 1)
  const h = b.ms - a.ms
  const x = (ms - a.ms) / h
  const y = 1 - x
  const slopeA = slope(at(points, i - 1), a, b)
  const slopeB = slope(a, b, at(points, i + 2))
  const cel = y * y * (1 + 2 * x) * a.cel + x * x * (1 + 2 * y) * b.cel + h * x * y * (y * slopeA - x * slopeB)
  // The spline is monotone in real numbers; this removes the last bit of rounding.
  return Math.min(Math.max(a.cel, b.cel), Math.max(Math.min(a.cel, b.cel), cel))
}

/** Fritsch-Butland slope at `b`, Cel/ms: zero at a turning point, else a weighted harmonic mean of both sides. */
function slope(a: Point, b: Point, c: Point): number {
  const h1 = b.ms - a.ms
  const h2 = c.ms - b.ms
  const d1 = (b.cel - a.cel) / h1
  const d2 = (c.cel - b.cel) / h2
  if (d1 * d2 <= 0) return 0
  return (3 * (h1 + h2)) / ((2 * h2 + h1) / d1 + (h2 + 2 * h1) / d2)
}

function at(points: readonly Point[], i: number): Point {
  const point = points[i]
  if (point === undefined) throw new RangeError(`no point ${i}`)
  return point
}
