/**
 * D3: publishes what is signed, lowest sequence first, and again until it is receipted, also on an unbroken connection:
 * the broker's acknowledgement means nothing here. A receipted batch is published again, rarely, until its anchor is known,
 * and a parked one once a boot: nobody signs a refusal, and only a receipt can take it back.
 */
import { errorLine } from '../base/index.ts'
import type { MachineListener } from './events.ts'
import type { MachineTiming } from './options.ts'
import type { Clock, Link, Outbox, StoredBatch } from './ports.ts'
import { Serial } from './serial.ts'

interface Attempt {
  count: number
  /** On the monotonic clock. */
  dueMs: number
}

/** Decides what is published when. */
export class Sender {
  readonly #outbox: Outbox
  readonly #link: Link
  readonly #clock: Clock
  readonly #timing: MachineTiming
  readonly #emit: MachineListener
  readonly #attempts = new Map<number, Attempt>()
  readonly #rounds = new Serial()
  /** Parked batches up to this sequence were published in this boot; infinity when there are no more. */
  #parkedUntil = 0
  #isRetryingParked = false
  #up = false
  #closed = false
  #cancelTimer: (() => void) | null = null

  constructor(outbox: Outbox, link: Link, clock: Clock, timing: MachineTiming, emit: MachineListener) {
    this.#outbox = outbox
    this.#link = link
    this.#clock = clock
    this.#timing = timing
    this.#emit = emit
  }

  /** The link came up: everything unreceipted is due now. */
  up(): void {
    this.#up = true
    this.#attempts.clear()
    this.kick()
    if (!this.#isRetryingParked) void this.#retryParked()
  }

  /** The link is down: nothing is sent until {@link up}. */
  down(): void {
    this.#up = false
  }

  /** Publishes nothing more. */
  close(): void {
    this.#closed = true
    this.#cancelTimer?.()
  }

  /** Resolves when it no longer reads the outbox. */
  idle(): Promise<void> {
    return this.#rounds.idle()
  }

  /** A batch needs no more sending, or not in this state. */
  settled(sequence: number): void {
    this.#attempts.delete(sequence)
    this.kick()
  }

  /** A batch was refused for now: wait as if it had just been sent. */
  postpone(sequence: number): void {
    this.#schedule(sequence, this.#timing.resendMs)
  }

  /** Looks for something to send. */
  kick(): void {
    if (this.#up && !this.#closed) void this.#rounds.run(() => this.#round())
  }

  async #round(): Promise<void> {
    if (!this.#up || this.#closed) return
    try {
      const { maxInFlight } = this.#timing
      const pending = await this.#outbox.batches('pending', 0, maxInFlight)
      const logged = await this.#outbox.batches('logged', 0, maxInFlight)
      // A receipted batch starts its wait when it is first seen here, so a restart does not send them all at once.
      for (const { sequence } of logged) {
        if (!this.#attempts.has(sequence)) this.#schedule(sequence, this.#timing.anchorWaitMs)
      }
      const open = new Set([...pending, ...logged].map(({ sequence }) => sequence))
      // An attempt without a batch would be due for ever. A receipt that comes while a round reads leaves one behind.
      for (const sequence of this.#attempts.keys()) if (!open.has(sequence)) this.#attempts.delete(sequence)
      if (!this.#up || this.#closed) return
      const now = this.#clock.monotonicMs()
      const due = [...pending, ...logged].filter(({ sequence }) => (this.#attempts.get(sequence)?.dueMs ?? 0) <= now)
      // Not awaited: a broker that keeps one acknowledgement back must not stop what is due next (WIRE-10).
      for (const batch of due) void this.#publish(batch, logged.includes(batch))
      this.#setTimer()
    } catch (error) {
      this.#emit({ event: 'fault', code: 'outbox-corrupt', detail: errorLine(error) })
    }
  }

  /** One page at a time, each when the broker has the last: they must not crowd out what is new. */
  async #retryParked(): Promise<void> {
    this.#isRetryingParked = true
    try {
      while (this.#parkedUntil < Number.POSITIVE_INFINITY) {
        const page = await this.#rounds.run(() => this.#parkedPage())
        if (page === null) return
        await Promise.all(page.map(({ message }) => this.#link.publish('batch', message)))
        this.#parkedUntil = page.at(-1)?.sequence ?? Number.POSITIVE_INFINITY
      }
    } catch {
      // The link is down: `up` goes on with the same page.
    } finally {
      this.#isRetryingParked = false
    }
  }

  /** The next parked batches, or null when nothing may be sent now. */
  async #parkedPage(): Promise<readonly StoredBatch[] | null> {
    if (!this.#up || this.#closed) return null
    try {
      return await this.#outbox.batches('parked', this.#parkedUntil, this.#timing.maxInFlight)
    } catch (error) {
      this.#emit({ event: 'fault', code: 'outbox-corrupt', detail: errorLine(error) })
      return null
    }
  }

  async #publish(batch: StoredBatch, logged: boolean): Promise<void> {
    const attempt = this.#schedule(batch.sequence, logged ? this.#timing.anchorWaitMs : this.#timing.resendMs)
    try {
      await this.#link.publish('batch', batch.message)
      this.#emit({ event: 'batch-published', sequence: batch.sequence, attempt })
    } catch {
      // The link is down; it says so itself, and `up` makes everything due again.
    }
  }

  #schedule(sequence: number, firstWaitMs: number): number {
    const attempt = this.#attempts.get(sequence) ?? { count: 0, dueMs: 0 }
    const waitMs = Math.min(firstWaitMs * 2 ** attempt.count, Math.max(this.#timing.resendMaxMs, firstWaitMs))
    attempt.count += 1
    attempt.dueMs = this.#clock.monotonicMs() + waitMs
    this.#attempts.set(sequence, attempt)
    return attempt.count
  }

  #setTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const next = Math.min(...[...this.#attempts.values()].map((attempt) => attempt.dueMs))
    if (!Number.isFinite(next) || this.#closed) return
    this.#cancelTimer = this.#clock.after(Math.max(1, next - this.#clock.monotonicMs()), () => this.kick())
  }
}
