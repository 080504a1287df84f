/** Runs a bench at the pace of the wall clock, for stations in other processes, which have real time. */
import type { Bench } from './bench.ts'

/** How often the bench catches up with the clock, ms. */
const TURN_MS = 4

/** Starts; returns a function that stops. */
export function runAtWallPace(bench: Bench): () => void {
  const startMs = performance.now() - bench.uno.nowMs()
  const timer = setInterval(() => {
    const behindMs = performance.now() - startMs - bench.uno.nowMs()
    if (behindMs > 0) bench.step(behindMs)
  }, TURN_MS)
  return () => clearInterval(timer)
}
