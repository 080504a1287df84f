/**
 * An Uno at the pace of the wall clock. The clock is read, not counted: late turns are made up for, so nothing drifts. A
 * computer that was too slow, or asleep, for longer than a second loses the time instead of racing after it.
 */
import type { Uno } from '../avr/face.ts'

/** The wall clock of a thread. */
export interface PaceClock {
  /** Monotonic, ms. */
  readonly nowMs: () => number
  /** Runs something `ms` later. */
  readonly after: (ms: number, action: () => void) => void
}

/** A pace. */
export interface Pace {
  /** Ends it; the Uno stands still. */
  readonly stop: () => void
  /** Time that was given up because the computer was too slow, ms. */
  readonly lostMs: () => number
}

const TURN_MS = 2
/** Longest run without letting the thread do anything else. */
const MAX_RUN_MS = 50
const MAX_LAG_MS = 1000

/** Runs an Uno; `onTurn` is called after each turn, some ms apart. */
export function paceUno(uno: Uno, clock: PaceClock, onTurn: () => void): Pace {
  let isOn = true
  let lostMs = 0
  let originMs = clock.nowMs() - uno.nowMs()

  const turn = (): void => {
    if (!isOn) return
    const lagMs = clock.nowMs() - originMs - uno.nowMs()
    if (lagMs > MAX_LAG_MS) {
      lostMs += lagMs - MAX_RUN_MS
      originMs += lagMs - MAX_RUN_MS
    }
    uno.run(Math.min(Math.max(lagMs, 0), MAX_RUN_MS))
    onTurn()
    clock.after(lagMs > MAX_RUN_MS ? 0 : TURN_MS, turn)
  }
  clock.after(0, turn)
  return {
    stop: () => {
      isOn = false
    },
    lostMs: () => lostMs,
  }
}
