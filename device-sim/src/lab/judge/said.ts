/** Questions to a part's truth log: what a sensor said in a stretch of virtual time. */
import type { Truth } from '../../parts/index.ts'

/** A stretch of virtual time, after `fromMs` and up to `toMs`. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** Values that were said in the stretch. */
export function saidIn(truth: Truth, quantity: string, { fromMs, toMs }: Stretch): readonly (number | null)[] {
  return truth
    .entries()
    .filter((one) => one.quantity === quantity && one.ms > fromMs && one.ms <= toMs)
    .map(({ value }) => value)
}

/** Values that were true at some moment of the stretch, where a part says only what changes. */
export function trueIn(truth: Truth, quantity: string, stretch: Stretch): readonly (number | null)[] {
  const before = truth.latest(quantity, stretch.fromMs)
  return [...(before === undefined ? [] : [before.value]), ...saidIn(truth, quantity, stretch)]
}

/** When a part that counts has counted, in order. */
export function countedMs(truth: Truth, quantity: string): readonly number[] {
  return truth.entries().flatMap((one) => (one.quantity === quantity && one.value !== null ? [one.ms] : []))
}

/** How many of ascending times lie in the stretch. */
export function countIn(times: readonly number[], { fromMs, toMs }: Stretch): number {
  return Math.max(0, firstAfter(times, toMs) - firstAfter(times, fromMs))
}

function firstAfter(times: readonly number[], ms: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= ms) low = middle + 1
    else high = middle
  }
  return low
}
