/** Ruled columns of a stream, ready for its rows: found by name, their limits scaled to the integers that the rows carry. */
import { FieldproofError } from '../base/index.ts'
import type { Column, Value } from '../wire/index.ts'
import { ColumnHistory } from './column-history.ts'
import type { ColumnRules, Condition, Span } from './ruleset.ts'
import { scaled } from './scale.ts'

/** One ruled column, ready to test. */
export interface Subject {
  /** With limits in the scale of the column. */
  readonly rules: ColumnRules
  /** Position in the row. */
  readonly at: number
  readonly history: ColumnHistory
  /** Whether the exception of the flat rule holds in a row. */
  readonly isExcepted: (values: readonly Value[]) => boolean
}

/**
 * The ruled ones of these columns, in the order of the columns.
 * @throws FieldproofError `config-invalid` unless the stream has every ruled column, of type int and in the ruleset's unit
 */
export function subjectsOf(ruled: readonly ColumnRules[], columns: readonly Column[], maxGapMs: number): Subject[] {
  assertColumns(ruled, columns)
  return columns.flatMap((column, at): Subject[] => {
    const rules = ruled.find((r) => r.column === column.name)
    return rules ? [subjectOf(rules, at, columns, maxGapMs)] : []
  })
}

function subjectOf(real: ColumnRules, at: number, columns: readonly Column[], maxGapMs: number): Subject {
  const rules = rulesInScale(real, columns[at]?.exponent ?? 0)
  return {
    rules,
    at,
    history: new ColumnHistory(rules, maxGapMs),
    isExcepted: exceptionOf(rules.flat?.except, columns),
  }
}

/** The same rules with every limit as a multiple of 10^exponent; an exception keeps the scale of its own column. */
function rulesInScale({ period, range, step, rate, flat, ...named }: ColumnRules, exponent: number): ColumnRules {
  const scale = (limit: number): number => scaled(limit, exponent)
  const span = ([least, most]: Span): Span => [scale(least), scale(most)]
  const limits = ({ suspect, fail }: { suspect?: number; fail?: number }) => ({
    ...(suspect !== undefined && { suspect: scale(suspect) }),
    ...(fail !== undefined && { fail: scale(fail) }),
  })
  return {
    ...named,
    ...(period !== undefined && { period: scale(period) }),
    ...(range && {
      range: { ...(range.suspect && { suspect: span(range.suspect) }), ...(range.fail && { fail: span(range.fail) }) },
    }),
    ...(step && { step: { ...step, ...limits(step) } }),
    ...(rate && { rate: { ...rate, ...limits(rate) } }),
    ...(flat && { flat: { ...flat, leastChange: scale(flat.leastChange) } }),
  }
}

function exceptionOf(except: Condition | undefined, columns: readonly Column[]): (values: readonly Value[]) => boolean {
  if (!except) return () => false
  const at = columns.findIndex((c) => c.name === except.column)
  const exponent = columns[at]?.exponent ?? 0
  const least = except.atLeast === undefined ? Number.POSITIVE_INFINITY : scaled(except.atLeast, exponent)
  const most = except.atMost === undefined ? Number.NEGATIVE_INFINITY : scaled(except.atMost, exponent)
  return (values) => {
    const value = values[at]
    return typeof value !== 'number' || Number.isNaN(value) || value >= least || value <= most
  }
}

function assertColumns(ruled: readonly ColumnRules[], columns: readonly Column[]): void {
  const faults = ruled.flatMap(({ column: name, unit }) => {
    const column = columns.find((c) => c.name === name)
    if (!column) return [`${name}: the stream has no such column`]
    if (column.type !== 'int') return [`${name}: a column of type ${column.type} has no quality rules`]
    return column.unit === unit
      ? []
      : [`${name}: rules are in ${unit || 'no unit'}, the column is in ${column.unit || 'none'}`]
  })
  if (faults.length > 0) throw new FieldproofError('config-invalid', `quality rules: ${faults.join('; ')}`)
}
