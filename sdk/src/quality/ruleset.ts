/**
 * A ruleset: what quality control knows of a stream, as data. Limits are real numbers in the unit of their column, as people
 * write them; quality-control.ts scales them once to the integers of the rows. All windows are differences of row times.
 *
 * "The history" of a column is its earlier values since the beginning: of the stream, of a new epoch, of a clock that went back or
 * stood still, or of a gap of more than `maxGapMs`. A missing value is not in it, nor is one outside the span of its sensor: a
 * sensor that says -127 between two good values must not make the second one look like a leap. Every other value is, also
 * a suspect one.
 */
import type { Flag } from './flags.ts'

/** Both ends belong to it. */
export type Span = readonly [least: number, most: number]

/** Gross range. */
export interface RangeRule {
  /** What the sensor can measure, or nature can be; outside it is a fail. */
  readonly fail?: Span
  /** What the owner expects at this place; outside it is suspect. */
  readonly suspect?: Span
}

/** Change from one value to the next: raw samples that are seconds apart. */
export interface StepRule {
  /** Only values that are at most this far apart are compared. */
  readonly withinMs: number
  readonly suspect?: number
  readonly fail?: number
}

/**
 * Change over a time. The value is compared with the newest one of its history that is at least `overMs` older; if that one is older
 * still, limits grow in proportion. Of values closer than `overMs / 60` to each other only the first serves as such a reference.
 */
export interface RateRule {
  readonly overMs: number
  readonly suspect?: number
  readonly fail?: number
}

/** When a rule does not apply; one of the two limits. Unknown, as when the value is missing, counts as met. */
export interface Condition {
  readonly column: string
  readonly atLeast?: number
  readonly atMost?: number
}

/**
 * Persistence. A run is a stretch of the history whose values differ by less than `leastChange`; it ends with the first value that
 * differs more, which begins the next. A value in a run of `windowMs` or longer is suspect.
 */
export interface FlatRule {
  readonly windowMs: number
  readonly leastChange: number
  /** A row in which this holds is not evaluated and ends the run. */
  readonly except?: Condition
}

/** The tests of one column. Without tests, or before they can speak, its flag is 2. */
export interface ColumnRules {
  /** A column of type `int` of the stream. */
  readonly column: string
  /** Its SenML unit: the limits below are in it. */
  readonly unit: string
  /** For a quantity on a circle, such as 360 for degrees: differences go the short way round. */
  readonly period?: number
  readonly range?: RangeRule
  readonly step?: StepRule
  readonly rate?: RateRule
  readonly flat?: FlatRule
}

/** `column` is at most `limit + slack`, as a dew point and the temperature; otherwise both are suspect. */
export interface NotAboveRule {
  readonly rule: 'not-above'
  readonly column: string
  /** A column of the same unit. */
  readonly limit: string
  readonly slack: number
}

/**
 * `direction` moves by at most `slack` from one row to the next if `speed` is zero in both; otherwise both are suspect: what turned
 * the vane should have turned the cups.
 */
export interface StillRule {
  readonly rule: 'still'
  readonly direction: string
  readonly speed: string
  readonly slack: number
}

/** A test of several columns of one row. */
export type ConsistencyRule = NotAboveRule | StillRule

/** Everything that the flags of a stream depend on besides its rows. */
export interface Ruleset {
  /** `[a-z0-9][a-z0-9._-]*`, at most 64 characters. */
  readonly name: string
  /** From 1; any change of the ruleset is another version. */
  readonly version: number
  /** A column without a value for longer than this begins its history anew. */
  readonly maxGapMs: number
  /** 1 to 15, each column once. */
  readonly columns: readonly ColumnRules[]
  readonly consistency: readonly ConsistencyRule[]
}

/** Why a value is not a pass. */
export interface Finding {
  readonly column: string
  /** `value`: not a finite number. */
  readonly test: 'value' | 'range' | 'step' | 'rate' | 'flat' | 'consistency'
  readonly flag: Flag
}
