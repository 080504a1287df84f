/**
 * What quality control remembers of one column: the last value, references for the rate of change, and the present flat run.
 * Its size depends on nothing that a sensor says.
 */
import type { ColumnRules, FlatRule } from './ruleset.ts'
import { distance, offset } from './scale.ts'

/** A value of the history; in the column's scale, time in ms. */
interface Past {
  readonly time: number
  readonly value: number
}

/** References of a rate rule are at least this part of its `overMs` apart. */
const REFERENCES_PER_WINDOW = 60

/** Streaming state of one column; values must come with growing times. */
export class ColumnHistory {
  readonly #rules: ColumnRules
  readonly #maxGapMs: number
  #first: Past | undefined
  #last: Past | undefined
  /** Oldest first; the first one may be older than the window of the rate rule, the others are not. */
  #references: Past[] = []
  #run: { first: Past; least: number; most: number } | undefined

  /** @param rules with limits in the scale of the values */
  constructor(rules: ColumnRules, maxGapMs: number) {
    this.#rules = rules
    this.#maxGapMs = maxGapMs
  }

  /** Number of values kept, at most 65. */
  get size(): number {
    return this.#references.length + [this.#first, this.#last, this.#run].filter(Boolean).length
  }

  /** Forgets everything. */
  clear(): void {
    this.#first = undefined
    this.#last = undefined
    this.#references = []
    this.#run = undefined
  }

  /** To be called first with the time of every row that has a value. */
  forgetBefore(time: number): void {
    if (this.#last && time - this.#last.time > this.#maxGapMs) this.clear()
  }

  /** Change since the value before; undefined when there is none or it is too old. */
  stepTo({ time, value }: Past): number | undefined {
    const { step, period } = this.#rules
    if (!step || !this.#last || time - this.#last.time > step.withinMs) return undefined
    return distance(this.#last.value, value, period)
  }

  /** Change against the rate rule's reference, and how many times its window lies between them (1 or more). */
  rateTo({ time, value }: Past): { change: number; windows: number } | undefined {
    const { rate, period } = this.#rules
    if (!rate) return undefined
    const reference = this.#references.findLast((past) => time - past.time >= rate.overMs)
    if (!reference) return undefined
    return { change: distance(reference.value, value, period), windows: (time - reference.time) / rate.overMs }
  }

  /** Adds a value to the history. @param breaksRun the exception of the flat rule holds */
  add(past: Past, breaksRun: boolean): void {
    this.#first ??= past
    this.#last = past
    this.#addReference(past)
    if (this.#rules.flat) this.#run = breaksRun ? undefined : this.#extendRun(past, this.#rules.flat)
  }

  /** Whether the value added last is in a run that is too long; undefined when it was excepted or the history is too short. */
  get isFlat(): boolean | undefined {
    const { flat } = this.#rules
    if (!flat || !this.#first || !this.#last || !this.#run) return undefined
    if (this.#last.time - this.#first.time < flat.windowMs) return undefined
    return this.#last.time - this.#run.first.time >= flat.windowMs
  }

  #addReference(past: Past): void {
    const { rate } = this.#rules
    if (!rate) return
    const newest = this.#references.at(-1)
    if (newest && past.time - newest.time < rate.overMs / REFERENCES_PER_WINDOW) return
    const stillNeeded = this.#references.findLastIndex((old) => past.time - old.time >= rate.overMs)
    this.#references = [...this.#references.slice(Math.max(0, stillNeeded)), past]
  }

  #extendRun(past: Past, flat: FlatRule): { first: Past; least: number; most: number } {
    if (!this.#run) return { first: past, least: 0, most: 0 }
    const { first } = this.#run
    const at = offset(first.value, past.value, this.#rules.period)
    const least = Math.min(this.#run.least, at)
    const most = Math.max(this.#run.most, at)
    return most - least < flat.leastChange ? { first, least, most } : { first: past, least: 0, most: 0 }
  }
}
