/**
 * Pulses between two readings of a board's counter (schemas/spec/08-board.md). A difference is given only if the two readings
 * prove it: it is never negative, and never the whole counter because a reset was taken for pulses. weewx does the same.
 *
 * A reset loses the pulses between the reading before and itself, so a difference over it is the least that there were; a cable
 * that is pulled and plugged in again is two of them. Not seen: another board in the place of the first one whose boot
 * count happens to be one of the next two.
 */

/** One reading of one counter. */
export interface CounterSample {
  /** Counts every reset of the chip (reply `40`). */
  readonly boots: number
  /** Since the reset, modulo 2^35. */
  readonly boardMs: number
  /** Since the reset, modulo 2^32. */
  readonly pulses: number
}

/** What passed between two readings. */
export interface CounterDelta {
  readonly pulses: number
  /** By the board's own clock; over a reset the time since the reset. */
  readonly elapsedMs: number
  /** A reset lies between: pulses before it are lost. */
  readonly isLeast: boolean
}

/** BOARD-20: counters are 32 bits wide. */
const PULSE_MODULUS = 2 ** 32
/** BOARD-1: the board's milliseconds have 35 bits. */
const MS_MODULUS = 2 ** 35

/** Power comes back, and then DTR as the port is opened. */
const REPLUG_RESETS = 2

/**
 * Pulses from one reading to the next.
 * @param debounceMs of the counter: more pulses than it lets through were none, and give null
 * @returns null if the readings do not prove how many: a counter or a clock that went back within one boot, more resets
 *   than a replugged cable makes, or a boot count that fell
 */
export function counterDelta(before: CounterSample, now: CounterSample, debounceMs: number): CounterDelta | null {
  const resets = now.boots - before.boots
  const isReset = resets > 0
  if (resets < 0 || resets > REPLUG_RESETS) return null
  const pulses = isReset ? now.pulses : modulo(now.pulses - before.pulses, PULSE_MODULUS)
  const elapsedMs = isReset ? now.boardMs : modulo(now.boardMs - before.boardMs, MS_MODULUS)
  // What went back is a modulus minus a little ahead: half the range tells it from what went on.
  if (elapsedMs >= MS_MODULUS / 2 || pulses >= PULSE_MODULUS / 2) return null
  return pulses >= 0 && pulses <= mostPulses(debounceMs, elapsedMs) ? { pulses, elapsedMs, isLeast: isReset } : null
}

/**
 * Most pulses that a counter can count in a time: they are at least its debounce time apart (BOARD-20). At 100 ms that is 10 a second.
 * @param debounceMs 0 for no limit
 */
export function mostPulses(debounceMs: number, elapsedMs: number): number {
  return debounceMs > 0 ? Math.floor(elapsedMs / debounceMs) + 1 : Number.POSITIVE_INFINITY
}

function modulo(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus
}
