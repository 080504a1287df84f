/**
 * Soil water as two buckets, stepped by the day: rain into the upper one, what is over its field capacity into the lower
 * one and out of it, and evaporation (Blaney-Criddle, FAO training manual 3) out of both as far as there is water to take.
 * Both begin at field capacity, which is what a January leaves them at. Within a day the rain arrives when it falls, and the
 * rest goes on evenly.
 */
import type { DayTime } from './course.ts'
import { DAY_MS, type DailyRecord } from './daily.ts'

/** Water of two depths, cubic metres of water in one of soil. */
export interface SoilWater {
  readonly shallow: number
  readonly deep: number
}

/** Thickness of the upper layer, mm. */
export const SHALLOW_MM = 200
/** Thickness of the lower layer, mm. */
export const DEEP_MM = 300
/** Every pore is full of water, m3/m3. */
export const SATURATION = 0.45
const FIELD_CAPACITY = 0.3
const WILTING_POINT = 0.1
/** Plants take water freely above this, and less and less below. */
const STRESS_POINT = 0.24
/** Of the water over field capacity, what leaves a layer in a day. */
const SHALLOW_DRAINS = 0.5
const DEEP_DRAINS = 0.2
const SHALLOW_ROOTS = 0.7
/** Share of the year's daylight hours in a day of each month at 47.5° north, %. */
const DAYLIGHT = [0.2, 0.23, 0.27, 0.31, 0.34, 0.36, 0.35, 0.32, 0.28, 0.24, 0.21, 0.19]

interface Midnight extends SoilWater {
  /** What of the day's rain the upper layer takes, m3/m3. */
  readonly taken: number
}

/** Soil water over a record. `fallenMm` is the rain since the midnight of the instant's day. */
export function createSoil(records: readonly DailyRecord[]): (at: DayTime, fallenMm: number) => SoilWater {
  const midnights: Midnight[] = []
  let shallow = FIELD_CAPACITY
  let deep = FIELD_CAPACITY
  for (const day of records) {
    const taken = Math.min(day.precipitationMm / SHALLOW_MM, SATURATION - shallow)
    midnights.push({ shallow, deep, taken })
    const evaporatedMm = evaporationMm(day)
    const drainedMm = SHALLOW_DRAINS * Math.max(0, shallow + taken - FIELD_CAPACITY) * SHALLOW_MM
    const seepedMm = DEEP_DRAINS * Math.max(0, deep - FIELD_CAPACITY) * DEEP_MM
    const shallowLossMm = drainedMm + SHALLOW_ROOTS * evaporatedMm * availability(shallow)
    const deepLossMm = seepedMm + (1 - SHALLOW_ROOTS) * evaporatedMm * availability(deep)
    shallow += taken - shallowLossMm / SHALLOW_MM
    deep = Math.min(SATURATION, deep + (drainedMm - deepLossMm) / DEEP_MM)
  }
  const end: Midnight = { shallow, deep, taken: 0 }
  return ({ day, ms }, fallenMm) => {
    const a = midnights[day] ?? end
    const b = midnights[day + 1] ?? end
    const rainMm = records[day]?.precipitationMm ?? 0
    const rain = rainMm > 0 ? (a.taken * fallenMm) / rainMm : 0
    const share = ms / DAY_MS
    return {
      shallow: Math.min(SATURATION, a.shallow + rain + (b.shallow - a.shallow - a.taken) * share),
      deep: a.deep + (b.deep - a.deep) * share,
    }
  }
}

/** Reference evaporation of a day, mm. */
function evaporationMm({ date, temperatureMinCel, temperatureMaxCel }: DailyRecord): number {
  const daylight = DAYLIGHT[Number(date.slice(5, 7)) - 1] ?? 0.27
  return Math.max(0, daylight * (0.46 * ((temperatureMinCel + temperatureMaxCel) / 2) + 8))
}

/** 1 where plants take what they want, 0 where they wilt. */
function availability(water: number): number {
  return Math.min(1, Math.max(0, (water - WILTING_POINT) / (STRESS_POINT - WILTING_POINT)))
}
