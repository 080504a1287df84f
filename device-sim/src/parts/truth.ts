/**
 * What a sensor truly said, and when: a row that reports something else, or something older, is false. Bounded, because a
 * simulation may run for days; what is forgotten is counted, so that nobody takes a gap for silence.
 */

/** Something said. */
export interface Said {
  /** Virtual time, ms. */
  readonly ms: number
  /** Name of the quantity, as the part states it. */
  readonly quantity: string
  /** In the part's unit; null: from here on nothing, until the next value. */
  readonly value: number | null
}

/** What a sensor said, in the order of time. */
export interface Truth {
  /** All that is remembered, the oldest first. */
  readonly entries: () => readonly Said[]
  /** The latest of a quantity, or the latest at or before `ms`. */
  readonly latest: (quantity: string, ms?: number) => Said | undefined
  /** How many of the oldest entries are forgotten. */
  readonly forgotten: () => number
}

/** A truth that its part writes. */
export interface TruthLog extends Truth {
  readonly say: (ms: number, quantity: string, value: number | null) => void
}

const REMEMBERED = 10_000

/** An empty log that remembers at least the last `remembered` entries. */
export function createTruth(remembered: number = REMEMBERED): TruthLog {
  const said: Said[] = []
  let forgotten = 0
  return {
    entries: () => said.slice(),
    latest: (quantity, ms = Number.POSITIVE_INFINITY) =>
      said.findLast((one) => one.quantity === quantity && one.ms <= ms),
    forgotten: () => forgotten,
    say: (ms, quantity, value) => {
      said.push({ ms, quantity, value })
      if (said.length < 2 * remembered) return
      forgotten += remembered
      said.splice(0, remembered) // half at a time, so that it costs nothing on average
    },
  }
}
