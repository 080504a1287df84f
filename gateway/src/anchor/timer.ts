/** The gateway's own clock port for what it does from time to time. Wall-clock time decides nothing in anchoring. */

/** Time and timers. */
export interface Timer {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number
  /** Calls `task` once, after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** The system's timer. Waiting tasks do not keep the process alive. */
export const systemTimer: Timer = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs).unref()
    return () => clearTimeout(handle)
  },
}

/** A loop that is running. */
export interface Loop {
  /** Ends it; resolves when the round that was running is over. */
  stop(): Promise<void>
}

/** Longest pause after failures, in ms. */
const MAX_PAUSE_MS = 30_000

/**
 * Runs `round` again and again with a pause between; after failures the pause doubles each time, up to 30 s.
 * @param onError hears of each failure; returns false to end the loop
 */
export function startLoop(
  timer: Timer,
  everyMs: number,
  round: () => Promise<void>,
  onError: (error: unknown) => boolean,
): Loop {
  let stopped = false
  let failures = 0
  let cancel: () => void = () => undefined
  let running: Promise<void> = Promise.resolve()
  const schedule = (): void => {
    if (stopped) return
    const pauseMs = failures === 0 ? everyMs : Math.max(everyMs, Math.min(everyMs * 2 ** failures, MAX_PAUSE_MS))
    cancel = timer.after(pauseMs, go)
  }
  const go = (): void => {
    running = round().then(
      () => {
        failures = 0
      },
      (error: unknown) => {
        failures++
        if (!onError(error)) stopped = true
      },
    )
    running = running.then(schedule)
  }
  go()
  return {
    stop: () => {
      stopped = true
      cancel()
      return running
    },
  }
}
