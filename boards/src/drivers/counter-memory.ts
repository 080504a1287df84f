/**
 * The count that a driver's next difference is taken from. The board counts on while nobody listens, so it outlives sessions; what may
 * be taken from it after a reset of the board is derive/counter.ts's to say.
 */
import type { BoardSession, CounterReading } from '../board/ports.ts'
import { type CounterDelta, type CounterSample, counterDelta } from '../derive/index.ts'

/** Which of the board's counters, as 08-board numbers them. */
export const COUNTER = { rain: 0, wind: 1, flow: 2 } as const
/** A number of {@link COUNTER}. */
export type Counter = (typeof COUNTER)[keyof typeof COUNTER]

/** Memory of one counter. */
export interface CounterMemory {
  /**
   * Sets the debounce time, and takes a first count where there is none from an earlier session.
   * @throws as `setDebounce`, `counters` and `check` of the session
   */
  open(session: BoardSession): Promise<void>
  /** Reads the counter. `commit` makes this reading the one that the next is counted from. */
  read(session: BoardSession): Promise<CountedSince>
}

/** A reading, and what came since the one before; null where the two do not prove it. */
export interface CountedSince {
  readonly delta: CounterDelta | null
  readonly commit: () => void
}

/** A memory without a count. @param debounceUs closest two pulses */
export function createCounterMemory(counter: Counter, debounceUs: number): CounterMemory {
  let last: CounterSample | null = null
  return {
    open: async (session) => {
      await session.setDebounce(counter, debounceUs)
      if (last !== null) return
      const first = counterSample(session, await session.counters(), counter)
      await session.check() // nothing is counted from a number that may be garbled
      last = first
    },
    read: async (session) => {
      const now = counterSample(session, await session.counters(), counter)
      return {
        delta: last && counterDelta(last, now, debounceUs / 1000),
        commit: () => {
          last = now
        },
      }
    },
  }
}

/** One counter of a reading. */
export function counterSample(session: BoardSession, reading: CounterReading, counter: Counter): CounterSample {
  return { boots: session.identity?.boots ?? 0, boardMs: reading.boardMs, pulses: reading.pulses[counter] }
}
