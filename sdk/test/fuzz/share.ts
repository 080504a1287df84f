/** How many runs each decoder gets. */
import type { Target } from './engine.ts'

/** At least as many as a decoder has samples, and a few hundred damaged ones. */
const LEAST = 200

/** Runs by weight, so that they add up to about `total`. */
export function sharesOf(targets: readonly Target[], total: number): readonly { target: Target; runs: number }[] {
  const weights = targets.reduce((sum, { weight = 1 }) => sum + weight, 0)
  return targets.map((target) => ({
    target,
    runs: target.samples.length + Math.max(LEAST, Math.round(((target.weight ?? 1) / weights) * total)),
  }))
}
