/**
 * The outbox in memory. What it holds lives in a disk object apart from it, so that a test can cut the power (drop the
 * outbox, open another on the same disk) and can make any step fail before or after it became durable.
 */
import { equalBytes, FieldproofError, type StatementId } from '../base/index.ts'
import { pureHash } from '../crypto/index.ts'
import type { BatchState, HistoryHead, Outbox, OutboxUsage, PendingRow, StoredBatch } from '../machine/index.ts'
import { type BatchEvidence, type EvidenceOutbox, OUTBOX_DEFAULTS } from '../node/outbox-evidence.ts'

/** Methods of an outbox that make something durable. */
export type DurableStep = Exclude<
  keyof Outbox,
  'head' | 'streams' | 'pendingCount' | 'pendingRows' | 'batches' | 'batch' | 'batchByDigest' | 'usage' | 'close'
>

/** How a durable step goes: done, not done and failed, or done but reported failed (power cut before the answer). */
export type StepFate = 'done' | 'not-done' | 'done-but-failed'

interface Held {
  readonly batch: StoredBatch
  state: BatchState
  receipt: Uint8Array | null
  refusal: string | null
}

interface DiskState {
  head: HistoryHead | null
  lastRow: number
  heldBytes: number
  readonly streams: Map<string, Uint8Array>
  rows: (PendingRow & { readonly stream: string })[]
  readonly batches: Held[]
  readonly anchored: (BatchEvidence & { readonly id: StatementId })[]
  readonly counters: Map<string, number>
  owner: MemoryOutbox | null
}

/** What survives a power cut. Opaque: only outboxes read it. */
export interface MemoryDisk {
  readonly state: DiskState
  /** Takes the disk from a process that died: its outbox is of no use afterwards, and another may open. */
  cutPower(): void
}

/** Settings of {@link openMemoryOutbox}. */
export interface MemoryOutboxOptions {
  readonly disk?: MemoryDisk
  readonly maxBytes?: number
  readonly maxReceipts?: number
  /** Asked before each durable step. */
  readonly fate?: (step: DurableStep) => StepFate
}

/** An empty disk. */
export function createMemoryDisk(): MemoryDisk {
  const state: DiskState = {
    head: null,
    lastRow: 0,
    heldBytes: 0,
    streams: new Map(),
    rows: [],
    batches: [],
    anchored: [],
    counters: new Map(),
    owner: null,
  }
  return {
    state,
    cutPower() {
      state.owner = null
    },
  }
}

/** @throws FieldproofError `store-locked` while another outbox has the disk */
export async function openMemoryOutbox(options: MemoryOutboxOptions = {}): Promise<EvidenceOutbox> {
  const { state } = options.disk ?? createMemoryDisk()
  if (state.owner !== null) throw new FieldproofError('store-locked', 'another outbox has this disk')
  return new MemoryOutbox(state, options)
}

class MemoryOutbox implements EvidenceOutbox {
  readonly #disk: DiskState
  readonly #bounds: { readonly maxBytes: number; readonly maxReceipts: number }
  readonly #fate: (step: DurableStep) => StepFate
  readonly #put = new Set<string>()

  constructor(disk: DiskState, options: MemoryOutboxOptions) {
    this.#disk = disk
    this.#bounds = { ...OUTBOX_DEFAULTS, ...options }
    this.#fate = options.fate ?? (() => 'done')
    disk.owner = this
  }

  head(): Promise<HistoryHead | null> {
    return this.#read(() => this.#disk.head)
  }

