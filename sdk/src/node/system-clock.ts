/**
 * The clock of this computer, and how far it can be believed.
 *
 * Node cannot ask the kernel whether the clock is disciplined (adjtimex), so the time service has to say it with a file:
 * systemd-timesyncd touches its marker at every successful synchronisation. chrony has no such file: let its own
 * `chronyc waitsync` touch one, and name it in `markers`. No marker means unsynced: the safe answer.
 */
import { statSync } from 'node:fs'
import { FieldproofError } from '../base/index.ts'
import type { ClockQuality } from '../crypto/index.ts'
import type { Clock } from '../machine/index.ts'

/** What systemd-timesyncd touches at each synchronisation (systemd-timesyncd.service(8)). */
export const TIMESYNCD_MARKER: string = '/run/systemd/timesync/synchronized'
/** Age over which a marker means holdover: three of timesyncd's longest poll intervals of 2048 s. */
export const SYNCED_FOR_MS: number = 3 * 2048 * 1000

/** Settings of {@link systemClock}. */
export interface SystemClockOptions {
  /** Files that a time service touches when it has synchronised; the newest counts. Default {@link TIMESYNCD_MARKER}. */
  readonly markers?: readonly string[]
  /** Answers instead of the markers, for a clock that this process can ask (a GPS receiver, an RTC). */
  readonly quality?: () => ClockQuality
}

/**
 * {@link Clock} of this computer. Quality is 2 (synced) while the newest marker is younger than {@link SYNCED_FOR_MS},
 * 1 (holdover) when it is older, 0 (unsynced) when there is none.
 */
export function systemClock(options: SystemClockOptions = {}): Clock {
  const markers = options.markers ?? [TIMESYNCD_MARKER]
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    quality: options.quality ?? (() => qualityOf(markers, Date.now())),
    after: (delayMs, task) => after(delayMs, task),
  }
}

function qualityOf(markers: readonly string[], nowMs: number): ClockQuality {
  const touched = markers.flatMap(touchedMs)
  if (touched.length === 0) return 0
  return Math.abs(nowMs - Math.max(...touched)) <= SYNCED_FOR_MS ? 2 : 1
}

function touchedMs(path: string): number[] {
  try {
    return [statSync(path).mtimeMs]
  } catch {
    return [] // absent, or behind a folder that we may not enter: either way nobody vouches for the clock
  }
}

/** Longest delay that setTimeout takes; it fires at once over it. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

function after(delayMs: number, task: () => void): () => void {
  if (!(delayMs >= 0)) throw new FieldproofError('out-of-range', 'a delay is zero or more milliseconds')
  let timer: NodeJS.Timeout
  const wait = (restMs: number): void => {
    timer =
      restMs > MAX_TIMEOUT_MS
        ? setTimeout(wait, MAX_TIMEOUT_MS, restMs - MAX_TIMEOUT_MS)
        : setTimeout(task, Math.ceil(restMs))
  }
  wait(delayMs)
  return () => clearTimeout(timer)
}
