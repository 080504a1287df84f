/** Runs a bench at the pace of the wall clock, for stations in other processes, which have real time. */
import type { Bench } from './bench.ts'

/** How often the bench catches up with the clock, ms. */
const TURN_MS = 4
/** Most that it catches up in a turn: when this process was held up, its bench was too, and nothing happens behind its back. */
const MOST_MS = 50

/** Starts; returns a function that stops. */
export function runAtWallPace(bench: Bench): () => void {
  let lastMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    bench.step(Math.min(MOST_MS, nowMs - lastMs))
    lastMs = nowMs
  }, TURN_MS)
  return () => clearInterval(timer)
}
