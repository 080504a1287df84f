/**
 * Quality control of one stream, row by row. Flags are a function of the ruleset, the columns and the rows since the beginning of
 * the epoch, in their order, and of nothing else: no clock, no randomness, nothing stored. So whoever holds the signed
 * rows, from the first one of an epoch, gets the same flags. Rows are never changed: a flag stands beside a value.
 */
import type { Column, Value } from '../wire/index.ts'
import { type ConsistencyTest, consistencyTest } from './consistency.ts'
import { type Flag, packFlags, worstFlag } from './flags.ts'
import { parseRuleset } from './parse-ruleset.ts'
import type { Finding, Ruleset, Span } from './ruleset.ts'
import { type Subject, subjectsOf } from './subjects.ts'

/** A row to judge. */
export interface QualityRow {
  /** The row's own time, ms since 1970. */
  readonly time: number
  /**
   * Which run of the sensors it belongs to; another one than the row before begins every history anew. Who recomputes must be able
   * to know it: a column of the row, and the boot of its statement.
   */
  readonly epoch: number | string
  /** One value a column of the stream, in its order; what is missing at the end is null. */
  readonly values: readonly Value[]
}

/** What quality control has to say of a row. */
export interface Evaluation {
  /** One a ruled column, in the order of the stream's columns. */
  readonly flags: readonly Flag[]
  /** {@link Evaluation.flags} as the integer that a row carries. */
  readonly packed: number
  /** Why flags are 3 or 4, in the order of {@link QualityControl.columns}; empty when none is. */
  readonly findings: readonly Finding[]
}

/** Quality control of one stream. */
export interface QualityControl {
  /** Names of the columns that get a flag, in the order of the flags. */
  readonly columns: readonly string[]
  /** Judges the next row. Never throws, and takes constant time and memory. */
  evaluate(row: QualityRow): Evaluation
}

type Say = (at: number, test: Finding['test'], flag: Flag) => void

/**
 * Starts quality control of a stream.
 * @param columns of the stream's definition; those that the ruleset does not name get no flag
 * @throws FieldproofError `config-invalid` listing every fault
 */
export function createQualityControl(ruleset: Ruleset, columns: readonly Column[]): QualityControl {
  const { columns: ruled, consistency, maxGapMs } = parseRuleset(ruleset)
  const subjects = subjectsOf(ruled, columns, maxGapMs)
  const tests = consistency.map((rule) => consistencyTest(rule, columns, maxGapMs))
  let last: { time: number; epoch: number | string } | undefined

  return {
    columns: subjects.map(({ rules }) => rules.column),
    evaluate(row) {
      // Not `row.time <= last.time`: a time that is no number begins anew, too.
      if (!last || row.epoch !== last.epoch || !(row.time > last.time)) {
        for (const { history } of subjects) history.clear()
        for (const test of tests) test.clear()
      }
      last = { time: row.time, epoch: row.epoch }
      return judge(row, subjects, tests)
    },
  }
}

function judge(row: QualityRow, subjects: readonly Subject[], tests: readonly ConsistencyTest[]): Evaluation {
  const flags = new Map<number, Flag>()
  const found: { at: number; finding: Finding }[] = []
  const say: Say = (at, test, flag) => {
    const subject = subjects.find((s) => s.at === at)
    if (!subject) return
    flags.set(at, worstFlag(flags.get(at) ?? 2, flag))
    if (flag === 3 || flag === 4) found.push({ at, finding: { column: subject.rules.column, test, flag } })
  }
  const sound = row.values.map(() => null) as (number | null)[] // what other tests may build on
  for (const subject of subjects) {
    const value = row.values[subject.at] ?? null
    if (value === null) say(subject.at, 'value', 9)
    else if (typeof value !== 'number' || !Number.isFinite(value)) say(subject.at, 'value', 4)
    else if (testValue(subject, value, row, say)) sound[subject.at] = value
  }
  for (const test of tests) test.judge(row.time, sound, (at, flag) => say(at, 'consistency', flag))
  const inOrder = subjects.map(({ at }) => flags.get(at) ?? 2)
  const findings = found.sort((a, b) => a.at - b.at).map(({ finding }) => finding)
  return { flags: inOrder, packed: packFlags(inOrder), findings }
}

/** Tests of one value of one column. @returns whether the sensor can have meant it */
function testValue(subject: Subject, value: number, { time, values }: QualityRow, say: Say): boolean {
  const { rules, at, history, isExcepted } = subject
  const { range } = rules
  history.forgetBefore(time)
  if (range) say(at, 'range', isOutside(value, range.fail) ? 4 : isOutside(value, range.suspect) ? 3 : 1)
  if (isOutside(value, range?.fail)) return false
  const past = { time, value }
  const step = history.stepTo(past)
  if (step !== undefined && rules.step) say(at, 'step', limitFlag(step, rules.step, 1))
  const rate = history.rateTo(past)
  if (rate && rules.rate) say(at, 'rate', limitFlag(rate.change, rules.rate, rate.windows))
  history.add(past, isExcepted(values))
  const { isFlat } = history
  if (isFlat !== undefined) say(at, 'flat', isFlat ? 3 : 1)
  return true
}

function limitFlag(change: number, limits: { suspect?: number; fail?: number }, times: number): Flag {
  if (limits.fail !== undefined && change > limits.fail * times) return 4
  return limits.suspect !== undefined && change > limits.suspect * times ? 3 : 1
}

function isOutside(value: number, span: Span | undefined): boolean {
  return span !== undefined && (value < span[0] || value > span[1])
}
