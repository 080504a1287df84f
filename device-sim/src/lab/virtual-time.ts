/**
 * Time of this thread in our hands: an emulated board and every timer of the process advance together, a millisecond at a time.
 * Johnny-Five and firmata-io use the global timers, so these are replaced before either is imported; that is why a lab has a thread of
 * its own. Code that takes a Clock sees the same time through `systemClock()`.
 */

import { FieldproofError } from '@fieldproof/sdk/base'
import FakeTimers from '@sinonjs/fake-timers'

/** Time that passes only when it is told to. */
export interface VirtualTime {
  /** Virtual ms since the start. */
  readonly elapsedMs: () => number
  /** Lets `ms` pass: each millisecond first on the board, then for timers, then for promises. */
  readonly pass: (ms: number) => Promise<void>
  /**
   * Lets time pass until the promise settles.
   * @throws FieldproofError `deadline-passed` after `maxMs`; otherwise what the promise rejects with
   */
  readonly until: <T>(promise: Promise<T>, maxMs: number) => Promise<T>
  /** Steps the wall clock, as NTP does: `Date` jumps, timers and `performance` do not notice. */
  readonly stepWallClock: (ms: number) => void
  /** Gives the real timers back. */
  readonly end: () => void
}

/** What time is made of. */
export interface VirtualTimeOptions {
  /** Wall clock at the start, ms since 1970. */
  readonly startMs: number
  /** Lets one millisecond pass on whatever is emulated. */
  readonly run: (ms: number) => void
}

/** Takes over Date, performance and the timers of this thread; setImmediate and microtasks stay as they are. */
export function installVirtualTime({ startMs, run }: VirtualTimeOptions): VirtualTime {
  const realImmediate = setImmediate
  const clock = FakeTimers.install({
    now: startMs,
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  })
  let elapsed = 0
  // One turn of the event loop empties the queue of microtasks, however long the chain of promises is.
  const settle = (): Promise<void> => new Promise((resolve) => realImmediate(resolve))
  const millisecond = async (): Promise<void> => {
    run(1)
    elapsed++
    clock.tick(1)
    await settle()
  }
  return {
    elapsedMs: () => elapsed,
    pass: async (ms) => {
      await settle()
      for (let i = 0; i < ms; i++) await millisecond()
    },
    until: async (promise, maxMs) => {
      let isSettled = false
      const settled = (): void => {
        isSettled = true
      }
      promise.then(settled, settled)
      await settle()
      for (let i = 0; i < maxMs && !isSettled; i++) await millisecond()
      if (isSettled) return await promise
      throw new FieldproofError('deadline-passed', `nothing came of it within ${maxMs} ms of virtual time`)
    },
    stepWallClock: (ms) => clock.setSystemTime(Date.now() + ms),
    end: () => clock.uninstall(),
  }
}