  putStream(key: string, definition: Uint8Array): Promise<void> {
    return this.#change('putStream', () => {
      if (!this.#disk.streams.has(key)) this.#disk.streams.set(key, definition.slice())
      this.#put.add(key)
    })
  }

  streams(): Promise<readonly { readonly key: string; readonly definition: Uint8Array }[]> {
    return this.#read(() => {
      const { streams, rows, batches } = this.#disk
      const used = new Set([
        ...this.#put,
        ...rows.map((row) => row.stream),
        ...batches.map(({ batch }) => batch.stream),
      ])
      return [...streams].flatMap(([key, definition]) =>
        used.has(key) ? [{ key, definition: definition.slice() }] : [],
      )
    })
  }

  appendRows(streamKey: string, rows: readonly Uint8Array[]): Promise<void> {
    return this.#change('appendRows', () => {
      this.#expectStream(streamKey)
      const size = rows.reduce((sum, row) => sum + row.length, 0)
      if (this.#disk.heldBytes + size > this.#bounds.maxBytes) {
        throw new FieldproofError('outbox-full', `over ${this.#bounds.maxBytes} bytes would be held`)
      }
      for (const row of rows) this.#disk.rows.push({ stream: streamKey, key: ++this.#disk.lastRow, bytes: row.slice() })
      this.#disk.heldBytes += size
    })
  }

  pendingCount(streamKey: string): Promise<number> {
    return this.#read(() => this.#rowsOf(streamKey).length)
  }

  pendingRows(streamKey: string, limit: number): Promise<readonly PendingRow[]> {
    return this.#read(() =>
      this.#rowsOf(streamKey)
        .slice(0, limit)
        .map(({ key, bytes }) => ({ key, bytes: bytes.slice() })),
    )
  }

  sealBatch(batch: StoredBatch, lastRowKey: number): Promise<void> {
    return this.#change('sealBatch', () => {
      const { batches, rows } = this.#disk
      if (batch.sequence <= (this.#disk.head?.sequence ?? 0)) throw corrupt('a batch must come after the head')
      if (!equalBytes(pureHash.sha256(batch.message), batch.digest))
        throw corrupt('a message does not match its digest')
      this.#expectStream(batch.stream)
      if (this.#held(batch.id) !== undefined) throw corrupt('it would contradict itself')
      const isCovered = (row: (typeof rows)[number]): boolean => row.stream === batch.stream && row.key <= lastRowKey
      this.#disk.heldBytes += batch.message.length - sizeOf(rows.filter(isCovered))
      this.#disk.rows = rows.filter((row) => !isCovered(row))
      batches.push({ batch: copyOf(batch), state: 'pending', receipt: null, refusal: null })
      this.#disk.head = { sequence: batch.sequence, id: batch.id }
    })
  }

  adoptHead(head: HistoryHead): Promise<void> {
    return this.#change('adoptHead', () => {
      if (head.sequence > (this.#disk.head?.sequence ?? 0)) this.#disk.head = { ...head }
    })
  }

  batches(state: BatchState, after: number, limit: number): Promise<readonly StoredBatch[]> {
    return this.#read(() =>
      this.#disk.batches
        .filter((held) => held.state === state && held.batch.sequence > after)
        .slice(0, limit)
        .map((held) => copyOf(held.batch)),
    )
  }

  batch(id: Uint8Array): Promise<(StoredBatch & { readonly state: BatchState }) | null> {
    return this.#find((held) => equalBytes(held.batch.id, id))
  }

  batchByDigest(digest: Uint8Array): Promise<(StoredBatch & { readonly state: BatchState }) | null> {
    return this.#find((held) => equalBytes(held.batch.digest, digest))
  }

  markLogged(id: StatementId, receipt: Uint8Array): Promise<void> {
    return this.#change('markLogged', () => {
      const held = this.#held(id)
      if (held === undefined || held.state === 'logged') return
      Object.assign(held, { state: 'logged', receipt: receipt.slice(), refusal: null })
    })
  }

  markAnchored(id: StatementId, receipt: Uint8Array, anchor: Uint8Array): Promise<void> {
    return this.#change('markAnchored', () => {
      const held = this.#held(id)
      if (held === undefined) return
      const { batches, anchored } = this.#disk
      batches.splice(batches.indexOf(held), 1)
      this.#disk.heldBytes -= held.batch.message.length
      const { sequence } = held.batch
      anchored.push({
        id,
        sequence,
        state: 'anchored',
        receipt: receipt.slice(),
        anchor: anchor.slice(),
        refusal: null,
      })
      anchored.sort((a, b) => a.sequence - b.sequence)
      anchored.splice(0, Math.max(0, anchored.length - this.#bounds.maxReceipts))
    })
  }

  markParked(id: StatementId, code: string): Promise<void> {
    return this.#change('markParked', () => {
      const held = this.#held(id)
      if (held?.state === 'pending') Object.assign(held, { state: 'parked', refusal: code })
    })
  }

  count(counter: string, add: number): Promise<number> {
    return this.#change('count', () => {
      const value = (this.#disk.counters.get(counter) ?? 0) + add
      this.#disk.counters.set(counter, value)
      return value
    })
  }

  usage(): Promise<OutboxUsage> {
    const inState = (state: BatchState): number => this.#disk.batches.filter((held) => held.state === state).length
    return this.#read(() => ({
      rows: this.#disk.rows.length,
      pending: inState('pending'),
      logged: inState('logged'),
      parked: inState('parked'),
      sizeBytes: this.#disk.heldBytes,
    }))
  }

  evidence(id: StatementId): Promise<BatchEvidence | null> {
    return this.#read(() => {
      const held = this.#held(id)
      if (held !== undefined) {
        const { state, receipt, refusal } = held
        return { sequence: held.batch.sequence, state, receipt, anchor: null, refusal }
      }
      const kept = this.#disk.anchored.find((evidence) => equalBytes(evidence.id, id))
      if (kept === undefined) return null
      const { id: _, ...evidence } = kept
      return evidence
    })
  }

  async close(): Promise<void> {
    if (this.#disk.owner === this) this.#disk.owner = null
  }

  async #read<T>(body: () => T): Promise<T> {
    if (this.#disk.owner !== this) throw new FieldproofError('machine-stopped', 'the outbox is closed')
    return body()
  }

  #change<T>(step: DurableStep, body: () => T): Promise<T> {
    return this.#read(() => {
      const fate = this.#fate(step)
      if (fate === 'not-done') throw failed(step)
      const result = body()
      if (fate === 'done-but-failed') throw failed(step)
      return result
    })
  }

  #find(matches: (held: Held) => boolean): Promise<(StoredBatch & { readonly state: BatchState }) | null> {
    return this.#read(() => {
      const held = this.#disk.batches.find(matches)
      return held === undefined ? null : { ...copyOf(held.batch), state: held.state }
    })
  }

  #held(id: Uint8Array): Held | undefined {
    return this.#disk.batches.find(({ batch }) => equalBytes(batch.id, id))
  }

  #rowsOf(stream: string): readonly PendingRow[] {
    return this.#disk.rows.filter((row) => row.stream === stream)
  }

  #expectStream(key: string): void {
    if (!this.#disk.streams.has(key)) throw new FieldproofError('stream-unknown', `stream ${key} was never put`)
  }
}

function copyOf(batch: StoredBatch): StoredBatch {
  const { sequence, id, stream, rowCount, digest, message } = batch
  return { sequence, id, stream, rowCount, digest, message: message.slice() }
}

function sizeOf(rows: readonly PendingRow[]): number {
  return rows.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function corrupt(why: string): FieldproofError {
  return new FieldproofError('outbox-corrupt', why)
}

function failed(step: DurableStep): FieldproofError {
  return new FieldproofError('outbox-failed', `${step} was made to fail`)
}
