/**
 * The outbox on libsql: write-ahead log, one fsync a commit, every method one transaction. SQLite runs on the calling
 * thread, so a commit blocks the event loop for as long as the card takes to sync.
 *
 * When the cap is reached new rows are refused and counted by the caller; signed batches are never dropped, because a
 * missing sequence number would look like fraud, and sealing may pass the cap for the same reason.
 */
import { FieldproofError, type Hash32, type StatementId } from '../base/index.ts'
import type { BatchState, HistoryHead, OutboxUsage, PendingRow, StoredBatch } from '../machine/index.ts'
import { type BatchEvidence, type EvidenceOutbox, OUTBOX_DEFAULTS } from './outbox-evidence.ts'
import { type OutboxFile, openOutboxFile } from './outbox-file.ts'
import {
  batchOf,
  corrupt,
  evidenceOf,
  expectDigest,
  headOf,
  numberOf,
  summed,
  sumOf,
  textOf,
  withoutState,
} from './outbox-records.ts'
import { OutboxSession } from './outbox-session.ts'

/** Settings of {@link openLibsqlOutbox}. */
export interface LibsqlOutboxOptions {
  /** Makes the file when it is missing. Default true: a lost head comes back from the log, a lost row does not. */
  readonly create?: boolean
  /** Cap on the bytes of rows and messages held. Default 256 MiB. */
  readonly maxBytes?: number
  /** Receipts of anchored batches that are kept. Default 100 000, some 100 MB. */
  readonly maxReceipts?: number
}

/**
 * Opens an outbox and checks it, which reads the whole file: some 0.2 s for each 100 MiB in the page cache, more on a card.
 * @throws FieldproofError `store-locked` when another process has it, `outbox-corrupt`, `file-unreadable` when it is
 * missing and not made. Methods reject with `outbox-failed` when the disk fails: then restart, since what the failed write left in
 * the page cache cannot be trusted
 */
export async function openLibsqlOutbox(path: string, options: LibsqlOutboxOptions = {}): Promise<EvidenceOutbox> {
  return new LibsqlOutbox(openOutboxFile(path, options.create ?? true), { ...OUTBOX_DEFAULTS, ...options })
}

/** Of `batch` joined with `stream`, in the shape that batchOf reads. */
const SELECT_BATCH = `SELECT sequence, id, stream.key AS stream, row_count, digest, message, state
  FROM batch JOIN stream ON stream.number = batch.stream`
const SELECT_STREAMS = `SELECT key, definition, sum,
  EXISTS (SELECT 1 FROM row WHERE stream = number) OR EXISTS (SELECT 1 FROM batch WHERE stream = number) AS used
  FROM stream ORDER BY number`

class LibsqlOutbox implements EvidenceOutbox {
  readonly #session: OutboxSession
  readonly #bounds: { readonly maxBytes: number; readonly maxReceipts: number }
  readonly #put = new Set<string>()
  #heldBytes: number
  #lastRow: number

  constructor(file: OutboxFile, bounds: { readonly maxBytes: number; readonly maxReceipts: number }) {
    this.#session = new OutboxSession(file)
    this.#bounds = bounds
    this.#heldBytes =
      this.#session.number('SELECT coalesce(sum(length(bytes)), 0) AS n FROM row') +
      this.#session.number('SELECT coalesce(sum(length(message)), 0) AS n FROM batch')
    this.#lastRow = this.#session.number('SELECT max(last_row, coalesce((SELECT max(key) FROM row), 0)) AS n FROM head')
  }

  head(): Promise<HistoryHead | null> {
    return this.#session.read(() => this.#head())
  }

