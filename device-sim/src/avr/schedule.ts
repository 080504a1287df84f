/** What happens to a board at exact cycles, in the order of time and then of request. */

/** Actions that wait for their cycle. */
export interface Schedule {
  /** Adds an action. */
  readonly add: (cycles: number, action: () => void) => void
  /** Cycle of the next action, or infinity. */
  readonly nextAt: () => number
  /** Runs every action whose cycle has come; those that they add for the same cycle too. */
  readonly runDue: (nowCycles: number) => void
}

/** An empty schedule. */
export function createSchedule(): Schedule {
  const waiting: { readonly cycles: number; readonly action: () => void }[] = []
  const nextAt = (): number => waiting[0]?.cycles ?? Number.POSITIVE_INFINITY
  return {
    add: (cycles, action) => {
      const later = waiting.findLastIndex((one) => one.cycles <= cycles) + 1
      waiting.splice(later, 0, { cycles, action })
    },
    nextAt,
    runDue: (nowCycles) => {
      while (nextAt() <= nowCycles) waiting.shift()?.action()
    },
  }
}
