/**
 * The store on SQLite (libsql): the embedded default. Small integers stand for machines, streams, definitions and keys, so
 * the indices that every append touches stay narrow.
 */

import type { Code, Hash32, MachineId } from '@fieldproof/sdk/base'
import { FieldproofError, hash32, machineId, statementId } from '@fieldproof/sdk/base'
import { expectAdvance } from './checkpoint-rule.ts'
import { LibsqlAnchors } from './libsql-anchors.ts'
import { LeafAppender, sizeOf } from './libsql-append.ts'
import {
  type Cell,
  type CellRow,
  cellBytes,
  cellBytesOrNull,
  cellNumber,
  cellText,
  type DatabaseFile,
  openDatabaseFile,
  type Query,
} from './libsql-database.ts'
import { readLeaf, SELECT_LEAF } from './libsql-rows.ts'
import { SCHEMA } from './libsql-schema.ts'
import {
  type AppendOutcome,
  type BatchQuery,
  type CheckpointRow,
  type CheckpointSignatures,
  type Fork,
  type LeafId,
  type LogEntry,
  type MachineSummary,
  REFUSALS_KEPT,
  type Refusal,
  type Store,
  type StoredKey,
  type StoredLeaf,
} from './store.ts'
import { WithAnchors } from './with-anchors.ts'

/** Bytes appended between two checkpoints of the WAL. */
const TIDY_BYTES = 4 * 1024 * 1024

/**
 * Opens the store in a file.
 * @throws FieldproofError `config-invalid` when the file is not there and `create` is not set, `store-locked`, `store-corrupt`
 */
export function openLibsqlStore(path: string, options: { create?: boolean } = {}): Store {
  return new LibsqlStore(openDatabaseFile(path, SCHEMA, options.create ?? false))
}

class LibsqlStore extends WithAnchors implements Store {
  readonly #file: DatabaseFile
  readonly #appender: LeafAppender
  readonly #insertRefusal: Query
  #refusalCount: number
  #refusalBytes: number
  #untidyBytes = 0

  constructor(file: DatabaseFile) {
    super(new LibsqlAnchors(file))
    this.#file = file
    this.#appender = new LeafAppender(file, this.#number('SELECT coalesce(max(idx), 0) + 1 AS n FROM leaves'))
    this.#insertRefusal = file.prepare(
      'INSERT INTO refusals (machine, digest, code, detail, message, received_at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#refusalCount = this.#number('SELECT count(*) AS n FROM refusals')
    this.#refusalBytes = this.#number('SELECT coalesce(sum(length(message)), 0) AS n FROM refusals')
  }

  async create(genesis: Uint8Array, leafHash: Hash32): Promise<void> {
    if ((await this.genesis()) !== null) throw new FieldproofError('key-exists', 'this store holds a log already')
    this.#write(() => this.#file.prepare('INSERT INTO genesis VALUES (0, ?, ?)').run([genesis, leafHash]))
  }

