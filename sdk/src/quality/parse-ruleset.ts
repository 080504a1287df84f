/** A ruleset from outside, such as a maker's file: every fault in one message, nothing adjusted, the result frozen. */
import { FieldproofError } from '../base/index.ts'
import { MAX_PACKED_FLAGS } from './flags.ts'
import type { Ruleset } from './ruleset.ts'
import { RulesetFaults } from './ruleset-faults.ts'

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const MAX_CONSISTENCY = 32
const MAX_WINDOW_MS = 7 * 86_400_000
/** A ruleset is lists in lists; what is deeper, or refers to itself, is none. */
const MAX_DEPTH = 6

/**
 * Checks a ruleset.
 * @returns a frozen copy
 * @throws FieldproofError `config-invalid` listing every fault with its path
 */
export function parseRuleset(value: unknown): Ruleset {
  const copy = frozenCopy(value, MAX_DEPTH)
  const faults = new RulesetFaults(MAX_WINDOW_MS)
  const { name, version, maxGapMs, columns, consistency } = faults.record(copy, 'ruleset', [
    'name',
    'version',
    'maxGapMs',
    'columns',
    'consistency',
  ])
  if (typeof name !== 'string' || !NAME.test(name)) faults.add('name', 'lower-case letters, digits, ".", "_" and "-"')
  faults.integer(version, 'version', 1, Number.MAX_SAFE_INTEGER)
  faults.integer(maxGapMs, 'maxGapMs', 1, MAX_WINDOW_MS)
  const units = new Map<string, string>()
  for (const [i, rules] of faults.list(columns, 'columns', 1, MAX_PACKED_FLAGS).entries()) {
    faults.columnRules(rules, `columns[${i}]`, units)
  }
  for (const [i, rules] of faults.list(columns, 'columns', 1, MAX_PACKED_FLAGS).entries()) {
    faults.exception(rules, `columns[${i}].flat.except`, units)
  }
  for (const [i, rule] of faults.list(consistency, 'consistency', 0, MAX_CONSISTENCY).entries()) {
    faults.consistencyRule(rule, `consistency[${i}]`, units)
  }
  if (faults.found.size > 0) throw new FieldproofError('config-invalid', [...faults.found].join('; '))
  return copy as Ruleset
}

/** Plain data only: whatever else an object is or does (getters, prototypes) is gone before it is looked at. */
function frozenCopy(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return undefined
  if (Array.isArray(value)) return Object.freeze(value.map((part) => frozenCopy(part, depth - 1)))
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.freeze(Object.fromEntries(entries.map(([key, part]) => [key, frozenCopy(part, depth - 1)])))
}
