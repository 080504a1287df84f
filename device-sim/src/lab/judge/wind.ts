/** Wind is a number of closures over a time. A speed is true if some stretch of the row's time gives it, by the cups' own truth. */
import { MPS_PER_HZ } from '../../parts/index.ts'
import type { ColumnJudge, RowCase } from './columns.ts'
import { READING_MS } from './columns.ts'
import { countIn } from './said.ts'

const STEP_MS = 20
const GUST_MS = 3_000
/** Less than this is no mean. */
const SHORTEST_MS = 900
const COUNTING_ERROR = 0.5
/** A whole closure: 3 s are put together from samples that begin and end between closures. */
const GUST_ERROR = 1
const DIRECTION_ERROR_DEG = 5

/** Mean since the row before on the same connection. */
export function meanSpeed(closuresMs: readonly number[]): ColumnJudge {
  return (value, { ms, sessionFromMs }, half) =>
    range(sessionFromMs, ms - SHORTEST_MS).some((fromMs) =>
      range(Math.max(fromMs + SHORTEST_MS, ms - READING_MS), ms).some((toMs) => {
        const closures = (speed: number): number => (speed * (toMs - fromMs)) / 1000 / MPS_PER_HZ
        const error = COUNTING_ERROR + closures(half)
        return Math.abs(closures(value) - countIn(closuresMs, { fromMs, toMs })) <= error
      }),
    )
}

/** Highest mean of 3 s that ended since the row before. */
export function gust(closuresMs: readonly number[]): ColumnJudge {
  const closures = (speed: number): number => (speed * GUST_MS) / 1000 / MPS_PER_HZ
  return (value, { ms, sessionFromMs }, half) =>
    range(sessionFromMs, ms).some((toMs) => {
      const truly = countIn(closuresMs, { fromMs: toMs - GUST_MS, toMs })
      return Math.abs(closures(value) - truly) <= GUST_ERROR + closures(half)
    })
}

/** Vector mean of ten minutes, from the directions and speeds that were signed. @param rowMs what a row stands for */
export function meanDirection(rowMs: number): ColumnJudge {
  return (value, row) => {
    const mean = vectorMean(row, rowMs)
    if (mean === null) return false
    const apart = Math.abs(mean - value) % 360
    return Math.min(apart, 360 - apart) <= DIRECTION_ERROR_DEG
  }
}

function vectorMean({ recent }: RowCase, rowMs: number): number | null {
  let north = 0
  let east = 0
  for (const { values } of recent) {
    const { windSpeed: speed, windDirection: degrees } = values
    if (typeof speed !== 'number' || typeof degrees !== 'number') continue
    north += speed * rowMs * Math.cos((degrees * Math.PI) / 180)
    east += speed * rowMs * Math.sin((degrees * Math.PI) / 180)
  }
  return north === 0 && east === 0 ? null : ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

function range(fromMs: number, toMs: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.floor((toMs - fromMs) / STEP_MS) + 1) }, (_, i) => fromMs + i * STEP_MS)
}
