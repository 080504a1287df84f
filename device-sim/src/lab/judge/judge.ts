/**
 * Holds what was signed against what truly was: each value of each signed row must be what the sensor said in the row's own time. The
 * judge knows nothing of drivers, sessions or checks, only the parts' own logs and the bytes that were signed.
 */
import type { Truth } from '../../parts/index.ts'
import type { SignedRow } from '../signed-rows.ts'
import type { LabRecord } from '../station-lab.ts'
import { falseActuations } from './actuations.ts'
import { READING_MS, type RowCase } from './columns.ts'
import { virtualTimes } from './row-times.ts'
import { countIn } from './said.ts'
import {
  ABOUT,
  type ColumnJudges,
  type Counts,
  irrigationCounts,
  irrigationJudges,
  weatherCounts,
  weatherJudges,
} from './stations.ts'

/** A signed value that was not so. */
export interface FalseValue {
  /** Virtual time of its row. */
  readonly ms: number
  readonly column: string
  readonly value: unknown
  /** It is the value of the row before. */
  readonly isStale: boolean
}

/** What the judge found. */
export interface Verdict {
  /** Rows of the measuring streams. */
  readonly signed: number
  readonly falseRows: number
  /** False rows with a value that was said again after the truth had moved on. */
  readonly staleRows: number
  /** Pulses that truly came between the first and the last row and are in none. */
  readonly lost: number
  /** Of these, more than a reset or a loss of power explains: pulses while the chip was running through. */
  readonly lostWithoutReset: number
  readonly falseValues: readonly FalseValue[]
  /** False when the parts have said more than they remember: then early rows cannot be judged, and may stand here as false. */
  readonly isComplete: boolean
  /** Virtual times of the rows, in order; rows of no moment of the run are false and not here. */
  readonly rowsMs: readonly number[]
}

interface Timed {
  readonly ms: number
  readonly values: SignedRow['values']
}

const RECENT_MS = 610_000

/** Judges every signed row of the station's measuring streams. */
export function judge(record: LabRecord): Verdict {
  const [[stream, { everyMs }] = ['', { everyMs: 0 }]] = Object.entries(record.station.streams)
  const signed = record.rows.filter((row) => row.stream === stream)
  const times = virtualTimes(
    signed.map(({ time }) => time),
    record.startMs,
    record.wallSteps,
    record.virtualMs + READING_MS,
  )
  const { judges, counts } = truthsOf(record, everyMs)
  const rows: Timed[] = []
  const falseValues: FalseValue[] = []
  for (const [i, { values }] of signed.entries()) {
    const ms = times[i] ?? null
    if (ms === null) {
      falseValues.push({ ms: -1 - i, column: 'time', value: signed[i]?.time, isStale: false })
      continue
    }
    rows.push({ ms, values })
    falseValues.push(...falseIn(record, judges, rows, everyMs))
  }
  falseValues.push(...overcounted(rows, counts), ...falseActuations(record))
  const losses = Object.entries(counts).map(([column, all]) => lossesOf(rows, column, all, record))
  const isOf = (wanted: (value: FalseValue) => boolean): number =>
    new Set(falseValues.filter(wanted).map(({ ms }) => ms)).size
  return {
    signed: signed.length,
    falseRows: isOf(() => true),
    staleRows: isOf(({ isStale }) => isStale),
    lost: losses.reduce((sum, { lost }) => sum + lost, 0),
    lostWithoutReset: losses.reduce((sum, { unexplained }) => sum + unexplained, 0),
    falseValues,
    isComplete: truthsIn(record).every((truth) => truth.forgotten() === 0),
    rowsMs: rows.map(({ ms }) => ms),
  }
}

function truthsIn({ bench: { weather, irrigation } }: LabRecord): readonly Truth[] {
  const parts =
    weather !== null
      ? [weather.rain, weather.wind, weather.vane, weather.climate]
      : irrigation !== null
        ? [irrigation.flow, irrigation.shallow, irrigation.deep, irrigation.soil]
        : []
  return parts.map(({ truth }) => truth)
}

function truthsOf({ bench }: LabRecord, everyMs: number): { judges: ColumnJudges; counts: Counts } {
  const { weather, irrigation } = bench
  if (weather !== null) return { judges: weatherJudges(weather, everyMs), counts: weatherCounts(weather) }
  if (irrigation !== null) return { judges: irrigationJudges(irrigation), counts: irrigationCounts(irrigation) }
  return { judges: {}, counts: {} }
}

