/** When the next anchor is due: what waits, since when, and when the last anchor was made. */

import { isDue } from './anchor-policy.ts'
import type { AnchorerOptions } from './anchorer.ts'

/** The waiting part of an anchorer. */
export class AnchorDue {
  readonly #options: AnchorerOptions
  #lastAnchorMs = Number.NEGATIVE_INFINITY
  #waitingSinceMs: number | null = null

  constructor(options: AnchorerOptions) {
    this.#options = options
  }

  /** Whether the policy wants an anchor now. */
  async isNow(): Promise<boolean> {
    const { store, log, policy, timer, target } = this.#options
    const anchored = (await store.newestFinalAnchor())?.head.size ?? 0
    const waitingLeaves = log.current().size - anchored
    const now = timer.monotonicMs()
    if (waitingLeaves <= 0) this.#waitingSinceMs = null
    else this.#waitingSinceMs ??= now
    const situation = {
      waitingLeaves,
      waitedMs: now - (this.#waitingSinceMs ?? now),
      sinceLastMs: now - this.#lastAnchorMs,
    }
    return isDue(policy, situation, () => target.gasPrice())
  }

  /** An anchor is made. Leaves that come while it is in flight are taken to wait from its beginning. */
  restart(): void {
    this.#lastAnchorMs = this.#options.timer.monotonicMs()
    this.#waitingSinceMs = this.#lastAnchorMs
  }
}
