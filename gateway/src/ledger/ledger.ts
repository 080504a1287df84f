/**
 * The sequencer: gives every accepted statement its place in the log (architecture.md G2-G5). One at a time by nature, so
 * it groups: whatever queued while the last group was committed is the next group. No timer waits for more.
 */
import { equalBytes, errorLine, FieldproofError, fieldproofErrorOf, type Hash32 } from '@fieldproof/sdk/base'
import type { Hash } from '@fieldproof/sdk/crypto'
import { leafHash, type MerkleTree } from '@fieldproof/sdk/merkle'
import { encodeGenesis, encodeReceipt, type Genesis, type LogIdentity } from '@fieldproof/sdk/verify'
import type { AnchorReference } from '@fieldproof/sdk/wire'
import { checkpointNote, signAnchor, signHead } from './head-signing.ts'
import type { LogSigner } from './log-signer.ts'
import { appendStored, expectGenesis, headOf, rebuildTree } from './recover.ts'
import type { AppendOutcome, CheckpointRow, CheckpointSignatures, LogEntry, Refusal, Store } from './store.ts'

/** Entries of one group at most: bounds one transaction. */
const MAX_GROUP = 1024

/** A head that this gateway has committed itself to and signed. */
export interface SignedHead {
  readonly size: number
  readonly root: Hash32
  readonly signatures: CheckpointSignatures
}

/** An entry that is in the log, or was in it already, at a moment when its receipt can be made. */
export interface Settled {
  readonly entry: LogEntry
  readonly outcome: Exclude<AppendOutcome, { kind: 'fork' }>
}

/** What a ledger needs. */
export interface LedgerOptions {
  readonly store: Store
  readonly hash: Hash
  readonly signer: LogSigner
  /** Leaf 0: which log this is. */
  readonly genesis: Genesis
  /** Begins the log when the store holds none. */
  readonly create?: boolean
  /** Called after G5, a group at a time. */
  readonly onSettled?: (group: readonly Settled[]) => void
  /** Called once, when the ledger cannot go on: the process must restart and recover. */
  readonly onFatal?: (error: FieldproofError) => void
}

/** Something that waits for its commit. */
interface Waiting<T> {
  readonly resolve: (outcome: T) => void
  readonly reject: (error: unknown) => void
}
interface QueuedEntry extends Waiting<AppendOutcome> {
  readonly entry: LogEntry
}
interface QueuedRefusal extends Waiting<void> {
  readonly refusal: Refusal
}

/**
 * Opens the log: rebuilds and checks it, and finishes what the last process left unfinished.
 * @throws FieldproofError `config-invalid`, `store-corrupt`, `store-behind-chain`, `head-conflict`
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { store, hash, genesis } = options
  const bytes = encodeGenesis(genesis)
  if (options.create === true && (await store.genesis()) === null) await store.create(bytes, leafHash(hash, bytes))
  await expectGenesis(store, bytes)
  if (!equalBytes(genesis.logKey, options.signer.publicKey)) {
    throw new FieldproofError('config-invalid', 'the log key is not the one that the genesis names')
  }
  // If we stop before the checkpoint below, the next start finds the same leaves and does the same again.
  const tree = await rebuildTree(store, hash)
  const ledger = new Ledger(options, tree)
  await ledger.begin()
  return ledger
}

/** A running log. Make one with {@link openLedger}. */
export class Ledger {
  /** Whose receipts and checkpoints these are. */
  readonly identity: LogIdentity
  readonly genesis: Genesis
  readonly #options: LedgerOptions
  readonly #tree: MerkleTree
  #head: SignedHead | null = null
  #entries: QueuedEntry[] = []
  #refusals: QueuedRefusal[] = []
  #running: Promise<void> | null = null
  #fatal: FieldproofError | null = null
  #closed = false

  constructor(options: LedgerOptions, tree: MerkleTree) {
    this.identity = { origin: options.genesis.origin, logKey: options.genesis.logKey }
    this.genesis = options.genesis
    this.#options = options
    this.#tree = tree
  }