  putStream(key: string, definition: Uint8Array): Promise<void> {
    return this.#session.change(() => {
      this.#session.run('INSERT OR IGNORE INTO stream (key, definition, sum) VALUES (?, ?, ?)', [
        key,
        definition,
        sumOf(definition),
      ])
      this.#put.add(key)
    })
  }

  streams(): Promise<readonly { readonly key: string; readonly definition: Uint8Array }[]> {
    return this.#session.read(() =>
      this.#session.all(SELECT_STREAMS, []).flatMap((row) => {
        const key = textOf(row.key)
        const definition = summed(row.definition, row.sum, `the definition of ${key}`)
        return row.used === 1 || this.#put.has(key) ? [{ key, definition }] : []
      }),
    )
  }

  async appendRows(streamKey: string, rows: readonly Uint8Array[]): Promise<void> {
    await this.#session.change(
      () => {
        const stream = this.#stream(streamKey)
        const size = rows.reduce((sum, row) => sum + row.length, 0)
        if (this.#heldBytes + size > this.#bounds.maxBytes) throw full(this.#heldBytes, this.#bounds.maxBytes)
        rows.forEach((row, i) => {
          this.#session.run('INSERT INTO row VALUES (?, ?, ?, ?)', [stream, this.#lastRow + 1 + i, row, sumOf(row)])
        })
        return size
      },
      (size) => {
        this.#heldBytes += size
        this.#lastRow += rows.length
      },
    )
  }

  pendingCount(streamKey: string): Promise<number> {
    const sql = 'SELECT count(*) AS n FROM row WHERE stream = (SELECT number FROM stream WHERE key = ?)'
    return this.#session.read(() => this.#session.number(sql, [streamKey]))
  }

  pendingRows(streamKey: string, limit: number): Promise<readonly PendingRow[]> {
    const sql =
      'SELECT key, bytes, sum FROM row WHERE stream = (SELECT number FROM stream WHERE key = ?) ORDER BY key LIMIT ?'
    return this.#session.read(() =>
      this.#session.all(sql, [streamKey, limit]).map((row) => {
        const key = numberOf(row.key)
        return { key, bytes: summed(row.bytes, row.sum, `row ${key}`) }
      }),
    )
  }

  async sealBatch(batch: StoredBatch, lastRowKey: number): Promise<void> {
    await this.#session.change(() => {
      const head = this.#head()
      if (batch.sequence <= (head?.sequence ?? 0)) throw corrupt('a batch must come after the head', batch.sequence)
      expectDigest(batch.message, batch.digest, batch.sequence)
      const stream = this.#stream(batch.stream)
      const covered = [stream, lastRowKey]
      const freed = this.#session.number(
        'SELECT coalesce(sum(length(bytes)), 0) AS n FROM row WHERE stream = ? AND key <= ?',
        covered,
      )
      this.#session.run('DELETE FROM row WHERE stream = ? AND key <= ?', covered)
      const { sequence, id, rowCount, digest, message } = batch
      const values = [sequence, id, stream, rowCount, digest, message, 'pending', null, null]
      this.#session.run('INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', values)
      this.#session.run('UPDATE head SET sequence = ?, id = ?, last_row = ?', [sequence, id, this.#lastRow])
      return message.length - freed
    }, this.#resize)
  }

  adoptHead(head: HistoryHead): Promise<void> {
    return this.#session.change(() => {
      this.#session.run('UPDATE head SET sequence = ?, id = ? WHERE sequence < ?', [
        head.sequence,
        head.id,
        head.sequence,
      ])
    })
  }

  batches(state: BatchState, after: number, limit: number): Promise<readonly StoredBatch[]> {
    const sql = `${SELECT_BATCH} WHERE state = ? AND sequence > ? ORDER BY sequence LIMIT ?`
    return this.#session.read(() =>
      this.#session.all(sql, [state, after, limit]).map((row) => withoutState(batchOf(row))),
    )
  }

  batch(id: StatementId): Promise<(StoredBatch & { readonly state: BatchState }) | null> {
    return this.#session.read(() => this.#one(`${SELECT_BATCH} WHERE id = ?`, id))
  }

  batchByDigest(digest: Hash32): Promise<(StoredBatch & { readonly state: BatchState }) | null> {
    return this.#session.read(() => this.#one(`${SELECT_BATCH} WHERE digest = ?`, digest))
  }

  markLogged(id: StatementId, receipt: Uint8Array): Promise<void> {
    const sql = "UPDATE batch SET state = 'logged', receipt = ?, refusal = NULL WHERE id = ? AND state <> 'logged'"
    return this.#session.change(() => this.#session.run(sql, [receipt, id]))
  }

  async markAnchored(id: StatementId, receipt: Uint8Array, anchor: Uint8Array): Promise<void> {
    await this.#session.change(() => {
      const freed = this.#session.number('SELECT coalesce(sum(length(message)), 0) AS n FROM batch WHERE id = ?', [id])
      this.#session.run('INSERT INTO anchored SELECT sequence, id, ?, ? FROM batch WHERE id = ?', [receipt, anchor, id])
      this.#session.run('DELETE FROM batch WHERE id = ?', [id])
      const oldest = 'SELECT sequence FROM anchored ORDER BY sequence DESC LIMIT -1 OFFSET ?'
      this.#session.run(`DELETE FROM anchored WHERE sequence IN (${oldest})`, [this.#bounds.maxReceipts])
      return -freed
    }, this.#resize)
  }

  markParked(id: StatementId, code: string): Promise<void> {
    const sql = "UPDATE batch SET state = 'parked', refusal = ? WHERE id = ? AND state = 'pending'"
    return this.#session.change(() => this.#session.run(sql, [code, id]))
  }

  count(counter: string, add: number): Promise<number> {
    const sql = `INSERT INTO counter VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value`
    return this.#session.change(() => numberOf(this.#session.all(sql, [counter, add])[0]?.value))
  }

  usage(): Promise<OutboxUsage> {
    const inState = 'SELECT count(*) AS n FROM batch WHERE state = ?'
    return this.#session.read(() => ({
      rows: this.#session.number('SELECT count(*) AS n FROM row'),
      pending: this.#session.number(inState, ['pending']),
      logged: this.#session.number(inState, ['logged']),
      parked: this.#session.number(inState, ['parked']),
      sizeBytes: this.#heldBytes,
    }))
  }

  evidence(id: StatementId): Promise<BatchEvidence | null> {
    return this.#session.read(() => {
      const columns = 'state, sequence, receipt, refusal, NULL AS anchor'
      const [row] = this.#session.all(
        `SELECT ${columns} FROM batch WHERE id = ?
         UNION ALL SELECT 'anchored', sequence, receipt, NULL, anchor FROM anchored WHERE id = ?`,
        [id, id],
      )
      return row === undefined ? null : evidenceOf(row)
    })
  }

  async close(): Promise<void> {
    this.#session.close()
  }

  readonly #resize = (bytes: number): void => {
    this.#heldBytes += bytes
  }

  #head(): HistoryHead | null {
    return headOf(this.#session.all('SELECT sequence, id FROM head')[0])
  }

  #stream(key: string): number {
    const [row] = this.#session.all('SELECT number FROM stream WHERE key = ?', [key])
    if (row === undefined)
      throw new FieldproofError('stream-unknown', `stream ${key} was never put`, { facts: { key } })
    return numberOf(row.number)
  }

  #one(sql: string, key: Uint8Array): (StoredBatch & { readonly state: BatchState }) | null {
    const [row] = this.#session.all(sql, [key])
    return row === undefined ? null : batchOf(row)
  }
}

function full(heldBytes: number, maxBytes: number): FieldproofError {
  return new FieldproofError('outbox-full', `${heldBytes} of ${maxBytes} bytes are held`, {
    facts: { heldBytes, maxBytes },
  })
}
