export { type Flag, MAX_PACKED_FLAGS, packFlags, unpackFlags, worstFlag } from './flags.ts'
export { parseRuleset } from './parse-ruleset.ts'
export { narrow, rulesFor } from './presets.ts'
export { createQualityControl, type Evaluation, type QualityControl, type QualityRow } from './quality-control.ts'
export type {
  ColumnRules,
  Condition,
  ConsistencyRule,
  Finding,
  FlatRule,
  NotAboveRule,
  RangeRule,
  RateRule,
  Ruleset,
  Span,
  StepRule,
  StillRule,
} from './ruleset.ts'
export { rulesetText } from './ruleset-text.ts'