  /** Commits and signs what is stored and not yet signed. Called by {@link openLedger}. */
  async begin(): Promise<void> {
    const newest = await this.#options.store.newestCheckpoint()
    if (newest !== null) await this.#sign(newest)
    if (newest === null || newest.size < this.#tree.size) await this.#commitHead(newest)
  }

  /** The newest head that may be published. */
  get head(): SignedHead {
    if (this.#head === null) throw new FieldproofError('not-found', 'the log has not been opened')
    return this.#head
  }

  /** Entries that wait for their commit. */
  get queued(): number {
    return this.#entries.length
  }

  /** Whether a group is being committed. */
  get isBusy(): boolean {
    return this.#running !== null
  }

  /** The tree, which may be ahead of {@link head}: use it at the head's size or below. */
  get tree(): MerkleTree {
    return this.#tree
  }

  /**
   * Logs an entry; resolves when it is durable (G2): only then may its message be acknowledged. Entries keep the order of
   * the calls.
   */
  append(entry: LogEntry): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#refuseIfOver(reject)) return
      this.#entries.push({ entry, resolve, reject })
      this.#wake()
    })
  }

  /** Keeps a refused message as evidence; resolves when it is durable. */
  refuse(refusal: Refusal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#refuseIfOver(reject)) return
      this.#refusals.push({ refusal, resolve, reject })
      this.#wake()
    })
  }

  /**
   * The receipt that the statement at `index` got when it was logged: always the same bytes.
   * @throws FieldproofError `not-found` when no signed head covers it yet
   */
  async receipt(index: number): Promise<Uint8Array> {
    const row = await this.#options.store.checkpointCovering(index)
    if (row?.signatures == null || row.size > this.head.size) {
      throw new FieldproofError('not-found', `no signed head covers leaf ${index} yet`)
    }
    return this.#receiptAt(index, row.size, row.signatures.receipt)
  }

  /**
   * Receipts at a given size, such as the newest or an anchored one: they share one signature. Signing a size again gives
   * the same signature.
   * @throws FieldproofError `tree-range` unless the size is above the index and at most the signed head's
   */
  receiptsAt(size: number): (index: number) => Uint8Array {
    const { head } = this
    if (size > head.size) throw new FieldproofError('tree-range', `size ${size} is not signed yet`)
    const { signer, hash } = this.#options
    const signatures =
      size === head.size
        ? head.signatures
        : signHead(signer, this.identity, { size, root: this.#tree.root(size) }, hash)
    return (index) => this.#receiptAt(index, size, signatures.receipt)
  }

  /**
   * The log's signature over a final anchor of its head at `size`: every anchored message at that size carries it.
   * @throws FieldproofError `tree-range` unless the size is at most the signed head's
   */
  signAnchor(size: number, anchor: AnchorReference): Uint8Array {
    const { head } = this
    if (size > head.size) throw new FieldproofError('tree-range', `size ${size} is not signed yet`)
    return signAnchor(this.#options.signer, this.identity, { size, root: this.#tree.root(size) }, anchor)
  }

  /** The newest checkpoint as a C2SP signed note. */
  checkpoint(): string {
    return checkpointNote(this.identity, this.head, this.head.signatures.note, this.#options.hash)
  }

  /** Finishes what is queued and takes nothing more. The store stays open. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#running !== null) await this.#running
  }

  #refuseIfOver(reject: (error: unknown) => void): boolean {
    if (this.#fatal !== null) reject(this.#fatal)
    else if (this.#closed) reject(new FieldproofError('gateway-busy', 'the gateway is stopping'))
    else return false
    return true
  }

  #wake(): void {
    if (this.#running !== null) return
    // After the reads of this turn of the loop: everything that arrived together is committed together.
    this.#running = nextTurn()
      .then(() => this.#run())
      .finally(() => {
        this.#running = null
        if (this.#entries.length + this.#refusals.length > 0 && this.#fatal === null) this.#wake()
      })
  }

  async #run(): Promise<void> {
    while (this.#entries.length + this.#refusals.length > 0) {
      const entries = this.#entries.splice(0, MAX_GROUP)
      const refusals = this.#refusals.splice(0, MAX_GROUP)
      try {
        await this.#runGroup(entries, refusals)
      } catch (error) {
        this.#stop(error, [...entries, ...refusals])
        return
      }
    }
  }

  async #runGroup(entries: readonly QueuedEntry[], refusals: readonly QueuedRefusal[]): Promise<void> {
    const { store, onSettled } = this.#options
    // G2. If we stop before it, nobody was acknowledged and the machines send again.
    const outcomes = await store.append(
      entries.map(({ entry }) => entry),
      refusals.map(({ refusal }) => refusal),
    )
    // If we stop here, the statements are in the log: the machines send again, and get the receipt of a duplicate.
    outcomes.forEach((outcome, i) => {
      entries[i]?.resolve(outcome)
    })
    for (const { resolve } of refusals) resolve()
    await nextTurn() // the acknowledgements go out before the work that they need not wait for
    if (outcomes.some(({ kind }) => kind === 'logged')) {
      await appendStored(store, this.#options.hash, this.#tree, await store.leafCount()) // G3
      this.#expectSame(entries, outcomes)
      await this.#commitHead(this.head)
    }
    const settled = entries.flatMap(({ entry }, i): Settled[] => {
      const outcome = outcomes[i]
      return outcome === undefined || outcome.kind === 'fork' ? [] : [{ entry, outcome }]
    })
    if (settled.length > 0) onSettled?.(settled)
    await store.tidy()
  }

  /** G3, second half: what was read back is what was received. */
  #expectSame(entries: readonly QueuedEntry[], outcomes: readonly AppendOutcome[]): void {
    outcomes.forEach((outcome, i) => {
      const received = entries[i]?.entry.leafHash
      if (outcome.kind !== 'logged' || received === undefined) return
      if (equalBytes(this.#tree.leafHash(outcome.index), received)) return
      throw new FieldproofError('store-corrupt', `leaf ${outcome.index} was stored with other bytes than it came with`)
    })
  }

  /** G4, then G5. */
  async #commitHead(before: { size: number; root: Hash32 } | null): Promise<void> {
    const next = headOf(this.#tree)
    const expected = before && { size: before.size, root: before.root }
    if (before !== null && !equalBytes(this.#tree.root(before.size), before.root)) {
      throw new FieldproofError('head-conflict', `the tree no longer has the root committed at size ${before.size}`)
    }
    // If we stop before this line, the next start computes the same head from the same leaves.
    await this.#options.store.advanceCheckpoint(expected, next)
    // If we stop here, we are committed to a head that nobody has seen; the next start signs it.
    await this.#sign({ ...next, signatures: null })
  }

  async #sign(row: CheckpointRow): Promise<void> {
    const { signer, hash, store } = this.#options
    if (row.signatures === null) {
      const signatures = signHead(signer, this.identity, row, hash)
      // If we stop before this line, the next start makes the same signatures: Ed25519 draws no randomness.
      await store.signCheckpoint(row.size, signatures)
      this.#head = { size: row.size, root: row.root, signatures }
    } else this.#head = { size: row.size, root: row.root, signatures: row.signatures }
    // From here on the head is published. If we stop now, machines without a receipt send again.
  }

  #receiptAt(index: number, size: number, signature: Uint8Array): Uint8Array {
    const path = this.#tree.inclusionPath(index, size)
    return encodeReceipt(this.identity, { size, index, path }, signature, this.#options.hash)
  }

  /** After a failed commit nobody knows what the disk holds: only a restart can tell, so nothing is retried. */
  #stop(error: unknown, group: readonly Pick<Waiting<never>, 'reject'>[]): void {
    const known = fieldproofErrorOf(error)
    this.#fatal =
      known ?? new FieldproofError('store-corrupt', `the store failed: ${errorLine(error)}`, { cause: error })
    for (const { reject } of [...group, ...this.#entries, ...this.#refusals]) reject(this.#fatal)
    this.#entries = []
    this.#refusals = []
    this.#options.onFatal?.(this.#fatal)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
