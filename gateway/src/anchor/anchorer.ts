/**
 * Carries the log's head to the chain (architecture.md A1, A2; chain.md "Anchoring practice"). One anchor is in flight at a
 * time, from its intent to its finality: the contract's proof starts at the head before, and while no other append is sent
 * the evidence of this one stays provable. Every step is durable before the next starts, and every step may be
 * repeated, so a crash anywhere is healed by the next `tick`.
 */
import { equalBytes, errorLine, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { AnchorDue } from './anchor-due.ts'
import type { AnchorEvent, LogHeads } from './anchor-events.ts'
import { type AnchorPolicy, checkPolicy } from './anchor-policy.ts'
import { AnchorSender } from './anchor-sender.ts'
import { isSameBlock, type Mined, sendable, statusOf, undoneFinal } from './anchor-status.ts'
import { chainHead, expectInLog } from './log-match.ts'
import type { AnchorRecord, AnchorStore, AnchorTarget, Head, TransactionStatus } from './ports.ts'
import { type Loop, startLoop, type Timer } from './timer.ts'

/** What an anchorer needs. */
export interface AnchorerOptions {
  readonly target: AnchorTarget
  readonly store: AnchorStore
  readonly log: LogHeads
  readonly policy: AnchorPolicy
  readonly timer: Timer
  /** Must not throw. A crash may swallow an event: what was missed is in the store. */
  readonly onEvent: (event: AnchorEvent) => void
}

/** Anchors one log on one target. Make one with {@link openAnchorer}. */
export class Anchorer {
  readonly #options: AnchorerOptions
  readonly #sender: AnchorSender
  readonly #due: AnchorDue
  #isFinalChecked = false
  #running: Promise<void> | null = null

  constructor(options: AnchorerOptions) {
    checkPolicy(options.policy)
    this.#options = options
    this.#sender = new AnchorSender(options)
    this.#due = new AnchorDue(options)
  }

  /**
   * Compares the contract's head and the stored anchors with the log.
   * @throws FieldproofError `store-behind-chain` when one of them is newer than the log or has another root, `rpc-failed`
   */
  async assertNotBehind(): Promise<void> {
    const { store } = this.#options
    for (const record of [...(await store.anchorsIn('intent')), ...(await store.anchorsIn('included'))]) {
      expectInLog(this.#options.log, record.head, 'a stored anchor')
    }
    const newest = await store.newestFinalAnchor()
    if (newest !== null) expectInLog(this.#options.log, newest.head, 'the newest final anchor')
    await this.#chainHead()
  }

  /**
   * Moves the anchor in flight on by what the chain says, or makes a new one when the policy wants it.
   * @throws FieldproofError `store-behind-chain`: stop anchoring; anything else: call it again later
   */
  tick(): Promise<void> {
    this.#running ??= this.#tick().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Ticks until stopped. Failures are events; the loop ends only on a fatal one. @param pollMs pause between ticks */
  start(pollMs: number): Loop {
    const { timer, onEvent } = this.#options
    return startLoop(
      timer,
      pollMs,
      () => this.tick(),
      (thrown) => {
        // Targets throw coded errors; anything else comes from the store, and a store that fails must not be written again.
        const error =
          fieldproofErrorOf(thrown) ?? new FieldproofError('store-corrupt', errorLine(thrown), { cause: thrown })
        const isFatal = error.code === 'store-behind-chain' || error.code === 'store-corrupt'
        onEvent({ kind: 'anchor-failed', id: null, error, isFatal })
        return !isFatal
      },
    )
  }

  async #tick(): Promise<void> {
    const { store } = this.#options
    if (!this.#isFinalChecked) await this.#recheckFinal()
    let isLost = false
    for (const record of [...(await store.anchorsIn('included')), ...(await store.anchorsIn('intent'))]) {
      const outcome = await this.#follow(record)
      if (outcome === 'in-flight') return
      isLost ||= outcome === 'lost'
    }
    if (isLost || (await this.#due.isNow())) await this.#submit()
  }

  /**
   * A development chain that lost power has forgotten its last blocks, final or not. Their anchors must not stay final: a
   * later one then covers their leaves. On a chain whose node is merely behind, this waits until the node has caught up.
   */
  async #recheckFinal(): Promise<void> {
    const { store, target } = this.#options
    for (;;) {
      const undone = await undoneFinal(store, target)
      if (undone === null) break
      await this.#lose(undone)
      this.#emitReorg(undone, undone.mined?.blockNumber ?? 0)
    }
    this.#isFinalChecked = true
  }

  async #follow(record: AnchorRecord): Promise<'in-flight' | 'settled' | 'lost'> {
    expectInLog(this.#options.log, record.head, 'a stored anchor')
    const { status, mined } = await statusOf(this.#options.target, record)
    if (mined !== null) return this.#onMined(record, status, mined)
    if (record.state === 'included') record = await this.#onReorg(record)
    if (status.kind === 'pending') return this.#onPending(record)
    if (status.kind === 'lost') return this.#resend(record)
    await this.#giveUp(record, 'the contract refused it')
    return 'lost'
  }

  async #onMined(record: AnchorRecord, status: TransactionStatus, mined: Mined): Promise<'in-flight' | 'settled'> {
    const { store, target, log } = this.#options
    if (!isSameBlock(record.mined, mined)) {
      if (record.mined !== null) this.#emitReorg(record, record.mined.blockNumber)
      await store.setAnchorState(record.id, 'included', mined)
      this.#emitMined('anchor-included', record, mined)
    }
    if (status.kind !== 'final') return 'in-flight'
    // A2: if we stop before the state is final, the next tick comes here again.
    const covered = (await store.newestFinalAnchor())?.head.size ?? 1
    const { size } = record.head
    const wanted = await log.signersBetween(Math.min(covered, size), size, mined.blockNumber)
    await store.setAnchorEvidence(record.id, await target.evidence(record.head, mined, wanted))
    await store.setAnchorState(record.id, 'final', mined)
    this.#sender.forget(record.id)
    this.#emitMined('anchor-final', record, mined)
    return 'settled'
  }

  async #onReorg(record: AnchorRecord): Promise<AnchorRecord> {
    await this.#options.store.setAnchorState(record.id, 'intent', null)
    this.#emitReorg(record, record.mined?.blockNumber ?? 0)
    return { ...record, state: 'intent', mined: null }
  }

  async #onPending(record: AnchorRecord): Promise<'in-flight'> {
    if (!this.#sender.isPatienceOver(record)) return 'in-flight'
    const newest = sendable(record)
    const from = await this.#chainHead()
    // With a head as large already on chain it has just been mined, or never can be: the next tick will see.
    if (newest !== null && from.size < record.head.size) await this.#sender.bump(record, newest, from)
    return 'in-flight'
  }

  /** No node knows it: it was never sent, or was forgotten. The same bytes again, so that two can never be mined. */
  async #resend(record: AnchorRecord): Promise<'in-flight' | 'lost'> {
    const newest = sendable(record)
    const from = await this.#chainHead()
    if (newest === null || from.size >= record.head.size) {
      await this.#giveUp(record, 'it is not on the chain, and cannot be sent again')
      return 'lost'
    }
    try {
      // A node that takes it and forgets it again wants more for it.
      if (this.#sender.isPatienceOver(record)) await this.#sender.bump(record, newest, from)
      else await this.#sender.send(record, newest, false)
      return 'in-flight'
    } catch (error) {
      const refusal = fieldproofErrorOf(error)
      if (refusal?.code !== 'transaction-failed') throw error
      // A refusal such as "nonce too low" is also what a node says of one that was mined this moment.
      if ((await statusOf(this.#options.target, record)).status.kind !== 'lost') return 'in-flight'
      await this.#giveUp(record, refusal.message)
      return 'lost'
    }
  }

  async #submit(): Promise<void> {
    const { log, target, store } = this.#options
    const from = await this.#chainHead()
    const anchored = (await store.newestFinalAnchor())?.head.size ?? 0
    if (from.size < anchored) {
      this.#isFinalChecked = false
      throw new FieldproofError('rpc-failed', `the node has a head of size ${from.size}, size ${anchored} was final`, {
        facts: { chainSize: from.size, anchored },
      })
    }
    const to = log.current()
    if (from.size === to.size) return this.#adopt(from)
    const prepared = await target.prepare(from, to, log.consistency(from.size, to.size))
    // A1: if we stop before this line, nothing happened; after it, the next start sends these same bytes.
    const record = await store.putAnchorIntent(prepared)
    this.#due.restart()
    await this.#sender.send(record, prepared, false)
  }

  /** The chain has the head and the store does not know by which transaction: one given up too early, or the log's first. */
  async #adopt(head: Head): Promise<void> {
    const { target, store } = this.#options
    this.#due.restart()
    const newest = await store.newestFinalAnchor()
    if (newest !== null && newest.head.size >= head.size) return
    const found = await target.find(head)
    if (found === null) return
    const { nonce, txHash, blockNumber, blockHash } = found
    const known = (await store.anchorsIn('lost')).find((r) => r.transactions.some((t) => equalBytes(t.txHash, txHash)))
    const record = known ?? (await store.putAnchorIntent({ head, nonce, txHash, rawTransaction: new Uint8Array(0) }))
    const mined = { txHash, blockNumber, blockHash }
    await store.setAnchorState(record.id, 'included', mined)
    this.#emitMined('anchor-included', record, mined)
  }

  async #giveUp(record: AnchorRecord, why: string): Promise<void> {
    await this.#lose(record)
    const error = new FieldproofError('transaction-failed', `anchor ${record.id} is given up: ${why}`, {
      facts: { id: record.id, size: record.head.size },
    })
    this.#options.onEvent({ kind: 'anchor-failed', id: record.id, error, isFatal: false })
  }

  async #lose(record: AnchorRecord): Promise<void> {
    await this.#options.store.setAnchorState(record.id, 'lost', null)
    this.#sender.forget(record.id)
  }

  #chainHead(): Promise<Head> {
    return chainHead(this.#options.target, this.#options.log)
  }

  #emitMined(kind: 'anchor-included' | 'anchor-final', { id, head }: AnchorRecord, mined: Mined): void {
    this.#options.onEvent({ kind, id, head, ...mined })
  }

  #emitReorg({ id, head }: AnchorRecord, blockNumber: number): void {
    this.#options.onEvent({ kind: 'anchor-reorg', id, head, blockNumber })
  }
}

/**
 * An anchorer over what the store holds, after the check that this log is the one on the chain.
 * @throws FieldproofError `store-behind-chain`, `config-invalid`, `rpc-failed`
 */
export async function openAnchorer(options: AnchorerOptions): Promise<Anchorer> {
  const anchorer = new Anchorer(options)
  await anchorer.assertNotBehind()
  return anchorer
}
