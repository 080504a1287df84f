import {
  type ColumnRules,
  type ConsistencyRule,
  createQualityControl,
  type Flag,
  type QualityControl,
  type Ruleset,
} from '../../src/quality/index.ts'
import type { Column, Value } from '../../src/wire/index.ts'

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 3_600_000
/** Longest gap of {@link rulesetOf}. */
export const GAP = 10 * MINUTE
/** Any time; nothing depends on it. */
export const START = 1_700_000_000_000

/** A column of type int in hundredths. */
export function columnOf(name: string, unit: string, exponent = -2): Column {
  return { name, unit, exponent, type: 'int' }
}

export function rulesetOf(columns: readonly ColumnRules[], consistency: readonly ConsistencyRule[] = []): Ruleset {
  return { name: 'test', version: 1, maxGapMs: GAP, columns, consistency }
}

/** Quality control of one column `t` in hundredths of Cel, fed with real values. */
export function controlOf(rules: Omit<ColumnRules, 'column' | 'unit'>): {
  control: QualityControl
  /** Flag of a value (real, null is missing) so many ms after {@link START}. */
  flag: (afterMs: number, real: Value, epoch?: number) => Flag | undefined
} {
  const control = createQualityControl(rulesetOf([{ column: 't', unit: 'Cel', ...rules }]), [columnOf('t', 'Cel')])
  return {
    control,
    flag(afterMs, real, epoch = 1) {
      const value = typeof real === 'number' ? Math.round(real * 100) : real
      return control.evaluate({ time: START + afterMs, epoch, values: [value] }).flags[0]
    },
  }
}
