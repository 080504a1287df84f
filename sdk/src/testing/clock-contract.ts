/** What every Clock must do. */
import { MAX_TIME_MS } from '../base/index.ts'
import type { Clock } from '../machine/index.ts'
import type { TestApi } from './api.ts'

/** A clock and what makes its time pass. */
export interface ClockPlace {
  readonly clock: Clock
  /** Resolves when at least `ms` have passed on the clock. */
  pass(ms: number): Promise<void>
}

/** Adds the suite. `place` is called once a test. */
export function clockContract(api: TestApi, name: string, place: () => ClockPlace): void {
  const { describe, it, expect } = api
  describe(`clock contract: ${name}`, () => {
    it('tells whole milliseconds since 1970 that a row can carry', async () => {
      const { clock } = place()
      expect(Number.isInteger(clock.now())).toBe(true)
      expect(clock.now()).toBeGreaterThan(Date.UTC(2020, 0, 1))
      expect(clock.now()).toBeLessThanOrEqual(MAX_TIME_MS - 1)
    })

    it('tells a quality from 0 to 2', async () => {
      expect([0, 1, 2].includes(place().clock.quality())).toBe(true)
    })

    it('moves its monotonic time by what passes', async () => {
      const { clock, pass } = place()
      const before = clock.monotonicMs()
      await pass(20)
      expect(clock.monotonicMs() - before).toBeGreaterThan(15)
    })

    it('calls a task once, not inside the call, and not before its time', async () => {
      const { clock, pass } = place()
      const called: number[] = []
      const start = clock.monotonicMs()
      clock.after(20, () => called.push(clock.monotonicMs() - start))
      expect(called.length).toBe(0)
      await pass(60)
      expect(called.length).toBe(1)
      expect(called[0]).toBeGreaterThan(18) // setTimeout may be a millisecond early
    })

    it('calls tasks in the order of their times', async () => {
      const { clock, pass } = place()
      const called: string[] = []
      clock.after(30, () => called.push('late'))
      clock.after(0, () => called.push('early'))
      await pass(60)
      expect(called).toEqual(['early', 'late'])
    })

    it('does not call a task that was cancelled, and cancels twice without harm', async () => {
      const { clock, pass } = place()
      const called: string[] = []
      const cancel = clock.after(10, () => called.push('cancelled'))
      const cancelLater = clock.after(1, () => called.push('kept'))
      cancel()
      cancel()
      await pass(40)
      cancelLater()
      expect(called).toEqual(['kept'])
    })

    it('waits for a delay longer than 32 bits of milliseconds', async () => {
      const { clock, pass } = place()
      const called: string[] = []
      const cancel = clock.after(2 ** 31 + 5, () => called.push('too early'))
      await pass(20)
      cancel()
      expect(called).toEqual([])
    })

    it('refuses a delay that is not a number of milliseconds', async () => {
      const { clock } = place()
      for (const delayMs of [-1, Number.NaN]) {
        const refused = Promise.resolve().then(() => clock.after(delayMs, () => {}))
        await expect(refused).rejects.toMatchObject({ code: 'out-of-range' })
      }
    })
  })
}
