/** At which virtual time a row was made, from its own wall clock and the steps that clock has taken. */
import type { WallStep } from '../station-lab.ts'

/** Times of rows in the order in which they were recorded; null for one that no moment of the run explains. */
export function virtualTimes(
  walls: readonly number[],
  startMs: number,
  steps: readonly WallStep[],
  endMs: number,
): readonly (number | null)[] {
  const stretches = [{ ms: 0, byMs: 0 }, ...steps].map(({ ms }, i) => ({
    fromMs: ms,
    toMs: steps[i]?.ms ?? endMs,
    offsetMs: steps.slice(0, i).reduce((sum, { byMs }) => sum + byMs, 0),
  }))
  let last = 0
  return walls.map((wall) => {
    const found = stretches
      .map(({ fromMs, toMs, offsetMs }) => ({ ms: wall - startMs - offsetMs, fromMs, toMs }))
      .find(({ ms, fromMs, toMs }) => ms >= fromMs && ms <= toMs && ms >= last)
    if (found === undefined) return null
    last = found.ms
    return found.ms
  })
}
