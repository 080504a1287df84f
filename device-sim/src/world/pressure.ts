/** Station pressure: highs and lows that pass in days, and ripples, as smooth noise around the standard atmosphere. */
import { type Key, smoothNoise, subkey } from './rng.ts'

const HOUR_MS = 3_600_000
const MEAN_HPA = 1013.25

/** Pressure at an instant, hPa, within 20 of 1013.25. */
export function pressureAt(key: Key, timeMs: number): number {
  const synoptic = subkey(key, 'pressure')
  return (
    MEAN_HPA +
    12 * smoothNoise(synoptic, timeMs, 120 * HOUR_MS) +
    6 * smoothNoise(synoptic + 1, timeMs, 36 * HOUR_MS) +
    1.5 * smoothNoise(synoptic + 2, timeMs, 5 * HOUR_MS) +
    0.2 * smoothNoise(synoptic + 3, timeMs, HOUR_MS / 3)
  )
}
