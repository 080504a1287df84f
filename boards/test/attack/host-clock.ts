/** The clock of a process that can be stopped, as SIGSTOP, a paused container or a card that hangs stop it, while the world goes on. */
import type { Clock } from '@fieldproof/sdk/machine'
import type { VirtualClock } from '@fieldproof/sdk/testing'

/** See the file's head. */
export interface StoppableClock extends Clock {
  readonly stop: () => void
  /** What fell due meanwhile is done now, in its order: a process that wakes up runs its timers before it reads. */
  readonly go: () => void
}

/** A clock of a process in the world of this one. */
export function stoppable(world: VirtualClock): StoppableClock {
  let due: (() => void)[] | null = null
  return {
    now: world.now,
    monotonicMs: world.monotonicMs,
    quality: world.quality,
    after: (ms, task) => {
      let isCancelled = false
      const run = (): void => {
        if (!isCancelled) task()
      }
      const cancel = world.after(ms, () => (due === null ? run() : due.push(run)))
      return () => {
        isCancelled = true
        cancel()
      }
    },
    stop: () => {
      due ??= []
    },
    go: () => {
      const tasks = due ?? []
      due = null
      for (const task of tasks) task()
    },
  }
}
