/**
 * The machine's place in its own history. A restored or cloned card does not know its newest statement, but the gateway
 * retains it: on connect the machine reads it, checks its own signature, and goes on from there if it is ahead.
 */
import { equalBytes, errorLine, fieldproofErrorOf, type MachineId } from '../base/index.ts'
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

/** Waits for, and adopts, the newest logged statement of this machine. */
export class History {
  readonly #context: HistoryContext
  readonly #headWaitMs: number
  readonly #ready: Promise<void>
  #resolve: () => void = () => undefined
  #settled = false
  #cancelWait: () => void

  constructor(context: HistoryContext, headWaitMs: number) {
    this.#context = context
    this.#headWaitMs = headWaitMs
    this.#ready = new Promise((resolve) => {
      this.#resolve = resolve
    })
    // Without a link nobody can tell us more: sign on from what the outbox knows. At worst that is a branch, which the log shows.
    this.#cancelWait = context.clock.after(headWaitMs, () => this.#settle())
  }

  /** Resolves when the first statement of this boot may be signed. */
  ready(): Promise<void> {
    return this.#ready
  }

  /** The link is up: the retained head, if there is one, arrives within the wait. */
  linkUp(): void {
    this.#cancelWait()
    this.#cancelWait = this.#context.clock.after(this.#headWaitMs, () => this.#settle())
  }

  close(): void {
    this.#cancelWait()
    this.#settle()
  }

  /** Handles the retained `head` message: statement bytes, hostile until their signature is ours. */
  async onHead(payload: Uint8Array): Promise<void> {
    const { emit, hash, steps } = this.#context
    try {
      const signed = decodeStatement(payload, hash)
      if (!(await this.#isOurs(signed))) return
      // Before it is settled, every signature waits for this very message: queueing behind one would wait for ever.
      if (this.#settled) await steps.run(() => this.#adopt(signed))
      else await this.#adopt(signed)
      this.#settle()
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
    this.#resolve()
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

/** The newest beacon: never older than the last one of this boot on this chain. */
export class Beacons {
  readonly #chainId: number
  #newest: Beacon | null = null

  constructor(chainId: number) {
    this.#chainId = chainId
  }

  /** Beacon for the next statement; null before the first. */
  get newest(): Beacon | null {
    return this.#newest
  }

  /** Takes a beacon; one of another chain, or an older one, changes nothing. */
  offer(beacon: Beacon): void {
    if (beacon.chainId !== this.#chainId) return
    const newest = this.#newest
    if (newest !== null && beacon.blockNumber <= newest.blockNumber) return
    if (newest === null || !equalBytes(newest.blockHash, beacon.blockHash)) this.#newest = beacon
  }
}
