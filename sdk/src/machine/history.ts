/**
 * The machine's place in its own history. A restored or cloned card does not know its newest statement, but the gateway
 * retains it: on connect the machine reads it, checks its own signature, and goes on from there if it is ahead.
 */
import { errorLine, FieldproofError, fieldproofErrorOf, type MachineId } from '../base/index.ts'
import {
  decodeStatement,
  type Hash,
  type SignedStatement,
  type Signer,
  type Suites,
  verifyStatement,
} from '../crypto/index.ts'
import type { Beacon } from '../wire/index.ts'
import type { MachineListener } from './events.ts'
import type { Clock, Outbox } from './ports.ts'
import type { Serial } from './serial.ts'

/** What the history needs. */
export interface HistoryContext {
  readonly machine: MachineId
  readonly signer: Signer
  readonly outbox: Outbox
  readonly hash: Hash
  readonly suites: Suites
  readonly clock: Clock
  readonly emit: MachineListener
  /** Signing and adopting move the same head: one at a time. */
  readonly steps: Serial
}

/** A broker sends what it retains as soon as it is subscribed to: who has heard nothing by then hears nothing, and signs. */
const HEAD_AFTER_LINK_MS = 5_000

/** Waits for, and adopts, the newest logged statement of this machine. */
export class History {
  readonly #context: HistoryContext
  readonly #headWaitMs: number
  readonly #isLinkFirst: boolean
  readonly #ready: Promise<boolean>
  #resolve: (mayMachineSign: boolean) => void = () => undefined
  #settled = false
  #cancelWait: () => void

  /** @param isLinkFirst whether only a link that stays up for the wait will do, however late */
  constructor(context: HistoryContext, headWaitMs: number, isLinkFirst: boolean) {
    this.#context = context
    this.#headWaitMs = headWaitMs
    this.#isLinkFirst = isLinkFirst
    this.#ready = new Promise((resolve) => {
      this.#resolve = resolve
    })
    // Without a link nobody can tell us more: sign on from what the outbox knows. At worst that is a branch, which the log shows.
    this.#cancelWait = isLinkFirst ? () => undefined : context.clock.after(headWaitMs, () => this.#settle())
  }

  /** Resolves when the first statement of this boot may be signed; with false when it may not, because the end came before. */
  ready(): Promise<boolean> {
    return this.#ready
  }

  /** The link is up: the retained head, if there is one, arrives within the wait. */
  linkUp(): void {
    if (this.#settled) return
    this.#cancelWait()
    const waitMs = this.#isLinkFirst ? this.#headWaitMs : Math.min(this.#headWaitMs, HEAD_AFTER_LINK_MS)
    this.#cancelWait = this.#context.clock.after(waitMs, () => this.#settle())
  }

  /** The link is down again, perhaps before it brought anything. */
  linkDown(): void {
    if (this.#isLinkFirst && !this.#settled) this.#cancelWait()
  }

  close(): void {
    this.#cancelWait()
    this.#settled = true
    this.#resolve(false) // whoever did not wait long enough signs nothing in passing: the rows are durable, and the next start signs them
  }

  /** Handles the retained `head` message: statement bytes, hostile until their signature is ours. */
  async onHead(payload: Uint8Array): Promise<void> {
    const { emit, hash, outbox, steps } = this.#context
    try {
      const signed = decodeStatement(payload, hash)
      if (!(await this.#isOurs(signed))) return
      // An old one, which anybody can send again, says nothing: the newest may still come within the wait.
      if (signed.statement.sequence < ((await outbox.head())?.sequence ?? 0)) return
      // Before it is settled, every signature waits for this very message: queueing behind one would wait for ever.
      if (this.#settled) await steps.run(() => this.#adopt(signed))
      else {
        this.#cancelWait() // a signature that starts meanwhile would take a sequence number that is being adopted
        await this.#adopt(signed).finally(() => this.#settle())
      }
    } catch (error) {
      const code = fieldproofErrorOf(error)?.code ?? 'message-invalid'
      emit({ event: 'message-rejected', topic: 'head', code, detail: errorLine(error) })
    }
  }

  async #adopt({ statement, id }: SignedStatement): Promise<void> {
    const { outbox, emit } = this.#context
    const localSequence = (await outbox.head())?.sequence ?? 0
    if (statement.sequence <= localSequence) return
    await outbox.adoptHead({ sequence: statement.sequence, id })
    emit({ event: 'history-adopted', sequence: statement.sequence, localSequence })
  }

  #settle(): void {
    this.#settled = true
    this.#resolve(true)
  }

  async #isOurs(signed: SignedStatement): Promise<boolean> {
    const { machine, signer, suites, emit } = this.#context
    const suite = suites(signer.alg)
    const ours =
      signed.statement.machine === machine &&
      suite !== undefined &&
      (await verifyStatement(signed, suite, signer.publicKey))
    if (!ours)
      emit({ event: 'message-rejected', topic: 'head', code: 'bad-signature', detail: 'not signed by this machine' })
    return ours
  }
}

/** Largest block number of a beacon; a chain with a block a millisecond gets there in 8900 years. */
const MAX_BEACON_BLOCK = 2 ** 48

/**
 * The beacon of the next statement: the newest that was offered on this connection, and never an older one than the last
 * that this boot used. A machine cannot look a beacon up: an absurd one that was only offered must not outlast its connection.
 */
export class Beacons {
  readonly #chainId: number | null
  #offered: Beacon | null = null
  #used: Beacon | null = null
  /** Whether {@link #offered} is of a connection that has ended. */
  #isStale = false

  /** @param chainId null takes none */
  constructor(chainId: number | null) {
    this.#chainId = chainId
  }

  /** Beacon for a statement that is being signed, which makes it the floor of all later ones; null before the first. */
  use(): Beacon | null {
    this.#used = this.#offered ?? this.#used
    return this.#used
  }

  /** The link went down: the next connection starts afresh, but what is signed until then has nothing better. */
  linkDown(): void {
    this.#isStale = true
  }

  /** The link is up: forgets what an earlier connection offered. The retained beacon may have come already. */
  linkUp(): void {
    if (this.#isStale) this.#offered = null
    this.#isStale = false
  }

  /**
   * Takes a beacon; one of another chain, or an older one, changes nothing.
   * @throws FieldproofError `message-invalid` for a block number beyond 2^48
   */
  offer(beacon: Beacon): void {
    const { chainId, blockNumber } = beacon
    if (chainId !== this.#chainId) return
    if (blockNumber > MAX_BEACON_BLOCK) throw new FieldproofError('message-invalid', 'beacon: block number beyond 2^48')
    const newest = this.#isStale ? null : this.#offered
    const floor = Math.max(this.#used?.blockNumber ?? -1, newest?.blockNumber ?? -1)
    if (blockNumber <= floor) return
    this.#offered = beacon
    this.#isStale = false
  }
}
