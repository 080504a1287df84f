/**
 * Wind in seconds: gusts around a mean that changes in ten minutes, and a direction that persists for days, turns within
 * hours and flutters within seconds. Kept apart from the mean, because a replay that is faster than time would otherwise
 * also hurry the gusts.
 */
import { type Key, smoothNoise, subkey } from './rng.ts'

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
/** Largest relative departure from the mean; gusts of 1.4 times the mean are common then. */
const INTENSITY = 0.6

/** Factor between the mean and the wind of an instant: 0.4 to 1.6, 1 on average. */
export function gustFactor(key: Key, timeMs: number): number {
  const gust = subkey(key, 'turbulence')
  const noise =
    0.45 * smoothNoise(gust, timeMs, 4 * SECOND_MS) +
    0.35 * smoothNoise(gust + 1, timeMs, 17 * SECOND_MS) +
    0.2 * smoothNoise(gust + 2, timeMs, 71 * SECOND_MS)
  return 1 + INTENSITY * noise
}

/**
 * Direction that the wind comes from, degrees clockwise from north, 0 <= degrees < 360.
 * @param timeMs instant of the weather, ms
 * @param gustMs instant of the gusts, ms
 */
export function directionAt(key: Key, timeMs: number, gustMs: number): number {
  const turn = subkey(key, 'direction')
  const degrees =
    200 +
    150 * smoothNoise(turn, timeMs, 72 * HOUR_MS) +
    60 * smoothNoise(turn + 1, timeMs, 11 * HOUR_MS) +
    20 * smoothNoise(turn + 2, timeMs, HOUR_MS / 2) +
    8 * smoothNoise(turn + 3, gustMs, 41 * SECOND_MS) +
    8 * smoothNoise(turn + 4, gustMs, 6 * SECOND_MS)
  return degrees - 360 * Math.floor(degrees / 360)
}