/** False values of the newest row. */
function falseIn(record: LabRecord, judges: ColumnJudges, rows: readonly Timed[], everyMs: number): FalseValue[] {
  const { ms, values } = rows.at(-1) ?? { ms: 0, values: {} }
  const before = rows.at(-2)
  const found = (column: string): FalseValue => ({
    ...{ ms, column, value: values[column] },
    isStale: before !== undefined && before.values[column] === values[column],
  })
  if (record.darks.some(({ fromMs, untilMs = Number.POSITIVE_INFINITY }) => ms > fromMs && ms < untilMs)) {
    return [found('row')]
  }
  const ups = record.events.flatMap((one) => (one.event === 'board-up' && one.ms <= ms ? [one] : []))
  const up = ups.at(-1)
  const isEpochRight = up !== undefined && values['boardEpoch'] === up.epoch
  const recent = rows.filter((row) => row.ms > ms - RECENT_MS)
  const columns = Object.entries(values).filter(([column]) => !ABOUT.has(column))
  const wrong = columns.filter(([column, value]) => {
    if (value === null) return false
    const judgeOf = judges[column]
    if (judgeOf === undefined || typeof value !== 'number') return true
    const row: RowCase = {
      ...{ ms: ms + 1, values, recent }, // a millisecond of the board comes before that of the clock
      own: { fromMs: Math.max((before?.ms ?? 0) + 1, ms - Math.max(everyMs, READING_MS)), toMs: ms + 1 },
      sessionFromMs: Math.max(up?.ms ?? 0, (before?.ms ?? 0) - READING_MS),
      countedFromMs: rows.slice(0, -1).findLast((one) => one.values[column] !== null)?.ms ?? ups[0]?.ms ?? 0,
    }
    return !judgeOf(value, row, halfOf(record, column))
  })
  return [...wrong.map(([column]) => found(column)), ...(isEpochRight ? [] : [found('boardEpoch')])]
}

/** Windows overlap a little; over the whole run nothing may have been counted twice. */
function overcounted(rows: readonly Timed[], counts: Counts): FalseValue[] {
  return Object.entries(counts).flatMap(([column, truthMs]) => {
    const ms = rows.at(-1)?.ms ?? 0
    const told = rows.reduce((sum, { values }) => sum + Number(values[column] ?? 0), 0)
    return told > countIn(truthMs, { fromMs: -1, toMs: ms + 1 })
      ? [{ ms, column: `${column} in total`, value: told, isStale: false }]
      : []
  })
}

/** Half of what the column can tell apart. */
function halfOf({ definitions }: LabRecord, column: string): number {
  const exponent = definitions[0]?.columns.find(({ name }) => name === column)?.exponent ?? 0
  return 10 ** exponent / 2
}

/** Pulses between the first and the last row with a count that are in no row, and those of them that no reset explains. */
function lossesOf(
  rows: readonly Timed[],
  column: string,
  truthMs: readonly number[],
  { bench }: LabRecord,
): { readonly lost: number; readonly unexplained: number } {
  const counts = rows.flatMap(({ ms, values }) => {
    const value = values[column]
    return typeof value === 'number' ? [{ ms, value }] : []
  })
  const spans = counts.slice(1).map(({ ms, value }, i) => ({ fromMs: counts[i]?.ms ?? ms, toMs: ms, value }))
  const isReset = ({ fromMs, toMs }: { fromMs: number; toMs: number }): boolean =>
    bench.interruptions.some(({ ms }) => ms > fromMs - READING_MS && ms <= toMs + 1)
  let lost = 0
  let unexplained = 0
  // Runs of rows without a reset between them; at the end of each a few pulses may still be on their way into a row.
  for (let i = 0; i < spans.length; ) {
    const first = spans[i]
    if (first === undefined) break
    const last = isReset(first) ? i : lastWithout(spans, i, isReset)
    const run = spans.slice(i, last + 1)
    const toMs = (run.at(-1)?.toMs ?? first.toMs) - READING_MS
    const told = run.reduce((sum, { value }) => sum + value, 0)
    const missing = Math.max(0, countIn(truthMs, { fromMs: first.fromMs, toMs }) - told)
    lost += missing
    if (!isReset(first)) unexplained += missing
    i = last + 1
  }
  return { lost, unexplained }
}

function lastWithout<T>(all: readonly T[], from: number, isEnd: (one: T) => boolean): number {
  const end = all.findIndex((one, i) => i > from && isEnd(one))
  return end < 0 ? all.length - 1 : end - 1
}
