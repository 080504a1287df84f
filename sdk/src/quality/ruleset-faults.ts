/** What is wrong with the parts of a ruleset, collected with their paths. */
import type { Span } from './ruleset.ts'

const COLUMN = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/
const MAX_UNIT = 16
const LIMITS = ['suspect', 'fail'] as const

type Fields = Readonly<Record<string, unknown>>

/** Collects faults; its methods never throw. */
export class RulesetFaults {
  /** Sentences, each once. */
  readonly found: Set<string> = new Set()
  readonly #maxWindowMs: number

  constructor(maxWindowMs: number) {
    this.#maxWindowMs = maxWindowMs
  }

  add(path: string, want: string): void {
    this.found.add(`${path}: want ${want}`)
  }

  /** The fields of an object that may have these keys; none of anything else. */
  record(value: unknown, path: string, keys: readonly string[]): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.add(path, 'an object')
      return {}
    }
    for (const key of Object.keys(value)) if (!keys.includes(key)) this.found.add(`${path}.${key}: unknown key`)
    return value as Fields
  }

  list(value: unknown, path: string, least: number, most: number): readonly unknown[] {
    if (Array.isArray(value) && value.length >= least && value.length <= most) return value
    this.add(path, `a list of ${least} to ${most}`)
    return []
  }

  integer(value: unknown, path: string, least: number, most: number): void {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      this.add(path, `an integer from ${least} to ${most}`)
    }
  }

  /** @param units gets the column's unit under its name */
  columnRules(value: unknown, path: string, units: Map<string, string>): void {
    const keys = ['column', 'unit', 'period', 'range', 'step', 'rate', 'flat']
    const { column, unit, period, range, step, rate, flat } = this.record(value, path, keys)
    if (typeof unit !== 'string' || unit.length > MAX_UNIT) this.add(`${path}.unit`, 'a SenML unit')
    if (typeof column !== 'string' || !COLUMN.test(column)) this.add(`${path}.column`, 'the name of a column')
    else if (units.has(column)) this.found.add(`${path}.column: ${column} has rules already`)
    else units.set(column, String(unit))
    if (period !== undefined) this.#positive(period, `${path}.period`)
    if (range !== undefined) this.#range(range, `${path}.range`)
    if (step !== undefined) this.#change(step, `${path}.step`, 'withinMs')
    if (rate !== undefined) this.#change(rate, `${path}.rate`, 'overMs')
    if (flat !== undefined) this.#flat(flat, `${path}.flat`, period)
  }

  /** The exception of a column's flat rule, once all columns are known. */
  exception(rules: unknown, path: string, units: ReadonlyMap<string, string>): void {
    const except = fieldOf(fieldOf(rules, 'flat'), 'except')
    if (except === undefined) return
    const { column, atLeast, atMost } = this.record(except, path, ['column', 'atLeast', 'atMost'])
    this.#ruled(column, `${path}.column`, units)
    if ((atLeast === undefined) === (atMost === undefined)) this.add(path, 'either atLeast or atMost')
    else if (!Number.isFinite(atLeast ?? atMost)) this.add(path, 'a number')
  }

  consistencyRule(value: unknown, path: string, units: ReadonlyMap<string, string>): void {
    const rule = fieldOf(value, 'rule')
    if (rule !== 'not-above' && rule !== 'still') {
      this.add(`${path}.rule`, '"not-above" or "still"')
      return
    }
    const names = rule === 'still' ? ['direction', 'speed'] : ['column', 'limit']
    const fields = this.record(value, path, ['rule', ...names, 'slack'])
    for (const name of names) this.#ruled(fields[name], `${path}.${name}`, units)
    this.#positive(fields['slack'], `${path}.slack`, 0)
    const [a, b] = names.map((name) => fields[name])
    if (a === b) this.add(path, 'two columns')
    if (rule === 'not-above' && units.get(String(a)) !== units.get(String(b))) this.add(path, 'columns of one unit')
    if (rule === 'still' && units.get(String(a)) !== 'deg') this.add(`${path}.direction`, 'a column in deg')
  }

  #ruled(column: unknown, path: string, units: ReadonlyMap<string, string>): void {
    if (typeof column !== 'string' || !units.has(column)) this.add(path, 'a column of this ruleset')
  }

  #range(value: unknown, path: string): void {
    const spans = this.record(value, path, LIMITS)
    const good = LIMITS.map((key) => this.#span(spans[key], `${path}.${key}`))
    const [suspect, fail] = good
    if (Object.keys(spans).length === 0) this.add(path, 'suspect, fail or both')
    if (suspect && fail && (suspect[0] < fail[0] || suspect[1] > fail[1])) {
      this.add(`${path}.suspect`, 'a span within fail')
    }
  }

  #span(value: unknown, path: string): Span | undefined {
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] <= value[1]) {
      return value as unknown as Span
    }
    this.add(path, '[least, most]')
    return undefined
  }

  #change(value: unknown, path: string, window: 'withinMs' | 'overMs'): void {
    const fields = this.record(value, path, [window, ...LIMITS])
    this.integer(fields[window], `${path}.${window}`, 1, this.#maxWindowMs)
    const { suspect, fail } = fields
    if (suspect === undefined && fail === undefined) this.add(path, 'suspect, fail or both')
    for (const key of LIMITS) if (fields[key] !== undefined) this.#positive(fields[key], `${path}.${key}`, 0)
    if (typeof suspect === 'number' && typeof fail === 'number' && suspect > fail) {
      this.add(`${path}.suspect`, 'at most fail')
    }
  }

  #flat(value: unknown, path: string, period: unknown): void {
    const { windowMs, leastChange } = this.record(value, path, ['windowMs', 'leastChange', 'except'])
    this.integer(windowMs, `${path}.windowMs`, 1, this.#maxWindowMs)
    this.#positive(leastChange, `${path}.leastChange`)
    if (typeof period === 'number' && typeof leastChange === 'number' && leastChange >= period / 2) {
      this.add(`${path}.leastChange`, 'less than half the period')
    }
  }

  /** A finite number above 0, or from `least` on. */
  #positive(value: unknown, path: string, least?: 0): void {
    if (Number.isFinite(value) && ((value as number) > 0 || value === least)) return
    this.add(path, least === undefined ? 'a number above 0' : 'a number that is not negative')
  }
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Fields)[key] : undefined
}
