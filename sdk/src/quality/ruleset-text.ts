/**
 * A ruleset as a line for the `method` of a stream definition, which is signed with every row. It is terse because a method has
 * 1024 bytes for everything, and complete: two rulesets that could give other flags never have the same text.
 */
import type { ColumnRules, Condition, ConsistencyRule, Ruleset, Span } from './ruleset.ts'

/**
 * Such as `QC weather 1, QARTOD flags, gap 600s: airTemperature Cel fail -80..60 step 20s 2/- rate 60s 3/- flat 3600s 0.1; …`.
 * Of two limits with a stroke between them the first is suspect and the second fail.
 */
export function rulesetText({ name, version, maxGapMs, columns, consistency }: Ruleset): string {
  const rules = [...columns.map(columnText), ...consistency.map(consistencyText)]
  return `QC ${name} ${version}, QARTOD flags, gap ${seconds(maxGapMs)}: ${rules.join('; ')}`
}

function columnText({ column, unit, period, range, step, rate, flat }: ColumnRules): string {
  return [
    column,
    unit,
    period !== undefined && `mod ${period}`,
    range?.fail && `fail ${spanText(range.fail)}`,
    range?.suspect && `usual ${spanText(range.suspect)}`,
    step && `step ${seconds(step.withinMs)} ${limitsText(step)}`,
    rate && `rate ${seconds(rate.overMs)} ${limitsText(rate)}`,
    flat &&
      `flat ${seconds(flat.windowMs)} ${flat.leastChange}${flat.except ? ` unless ${conditionText(flat.except)}` : ''}`,
  ]
    .filter((part) => part !== undefined && part !== false && part !== '')
    .join(' ')
}

function consistencyText(rule: ConsistencyRule): string {
  if (rule.rule === 'not-above') return `${rule.column}<=${rule.limit}+${rule.slack}`
  return `${rule.direction} still within ${rule.slack} while ${rule.speed}=0`
}

function conditionText({ column, atLeast, atMost }: Condition): string {
  return atLeast === undefined ? `${column}<=${atMost}` : `${column}>=${atLeast}`
}

function limitsText({ suspect, fail }: { suspect?: number; fail?: number }): string {
  return `${suspect ?? '-'}/${fail ?? '-'}`
}

function spanText([least, most]: Span): string {
  return `${least}..${most}`
}

function seconds(ms: number): string {
  return `${ms / 1000}s`
}
