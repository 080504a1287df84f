/** A measurement that is whole: all of it arrived as the board sent it (BOARD-9), and all of it is of one time. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import { garbled } from '../board/failures.ts'
import type { BoardSession } from '../board/ports.ts'

/** From the first question to the time of the row. A process may be stopped in between, or the whole computer. */
const MEASURING_MS = 10_000

/** What was measured, and when. */
export interface Whole<T> {
  readonly given: T
  /** Wall clock, ms. */
  readonly time: number
}

/** A process is seldom stopped twice in a row. */
const MAX_TRIES = 2

/**
 * Measures, and resolves when it is known to be whole; measures again when nobody knows when its values were.
 * @throws FieldproofError `board-garbled`, `board-silent`; `deadline-passed` when it takes long each time
 */
export async function whole<T>(session: BoardSession, clock: Clock, measure: () => Promise<T>): Promise<Whole<T>> {
  for (let tries = 1; ; tries++) {
    const startMs = clock.monotonicMs()
    const startTime = clock.now()
    const { lineFaults } = session
    const given = await measure()
    const time = clock.now()
    // The monotonic clock stands still while a computer sleeps, and the wall clock does not; but that one may be stepped.
    const tookMs = Math.max(clock.monotonicMs() - startMs, time - startTime)
    await session.check()
    if (session.lineFaults !== lineFaults) throw garbled('something was lost while it was measured')
    if (tookMs <= MEASURING_MS) return { given, time }
    if (tries === MAX_TRIES)
      throw new FieldproofError(
        'deadline-passed',
        `measuring took ${Math.round(tookMs)} ms: nobody knows when what was`,
      )
  }
}
