/** Tests of several columns of one row against each other. They look only at values that their sensors can have meant. */
import type { Column } from '../wire/index.ts'
import type { Flag } from './flags.ts'
import type { ConsistencyRule, NotAboveRule, StillRule } from './ruleset.ts'
import { distance, scaled } from './scale.ts'

/** A consistency rule, ready for rows. */
export interface ConsistencyTest {
  /** @param values of a row in the scale of their columns, null where missing or out of the sensor's span */
  judge(time: number, values: readonly (number | null)[], say: (at: number, flag: Flag) => void): void
  /** Forgets the rows before. */
  clear(): void
}

/** The test of a rule. @param columns of the stream; has those that the rule names */
export function consistencyTest(rule: ConsistencyRule, columns: readonly Column[], maxGapMs: number): ConsistencyTest {
  return rule.rule === 'not-above' ? notAboveTest(rule, columns) : stillTest(rule, columns, maxGapMs)
}

function notAboveTest(rule: NotAboveRule, columns: readonly Column[]): ConsistencyTest {
  const column = placeOf(rule.column, columns)
  const limit = placeOf(rule.limit, columns)
  const finest = Math.min(column.exponent, limit.exponent)
  const slack = scaled(rule.slack, finest)
  const toFinest = scaled(1, finest - column.exponent)
  const limitToFinest = scaled(1, finest - limit.exponent)
  return {
    judge(_time, values, say) {
      const value = values[column.at] ?? null
      const most = values[limit.at] ?? null
      if (value === null || most === null) return
      const isGood = value * toFinest <= most * limitToFinest + slack
      for (const { at } of [column, limit]) say(at, isGood ? 1 : 3)
    },
    clear: () => undefined,
  }
}

function stillTest(rule: StillRule, columns: readonly Column[], maxGapMs: number): ConsistencyTest {
  const direction = placeOf(rule.direction, columns)
  const speed = placeOf(rule.speed, columns)
  const slack = scaled(rule.slack, direction.exponent)
  const circle = scaled(360, direction.exponent)
  let last: { time: number; heading: number | null } | undefined
  return {
    judge(time, values, say) {
      const isCalm = values[speed.at] === 0
      const heading = values[direction.at] ?? null
      const before = last && time - last.time <= maxGapMs ? last.heading : null
      last = { time, heading: isCalm ? heading : null }
      if (!isCalm || heading === null || before === null) return
      const isGood = distance(before, heading, circle) <= slack
      for (const { at } of [direction, speed]) say(at, isGood ? 1 : 3)
    },
    clear() {
      last = undefined
    },
  }
}

function placeOf(name: string, columns: readonly Column[]): { at: number; exponent: number } {
  const at = columns.findIndex((column) => column.name === name)
  return { at, exponent: columns[at]?.exponent ?? 0 }
}
