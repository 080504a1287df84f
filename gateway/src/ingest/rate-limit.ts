/** A token bucket a machine, so that one that runs wild cannot keep the others from being logged. */
import type { MachineId } from '@fieldproof/sdk/base'

/** Decides whether a machine may be served now. */
export class RateLimit {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  readonly #buckets = new Map<MachineId, { tokens: number; at: number }>()

  /** @param perSecond messages a second and machine; 0 for no limit */
  constructor(perSecond: number, burst: number, now: () => number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#now = now
  }

  /** Takes one token; false when there is none. */
  take(machine: MachineId): boolean {
    if (this.#perSecond === 0) return true
    const now = this.#now()
    const bucket = this.#buckets.get(machine) ?? { tokens: this.#burst, at: now }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (Math.max(0, now - bucket.at) * this.#perSecond) / 1000)
    bucket.at = now
    this.#buckets.set(machine, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  /** Forgets a machine that is gone. */
  forget(machine: MachineId): void {
    const bucket = this.#buckets.get(machine)
    if (bucket !== undefined && bucket.tokens >= this.#burst - 1) this.#buckets.delete(machine)
  }
}
