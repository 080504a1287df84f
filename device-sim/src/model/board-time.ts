/**
 * Time as the model's parts use it, in cycles of a 16 MHz clock, so that the line and the parts at the pins of an emulated
 * chip fit here too. What a part does step by step it writes as a generator that yields how long it waits.
 */

/** Cycles of a millisecond. */
export const CYCLES_PER_MS = 16_000
/** Cycles of a microsecond. */
export const CYCLES_PER_US = 16

/** Time from one reset to the next; nothing that was planned happens after that. */
export interface BoardTime {
  /** Now, in cycles since the board was made. */
  readonly nowCycles: () => number
  /** Cycle of the reset. */
  readonly resetCycles: number
  /** Does something at a cycle that is not past, unless the board is reset, hung or without power by then. */
  readonly plan: (cycles: number, action: () => void) => void
}

/** Waits that many cycles, or goes on at once. */
export type Steps<T = void> = Generator<number, T, void>

/** Runs steps to their end, and then `done`. */
export function runSteps<T>(time: BoardTime, steps: Steps<T>, done: (result: T) => void): void {
  const { done: isOver, value } = steps.next()
  if (isOver === true) done(value)
  else time.plan(time.nowCycles() + value, () => runSteps(time, steps, done))
}

/** Milliseconds since the reset, whole ones. */
export function millisOf({ nowCycles, resetCycles }: BoardTime): number {
  return Math.floor((nowCycles() - resetCycles) / CYCLES_PER_MS)
}
