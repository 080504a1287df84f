/** The pulse counters of the model (08-board, Counters). */
import { type CounterReading, PULSE_MODULUS } from '@fieldproof/boards/protocol'
import { type BoardTime, CYCLES_PER_US } from './board-time.ts'

/** Pins of the counters. */
export const COUNTER_PINS: readonly number[] = [2, 3, 4]
const DEFAULT_DEBOUNCE_US: readonly number[] = [50_000, 2000, 500]

/** Three counters. */
export interface Counters {
  /** The level of a counter's pin has changed to this. */
  readonly onEdge: (counter: number, level: boolean) => void
  readonly setDebounce: (counter: number, us: number) => void
  readonly read: () => readonly CounterReading[]
}

/** Counters at 0, on lines that have rested. */
export function createCounters(time: BoardTime): Counters {
  const counters = DEFAULT_DEBOUNCE_US.map((debounceUs) => ({
    pulses: 0,
    debounceUs,
    changedAt: Number.NEGATIVE_INFINITY,
  }))
  return {
    onEdge: (index, level) => {
      const counter = counters[index]
      if (counter === undefined) return
      const now = time.nowCycles()
      const hasRested = now - counter.changedAt >= counter.debounceUs * CYCLES_PER_US
      if (!level && hasRested) counter.pulses = (counter.pulses + 1) % PULSE_MODULUS
      counter.changedAt = now
    },
    setDebounce: (index, us) => {
      const counter = counters[index]
      if (counter !== undefined) counter.debounceUs = us
    },
    read: () => counters.map(({ pulses, debounceUs }) => ({ pulses, debounceUs })),
  }
}