  async genesis(): Promise<Uint8Array | null> {
    return cellBytesOrNull(this.#get('SELECT bytes FROM genesis', [])?.['bytes'])
  }

  async append(entries: readonly LogEntry[], refusals: readonly Refusal[]): Promise<readonly AppendOutcome[]> {
    const appender = this.#appender
    const { nextIndex } = appender
    try {
      const outcomes = this.#write(() => {
        const appended = appender.append(entries)
        for (const refusal of refusals) this.#addRefusal(refusal)
        return appended
      })
      appender.committed()
      this.#untidyBytes += sizeOf(entries)
      return outcomes
    } catch (error) {
      appender.rolledBack(nextIndex)
      throw error
    }
  }

  async leafCount(): Promise<number> {
    return (await this.genesis()) === null ? 0 : this.#appender.nextIndex
  }

  async readLeaves(from: number, to: number): Promise<readonly { bytes: Uint8Array; leafHash: Uint8Array }[]> {
    const genesis = from === 0 && to > 0 ? this.#all('SELECT bytes, leaf_hash FROM genesis', []) : []
    const sql = 'SELECT statement AS bytes, leaf_hash FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx'
    const leaves = this.#all(sql, [from, to])
    return [...genesis, ...leaves].map((r) => ({ bytes: cellBytes(r['bytes']), leafHash: cellBytes(r['leaf_hash']) }))
  }

  async leaves(from: number, to: number): Promise<readonly StoredLeaf[]> {
    return this.#leafRows('WHERE l.idx >= ? AND l.idx < ? ORDER BY l.idx', [from, to])
  }

  async leavesAt(machine: MachineId, sequence: number): Promise<readonly StoredLeaf[]> {
    const number = this.#appender.machines.find(machine)
    if (number === undefined) return []
    return this.#leafRows('WHERE l.machine = ? AND l.sequence = ? ORDER BY l.idx', [number, sequence])
  }

  async newestLeaf(machine: MachineId): Promise<StoredLeaf | null> {
    const number = this.#appender.machines.find(machine)
    if (number === undefined) return null
    const top = this.#get('SELECT max(sequence) AS n FROM leaves WHERE machine = ?', [number])?.['n']
    return typeof top === 'number' ? ((await this.leavesAt(machine, top)).at(-1) ?? null) : null
  }

  async idsOf(machine: MachineId, from: number, to: number, limit: number): Promise<readonly LeafId[]> {
    const number = this.#appender.machines.find(machine)
    if (number === undefined) return []
    // An index over `machine` alone ends in the log index, so this walks only what it returns.
    const sql = `SELECT idx, id FROM leaves INDEXED BY leaves_by_machine
      WHERE machine = ? AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?`
    return this.#all(sql, [number, from, to, limit]).map((row) => ({
      index: cellNumber(row['idx']),
      id: statementId(cellBytes(row['id'])),
    }))
  }

  async batches({ machine, stream, from, below, limit, newestFirst }: BatchQuery): Promise<readonly StoredLeaf[]> {
    const number = this.#appender.machines.find(machine)
    const streamNumber = this.#appender.streams.find(stream)
    if (number === undefined || streamNumber === undefined) return []
    const order = newestFirst ? 'DESC' : 'ASC'
    return this.#leafRows(
      `WHERE l.machine = ? AND l.stream = ? AND l.last_time >= ? AND l.idx < ?
       ORDER BY l.last_time ${order}, l.idx ${order} LIMIT ?`,
      [number, streamNumber, from, below, limit],
    )
  }

  async streams(machine: MachineId): Promise<readonly string[]> {
    const number = this.#appender.machines.find(machine)
    if (number === undefined) return []
    const sql = `SELECT name FROM streams s
      WHERE EXISTS (SELECT 1 FROM leaves WHERE machine = ? AND stream = s.number) ORDER BY name`
    return this.#all(sql, [number]).map((row) => cellText(row['name']))
  }

  async refusals(limit: number): Promise<readonly Refusal[]> {
    return this.#all('SELECT * FROM refusals ORDER BY number DESC LIMIT ?', [limit]).map((row) => ({
      machine: machineId(cellText(row['machine'])),
      digest: hash32(cellBytes(row['digest'])),
      code: cellText(row['code']) as Code,
      detail: cellText(row['detail']),
      message: cellBytes(row['message']),
      receivedAt: cellNumber(row['received_at']),
    }))
  }

  async forks(): Promise<readonly Fork[]> {
    return this.#all('SELECT * FROM forks ORDER BY number', []).map((row) => ({
      machine: machineId(cellText(row['machine'])),
      index: cellNumber(row['idx']),
      id: statementId(cellBytes(row['id'])),
      message: cellBytes(row['message']),
      receivedAt: cellNumber(row['received_at']),
    }))
  }

  async advanceCheckpoint(
    expected: { size: number; root: Hash32 } | null,
    next: { size: number; root: Hash32 },
  ): Promise<void> {
    this.#write(() => {
      expectAdvance(this.#checkpoint('ORDER BY size DESC LIMIT 1', []), expected, next)
      this.#file.prepare('INSERT INTO checkpoints (size, root) VALUES (?, ?)').run([next.size, next.root])
    })
  }

  async signCheckpoint(size: number, signatures: CheckpointSignatures): Promise<void> {
    const { changes } = this.#write(() =>
      this.#file
        .prepare('UPDATE checkpoints SET receipt = ?, note = ? WHERE size = ?')
        .run([signatures.receipt, signatures.note, size]),
    )
    if (changes !== 1) throw new FieldproofError('not-found', `there is no checkpoint of size ${size}`)
  }

  async newestCheckpoint(): Promise<CheckpointRow | null> {
    return this.#checkpoint('ORDER BY size DESC LIMIT 1', [])
  }

  async checkpointCovering(index: number): Promise<CheckpointRow | null> {
    return this.#checkpoint('WHERE size > ? ORDER BY size LIMIT 1', [index])
  }

  async putBirth(key: StoredKey, definitions: ReadonlyMap<Hash32, Uint8Array>, software: string): Promise<void> {
    this.#write(() => {
      this.#putKey(key)
      for (const [hash, bytes] of definitions) {
        this.#file
          .prepare(
            'INSERT INTO definitions (hash, bytes) VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes',
          )
          .run([hash, bytes])
      }
      this.#file.prepare('UPDATE machines SET software = ? WHERE id = ?').run([software, key.machine])
    })
  }

  async putKey(key: StoredKey): Promise<void> {
    this.#write(() => this.#putKey(key))
  }

  async keys(): Promise<readonly StoredKey[]> {
    const sql =
      'SELECT k.*, m.id AS machine_id FROM keys k JOIN machines m ON m.number = k.machine WHERE length(k.cose_key) > 0'
    return this.#all(sql, []).map((row) => ({
      thumbprint: hash32(cellBytes(row['thumbprint'])),
      machine: machineId(cellText(row['machine_id'])),
      coseKey: cellBytes(row['cose_key']),
      retiredSequence: cellNumber(row['retired_sequence']),
      revoked: cellNumber(row['revoked']) === 1,
    }))
  }

  async definition(hash: Hash32): Promise<Uint8Array | null> {
    return cellBytesOrNull(this.#get('SELECT bytes FROM definitions WHERE hash = ?', [hash])?.['bytes'])
  }

  async machines(): Promise<readonly MachineSummary[]> {
    return this.#all('SELECT * FROM machines ORDER BY number', []).map((row) => ({
      machine: machineId(cellText(row['id'])),
      software: cellText(row['software']),
      batches: cellNumber(row['batches']),
      rows: cellNumber(row['row_count']),
      sequence: cellNumber(row['sequence']),
      lastReceivedAt: row['received_at'] === null ? null : cellNumber(row['received_at']),
      branches: cellNumber(row['branches']),
      forks: cellNumber(row['forks']),
    }))
  }

  async told(machine: MachineId): Promise<number> {
    const told = this.#get('SELECT told FROM machines WHERE id = ?', [machine])?.['told']
    return typeof told === 'number' ? told : 0
  }

  async setTold(machines: readonly MachineId[], size: number): Promise<void> {
    const update = this.#file.prepare('UPDATE machines SET told = ? WHERE id = ?')
    this.#write(() => {
      for (const machine of machines) update.run([size, machine])
    })
  }

  async tidy(): Promise<void> {
    if (this.#untidyBytes < TIDY_BYTES) return
    this.#untidyBytes = 0
    this.#all('PRAGMA wal_checkpoint(PASSIVE)', [])
  }

  async close(): Promise<void> {
    this.#all('PRAGMA wal_checkpoint(TRUNCATE)', [])
    this.#file.close()
  }

  #addRefusal({ machine, digest, code, detail, message, receivedAt }: Refusal): void {
    this.#insertRefusal.run([machine, digest, code, detail, message, receivedAt])
    this.#refusalCount += 1
    this.#refusalBytes += message.length
    this.#untidyBytes += message.length
    while (this.#refusalCount > REFUSALS_KEPT.count || this.#refusalBytes > REFUSALS_KEPT.sizeBytes) {
      const oldest = this.#get('SELECT number, length(message) AS size FROM refusals ORDER BY number LIMIT 1', [])
      if (oldest === undefined) break
      this.#file.prepare('DELETE FROM refusals WHERE number = ?').run([cellNumber(oldest['number'])])
      this.#refusalCount -= 1
      this.#refusalBytes -= cellNumber(oldest['size'])
    }
  }

  #putKey({ thumbprint, machine, coseKey, retiredSequence, revoked }: StoredKey): void {
    this.#file.prepare('INSERT OR IGNORE INTO machines (id) VALUES (?)').run([machine])
    const { number } = this.#get('SELECT number FROM machines WHERE id = ?', [machine]) ?? {}
    this.#file
      .prepare(
        `INSERT INTO keys (thumbprint, machine, cose_key, retired_sequence, revoked) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET retired_sequence = excluded.retired_sequence, revoked = excluded.revoked`,
      )
      .run([thumbprint, cellNumber(number), coseKey, retiredSequence, revoked ? 1 : 0])
  }

  #checkpoint(where: string, parameters: readonly Cell[]): CheckpointRow | null {
    const row = this.#get(`SELECT * FROM checkpoints ${where}`, parameters)
    if (row === undefined) return null
    const receipt = cellBytesOrNull(row['receipt'])
    const note = cellBytesOrNull(row['note'])
    const signatures: CheckpointSignatures | null = receipt && note && { receipt, note }
    return { size: cellNumber(row['size']), root: hash32(cellBytes(row['root'])), signatures }
  }

  #leafRows(where: string, parameters: readonly Cell[]): StoredLeaf[] {
    return this.#all(`${SELECT_LEAF} ${where}`, parameters).map(readLeaf)
  }

  #write<T>(task: () => T): T {
    return this.#file.transaction(task)
  }

  #get(sql: string, parameters: readonly Cell[]): CellRow | undefined {
    return this.#file.prepare(sql).get(parameters)
  }

  #all(sql: string, parameters: readonly Cell[]): CellRow[] {
    return this.#file.prepare(sql).all(parameters)
  }

  #number(sql: string): number {
    return cellNumber(this.#get(sql, [])?.['n'])
  }
}
