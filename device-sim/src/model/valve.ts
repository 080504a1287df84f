/** The valve of the model: never open without a planned end (08-board, Valve). */
import { MAX_VALVE_MS, type ValveState } from '@fieldproof/boards/protocol'
import { type BoardTime, CYCLES_PER_MS, CYCLES_PER_US } from './board-time.ts'

/** What a valve reply says, but for the level. */
export interface ValveStatus {
  readonly remainingMs: number
  readonly state: ValveState
}

/** A valve. */
export interface Valve {
  /** @param ms 1 to an hour */
  readonly open: (ms: number) => void
  readonly close: (why: 'closed-by-host' | 'closed-by-reset') => void
  readonly status: () => ValveStatus
}

/** A closed valve. `drive` sets its pin; `onTimeOver` hears that its time has closed it (BOARD-14). */
export function createValve(time: BoardTime, drive: (isHigh: boolean) => void, onTimeOver: () => void): Valve {
  let state: ValveState = 'never-opened'
  let openedAt = 0
  let closesAt = 0
  const timeOver = (): void => {
    if (state !== 'open' || time.nowCycles() < closesAt) return
    state = 'time-over'
    drive(false)
    onTimeOver()
  }
  return {
    open: (ms) => {
      const now = time.nowCycles()
      if (state !== 'open') openedAt = now
      // BOARD-12: an hour in one piece.
      const endAt = Math.min(now + ms * CYCLES_PER_MS, openedAt + MAX_VALVE_MS * CYCLES_PER_MS)
      closesAt = endAt - CYCLES_PER_US // never later, whatever rounds the times
      state = 'open'
      drive(true)
      time.plan(closesAt, timeOver)
    },
    close: (why) => {
      if (state === 'open') state = why
      drive(false)
    },
    status: () => ({
      remainingMs: state === 'open' ? Math.ceil((closesAt - time.nowCycles()) / CYCLES_PER_MS) : 0,
      state,
    }),
  }
}
