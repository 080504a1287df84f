/** How a column is judged. Each of these knows one way in which a signed value can be true; everything else is false. */
import type { Truth } from '../../parts/index.ts'
import { countIn, type Stretch, saidIn, trueIn } from './said.ts'

/** A row under judgement. */
export interface RowCase {
  /** Virtual time at which its sensors had been read. */
  readonly ms: number
  /** Its own time: since the row before, and never more than an interval. */
  readonly own: Stretch
  /** Earliest virtual time at which the row before was read on the same connection, or when that connection began. */
  readonly sessionFromMs: number
  /** Virtual time of the last row in which this column had a value; when the first connection began, before the first. */
  readonly countedFromMs: number
  readonly values: Readonly<Record<string, unknown>>
  /** Rows of the ten minutes and some seconds before, and this one. */
  readonly recent: readonly { readonly ms: number; readonly values: Readonly<Record<string, unknown>> }[]
}

/** Whether a value is true. `half` is half of what the column can tell apart. */
export type ColumnJudge = (value: number, row: RowCase, half: number) => boolean

/** Reading a row's sensors takes at most this long, also when some of them do not answer, ms. */
export const READING_MS = 2_500

/** How far a value and its moment may be from what was said. */
export interface Allowance {
  /** The sensor's own rounding. */
  readonly error?: number
  /** It may have been said so long before the row's own time, ms. */
  readonly leadMs?: number
}

/** Said by the sensor in the row's own time. */
export function said(truth: Truth, quantity: string, { error = 0, leadMs = 0 }: Allowance = {}): ColumnJudge {
  return (value, { own }, half) =>
    saidIn(truth, quantity, { ...own, fromMs: own.fromMs - leadMs }).some((one) => isNear(one, value, half + error))
}

/** True at some moment of the row's own time, after `of` has made the column's value of it. */
export function held(truth: Truth, quantity: string, of: (value: number) => number, error: number): ColumnJudge {
  return (value, { own }, half) =>
    trueIn(truth, quantity, own).some((one) => one !== null && isNear(of(one), value, half + error))
}

/** What a converter says of a pin whose sensor says nothing is no claim about the sensor. */
export function unlessSilent(truth: Truth, quantity: string, judge: ColumnJudge): ColumnJudge {
  return (value, row, half) => trueIn(truth, quantity, row.own).includes(null) || judge(value, row, half)
}

/** Never more than were counted since the column's last value. */
export function counted(times: readonly number[]): ColumnJudge {
  return (value, { ms, countedFromMs }) =>
    value >= 0 && value <= countIn(times, { fromMs: countedFromMs - READING_MS, toMs: ms })
}

/** Computed from other values of the same row; null when it cannot be. */
export function computed(of: (values: RowCase['values']) => number | null, error: number): ColumnJudge {
  return (value, { values }, half) => {
    const expected = of(values)
    return expected !== null && isNear(expected, value, half + error)
  }
}

function isNear(one: number | null, value: number, error: number): boolean {
  return one !== null && Math.abs(one - value) <= error + 1e-9
}
