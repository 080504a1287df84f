/**
 * Which recorded instant a running station shows at its k-th step. A pure function: the caller owns the clock and the
 * count. At the end of the record the replay goes on at its beginning (also when it started in the middle), keeping its
 * step: the recorded time is start + (offset + k * step) mod length.
 */
import { FieldproofError } from '@fieldproof/sdk/base'

/** How a record is replayed. */
export interface ReplayOptions {
  /** The record: a `World`, or its two ends in ms (end exclusive). */
  readonly record: { readonly startMs: number; readonly endMs: number }
  /** Day whose midnight step 0 shows, `YYYY-MM-DD`. */
  readonly startDate: string
  /** Recorded ms from one step to the next, an integer >= 1. Steps that divide 30 minutes meet every day's extremes. */
  readonly recordedMsPerStep: number
}

/** A replay of one record. */
export interface Replay {
  /**
   * Recorded time of a step, ms, always inside the record.
   * @param step integer >= 0 with step * recordedMsPerStep below 2^53 less the record's length
   * @throws FieldproofError `out-of-range`
   */
  readonly recordedMs: (step: number) => number
  /** How often the replay has gone back to the beginning of the record at this step: 0 before the first time. */
  readonly lap: (step: number) => number
}

/**
 * A replay that starts at midnight of a recorded day.
 * @throws FieldproofError `out-of-range` for a date outside the record, a step that is no integer >= 1, or an empty record
 */
export function createReplay(options: ReplayOptions): Replay {
  const { startMs, endMs } = options.record
  const lengthMs = endMs - startMs
  const stepMs = options.recordedMsPerStep
  if (!Number.isSafeInteger(startMs) || !Number.isSafeInteger(endMs) || lengthMs <= 0) {
    throw new FieldproofError('out-of-range', 'the record is empty', { facts: { startMs, endMs } })
  }
  if (!Number.isSafeInteger(stepMs) || stepMs < 1) {
    throw new FieldproofError('out-of-range', 'recordedMsPerStep is an integer of at least 1', { facts: { stepMs } })
  }
  const offsetMs = dateMs(options.startDate) - startMs
  if (!(offsetMs >= 0 && offsetMs < lengthMs)) {
    throw new FieldproofError('out-of-range', `the record does not hold ${options.startDate}`, {
      facts: { startDate: options.startDate },
    })
  }
  const elapsedMs = (step: number): number => {
    const elapsed = offsetMs + step * stepMs
    if (!Number.isInteger(step) || step < 0 || !Number.isSafeInteger(elapsed)) {
      throw new FieldproofError('out-of-range', 'a step is an integer of at least 0', { facts: { step } })
    }
    return elapsed
  }
  return {
    recordedMs: (step) => startMs + (elapsedMs(step) % lengthMs),
    lap: (step) => Math.floor(elapsedMs(step) / lengthMs),
  }
}

/** NaN unless `date` is a day of the calendar. */
function dateMs(date: string): number {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date ? Number.NaN : ms
}
