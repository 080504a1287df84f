/**
 * What a pulse counter did between two readings that were kept. The board counts on while nobody listens, so the last kept count
 * outlives the session; a board counts from 0 after a reset, and its boot count says that there was one.
 */
import type { BoardSession, CounterReading } from '../board/ports.ts'
import { BOARD_MS_MODULUS, PULSE_MODULUS } from '../protocol/index.ts'

/** Which of the board's counters, as 08-board numbers them. */
export const COUNTER = { rain: 0, wind: 1, flow: 2 } as const
/** A number of {@link COUNTER}. */
export type Counter = (typeof COUNTER)[keyof typeof COUNTER]

/** One counter at one moment. */
export interface CountPoint {
  /** The board's boot count; every reset is another. */
  readonly boots: number
  /** The board's ms since that reset. */
  readonly boardMs: number
  /** Pulses since that reset, modulo 2^32. */
  readonly pulses: number
}

/** What happened between two points. */
export interface Counted {
  readonly pulses: number
  /** In which these pulses came, ms. */
  readonly elapsedMs: number
}

/** One counter of a reading. */
export function countPoint(session: BoardSession, reading: CounterReading, counter: Counter): CountPoint {
  return { boots: session.identity?.boots ?? 0, boardMs: reading.boardMs, pulses: reading.pulses[counter] }
}

/** Milliseconds of one board between two moments of one boot; its clock begins again after 397 days. */
export function elapsedMs(sinceMs: number, nowMs: number): number {
  return (nowMs - sinceMs + BOARD_MS_MODULUS) % BOARD_MS_MODULUS
}

/**
 * Pulses from one point to a later one. After a reset they are those since the reset: what fell between the last point and the reset is
 * lost, and never made up. Null when the later point cannot follow the earlier one: then it is another board, whose count is
 * none of ours.
 */
export function countBetween(before: CountPoint, now: CountPoint): Counted | null {
  if (now.boots > before.boots) return { pulses: now.pulses, elapsedMs: now.boardMs }
  const gone = elapsedMs(before.boardMs, now.boardMs)
  if (now.boots < before.boots || gone > BOARD_MS_MODULUS / 2) return null
  return { pulses: (now.pulses - before.pulses + PULSE_MODULUS) % PULSE_MODULUS, elapsedMs: gone }
}

/** The point that the next difference is taken from. One a driver; it outlives sessions. */
export interface CounterMemory {
  /** The counter's first point on a session, which counts only where there is no earlier one. @throws as `session.counters` and `session.check` */
  open(session: BoardSession, debounceUs: number): Promise<void>
  /** Reads the counter. `commit` makes this reading the point that the next is counted from. */
  read(session: BoardSession): Promise<{ readonly counted: Counted | null; readonly commit: () => void }>
}

/** A memory without a point. */
export function createCounterMemory(counter: Counter): CounterMemory {
  let last: CountPoint | null = null
  return {
    open: async (session, debounceUs) => {
      await session.setDebounce(counter, debounceUs)
      if (last !== null) return
      const first = countPoint(session, await session.counters(), counter)
      await session.check() // nothing is counted from a number that may be garbled
      last = first
    },
    read: async (session) => {
      const now = countPoint(session, await session.counters(), counter)
      return {
        counted: last && countBetween(last, now),
        commit: () => {
          last = now
        },
      }
    },
  }
}
