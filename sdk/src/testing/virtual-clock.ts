/** Time that moves only when it is told to. A week takes as long as the work that falls into it. */
import { FieldproofError, type UnixMs } from '../base/index.ts'
import type { ClockQuality } from '../crypto/index.ts'
import type { Clock } from '../machine/index.ts'

/** A {@link Clock} with hands. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward and runs what falls due, each timer at its own time, in order of time and then of creation; before
   * the first and after each, promises run until they wait for something else.
   */
  advance(ms: number): Promise<void>
  /** Moves time to the next timer and runs it; false when there is none. */
  advanceToNext(): Promise<boolean>
  /** Steps the wall clock, as NTP does: `now` jumps, timers and `monotonicMs` do not notice. */
  step(ms: number): void
  setQuality(quality: ClockQuality): void
  /** Timers that are waiting. */
  readonly timers: number
}

/** Settings of {@link createVirtualClock}. */
export interface VirtualClockOptions {
  /** Wall clock at the start. Default 2026-01-01T00:00:00Z. */
  readonly nowMs?: UnixMs
  /** Default 2, synced. */
  readonly quality?: ClockQuality
  /** Lets promises run. Default: one turn of the event loop, which empties the queue of microtasks. */
  readonly settle?: () => Promise<void>
}

interface Timer {
  readonly dueMs: number
  readonly task: () => void
}

/** A clock that stands still. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const settle = options.settle ?? (() => new Promise((resolve) => setImmediate(resolve)))
  let wallMs = options.nowMs ?? Date.UTC(2026, 0, 1)
  let elapsedMs = 0
  let quality = options.quality ?? 2
  /** Sorted by due time; of equal ones the older first. */
  const queue: Timer[] = []

  function moveTo(targetMs: number): void {
    wallMs += targetMs - elapsedMs
    elapsedMs = targetMs
  }

  async function runNext(): Promise<void> {
    const timer = queue.shift()
    if (timer === undefined) return
    moveTo(Math.max(elapsedMs, timer.dueMs))
    timer.task()
    await settle()
  }

  return {
    now: () => Math.floor(wallMs),
    monotonicMs: () => elapsedMs,
    quality: () => quality,
    after(delayMs, task) {
      if (!(delayMs >= 0)) throw new FieldproofError('out-of-range', 'a delay is zero or more milliseconds')
      const timer = { dueMs: elapsedMs + delayMs, task }
      queue.splice(placeOf(queue, timer.dueMs), 0, timer)
      return () => {
        const at = queue.indexOf(timer)
        if (at >= 0) queue.splice(at, 1)
      }
    },
    async advance(ms) {
      const targetMs = elapsedMs + ms
      await settle()
      while (queue[0] !== undefined && queue[0].dueMs <= targetMs) await runNext()
      moveTo(Math.max(elapsedMs, targetMs))
    },
    async advanceToNext() {
      await settle()
      if (queue.length === 0) return false
      await runNext()
      return true
    },
    step(ms) {
      wallMs += ms
    },
    setQuality(value) {
      quality = value
    },
    get timers() {
      return queue.length
    },
  }
}

/** Index after all timers that are due at `dueMs` or before. */
function placeOf(queue: readonly Timer[], dueMs: number): number {
  let low = 0
  let high = queue.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (queue[middle]!.dueMs <= dueMs) low = middle + 1
    else high = middle
  }
  return low
}
