/** Sends the transactions of anchors, and replaces those that wait too long by dearer ones. */

import { patienceMs } from './anchor-policy.ts'
import type { AnchorerOptions } from './anchorer.ts'
import type { AnchorRecord, Head, PreparedAnchor } from './ports.ts'

/** The sending part of an anchorer. */
export class AnchorSender {
  readonly #options: AnchorerOptions
  /** When the newest transaction of an anchor was sent, or first seen by this process. */
  readonly #sentAtMs = new Map<number, number>()

  constructor(options: AnchorerOptions) {
    this.#options = options
  }

  /** Whether the newest transaction of an anchor has waited long enough. */
  isPatienceOver(record: AnchorRecord): boolean {
    const { timer, policy } = this.#options
    const now = timer.monotonicMs()
    const sentAt = this.#sentAtMs.get(record.id) ?? now
    this.#sentAtMs.set(record.id, sentAt)
    return now - sentAt >= patienceMs(policy, record.transactions.length)
  }

  /** Outbids the newest transaction. @param from head that the contract holds */
  async bump(record: AnchorRecord, newest: PreparedAnchor, from: Head): Promise<void> {
    const { target, store, log, timer } = this.#options
    const prepared = await target.prepare(from, record.head, log.consistency(from.size, record.head.size), newest)
    await store.addAnchorTransaction(record.id, prepared)
    this.#sentAtMs.set(record.id, timer.monotonicMs())
    await this.send(record, prepared, true)
  }

  /** Sends a transaction that is stored. */
  async send(record: AnchorRecord, prepared: PreparedAnchor, isReplacement: boolean): Promise<void> {
    const { target, timer, onEvent } = this.#options
    if (!this.#sentAtMs.has(record.id)) this.#sentAtMs.set(record.id, timer.monotonicMs())
    await target.send(prepared)
    const { head, txHash } = prepared
    onEvent({ kind: 'anchor-submitted', id: record.id, head, txHash, isReplacement })
  }

  /** The anchor is settled, or lost. */
  forget(id: number): void {
    this.#sentAtMs.delete(id)
  }
}
