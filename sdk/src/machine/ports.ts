/**
 * What the machine runtime needs from the world. It never calls Date.now, Math.random, setTimeout or fs: that is what
 * lets a simulator run a week in a minute with this code, and a test cut the power between any two steps.
 */
import type { Hash32, MachineId, StatementId, UnixMs } from '../base/index.ts'
import type { ClockQuality } from '../crypto/index.ts'
import type { TopicName } from '../wire/index.ts'

/** Time and timers. */
export interface Clock {
  /** Wall clock: whole milliseconds since 1970. May step. */
  now(): UnixMs
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number
  /** How far {@link now} can be believed. */
  quality(): ClockQuality
  /** Calls `task` once, after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** Cryptographically strong random bytes. */
export type Entropy = (length: number) => Uint8Array

/** What a link tells the runtime. */
export interface LinkHandlers {
  /** Connected and subscribed; publishes may start. Called again after each reconnect. */
  readonly onUp: () => void
  readonly onDown: (reason: string) => void
  /** A message on one of the subscribed topics. Bytes are hostile until decoded. */
  readonly onMessage: (name: TopicName, payload: Uint8Array) => void
}

/** What a link needs to connect. */
export interface LinkOpening extends LinkHandlers {
  readonly machine: MachineId
  /** Topics of this machine to subscribe to. */
  readonly subscriptions: readonly TopicName[]
  /** Retained message that the broker publishes when the machine is gone. */
  readonly will: { readonly name: TopicName; readonly payload: Uint8Array }
}

/** A connection to a broker that keeps itself up: it reconnects with backoff and jitter until closed. */
export interface Link {
  /** Starts connecting; returns at once. Called once. */
  open(opening: LinkOpening): void
  /**
   * Publishes at QoS 1; resolves when the broker has acknowledged, which says nothing about the gateway.
   * @throws FieldproofError `link-failed` when the link is down or goes down before the acknowledgement
   */
  publish(name: TopicName, payload: Uint8Array, options?: { readonly retain?: boolean }): Promise<void>
  /** Disconnects; with `graceful` after in-flight publishes are acknowledged. No handler is called afterwards. */
  close(options?: { readonly graceful?: boolean }): Promise<void>
}

/** Where a machine's history stands. */
export interface HistoryHead {
  readonly sequence: number
  readonly id: StatementId
}

/** A row in the outbox that no statement covers yet. */
export interface PendingRow {
  /** Grows with every row of the outbox. */
  readonly key: number
  /** Encoded row. */
  readonly bytes: Uint8Array
}

/** A signed batch, ready to be published. */
export interface StoredBatch {
  readonly sequence: number
  readonly id: StatementId
  /** Key of its stream, see {@link Outbox.putStream}. */
  readonly stream: string
  readonly rowCount: number
  /** SHA-256 of `message`: what a refusal names. */
  readonly digest: Hash32
  /** The exact bytes that are published, again and again, until receipted. */
  readonly message: Uint8Array
}

/** `pending`: no receipt yet; `logged`: receipted, not anchored; `parked`: refused for good, kept for its owner. */
export type BatchState = 'pending' | 'logged' | 'parked'

/** What the outbox holds. */
export interface OutboxUsage {
  /** Rows that no statement covers yet. */
  readonly rows: number
  readonly pending: number
  readonly logged: number
  readonly parked: number
  /** Bytes of rows and messages held. */
  readonly sizeBytes: number
}

/**
 * The machine's durable store. Every method that changes something is durable when its promise resolves, and all or
 * nothing. One process at a time: opening a second one fails with `store-locked`.
 */
export interface Outbox {
  /** Newest statement of this machine, or null before the first. */
  head(): Promise<HistoryHead | null>
  /**
   * Remembers a stream by a key (the hex of its definition hash), so that rows stored by an earlier release of the software
   * can still be signed under the definition they were measured with. Storing the same again changes nothing.
   */
  putStream(key: string, definition: Uint8Array): Promise<void>
  /** Every remembered stream that has rows or messages in the outbox, or was put since it was opened. */
  streams(): Promise<readonly { readonly key: string; readonly definition: Uint8Array }[]>
  /** D1: rows in order. @throws FieldproofError `outbox-full` over the cap; then none of them is stored */
  appendRows(streamKey: string, rows: readonly Uint8Array[]): Promise<void>
  /** How many uncovered rows a stream has. */
  pendingCount(streamKey: string): Promise<number>
  /** Oldest uncovered rows of a stream. */
  pendingRows(streamKey: string, limit: number): Promise<readonly PendingRow[]>
  /**
   * D2: stores a signed batch, removes the rows of its stream up to and including `lastRowKey`, and moves the head.
   * @throws FieldproofError `outbox-corrupt` unless `batch.sequence` is above the head's
   */
  sealBatch(batch: StoredBatch, lastRowKey: number): Promise<void>
  /** Moves the head forward to a statement that the log already holds (a restored card). Lower sequences are ignored. */
  adoptHead(head: HistoryHead): Promise<void>
  /** Batches in a state with sequence above `after`, lowest first. */
  batches(state: BatchState, after: number, limit: number): Promise<readonly StoredBatch[]>
  batch(id: StatementId): Promise<(StoredBatch & { readonly state: BatchState }) | null>
  batchByDigest(digest: Hash32): Promise<(StoredBatch & { readonly state: BatchState }) | null>
  /** `pending` or `parked` -> `logged`, with the verified receipt: it outweighs a refusal, which nobody signs. */
  markLogged(id: StatementId, receipt: Uint8Array): Promise<void>
  /** Removes the batch's message and keeps id and receipt as evidence (the newest `maxReceipts` of them). */
  markAnchored(id: StatementId, receipt: Uint8Array, anchor: Uint8Array): Promise<void>
  /** `pending` -> `parked`, with the refusal's code. */
  markParked(id: StatementId, code: string): Promise<void>
  /** Adds to a durable counter such as `dropped-rows`; returns its new value. */
  count(counter: string, add: number): Promise<number>
  usage(): Promise<OutboxUsage>
  close(): Promise<void>
}
