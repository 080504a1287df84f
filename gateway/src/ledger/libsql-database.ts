/**
 * One SQLite file, opened so that a commit means "on the disk": WAL with synchronous=FULL. A lock file beside it keeps a
 * second gateway out; the kernel drops that lock when the process dies, however it dies.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { FieldproofError } from '@fieldproof/sdk/base'
import Database from 'libsql'

/** A value that a column takes or gives. */
export type Cell = number | string | Uint8Array | null
/** One row as libsql returns it: blobs come as ArrayBuffer. */
export type CellRow = Readonly<Record<string, unknown>>

/** A prepared statement; parameters always go as one array, because libsql takes a lone Uint8Array for named ones. */
export interface Query {
  run(parameters: readonly Cell[]): { readonly changes: number; readonly lastInsertRowid: number | bigint }
  get(parameters: readonly Cell[]): CellRow | undefined
  all(parameters: readonly Cell[]): CellRow[]
}

/** An open database file. */
export interface DatabaseFile {
  prepare(sql: string): Query
  exec(sql: string): void
  /** Runs `task` in one transaction and returns when it is on the disk. Rolls back on any error and throws it. */
  transaction<T>(task: () => T): T
  close(): void
}

/** Tables of a database. */
export interface Schema {
  /** Counts from 1. */
  readonly version: number
  /** Makes all of them. */
  readonly sql: string
  /** Leads from version 1 to 2, from 2 to 3, and so on. */
  readonly upgrades: readonly string[]
}

const APPLICATION_ID = 0x46504757 // "FPGW"

/**
 * Opens a gateway's database.
 * @param create whether to make one when the file is not there: state that must exist is never made by accident
 * @throws FieldproofError `config-invalid` when it is not there, `store-locked`, or `store-corrupt` when it is not ours
 */
export function openDatabaseFile(path: string, schema: Schema, create: boolean): DatabaseFile {
  if (!existsSync(path) && !create) {
    throw new FieldproofError('config-invalid', `there is no gateway database at ${path}; create one explicitly`)
  }
  const unlock = lock(`${path}-lock`)
  try {
    touchPrivate(path)
    const db = new Database(path)
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF')
    // Checkpoints of the WAL are the tail of the latency: the ledger asks for them when nobody waits.
    db.exec('PRAGMA wal_autocheckpoint=0')
    prepareSchema(db, schema)
    return {
      prepare: (sql) => db.prepare(sql) as unknown as Query,
      exec: (sql) => void db.exec(sql),
      transaction: (task) => transaction(db, task),
      close: () => {
        db.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw coded(error, path)
  }
}

/** Bytes of a blob column. */
export function cellBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  throw new FieldproofError('store-corrupt', 'a column that holds bytes holds something else')
}

/** Bytes of a blob column, or null. */
export function cellBytesOrNull(value: unknown): Uint8Array | null {
  return value === null || value === undefined ? null : cellBytes(value)
}

/** Number of an integer column. */
export function cellNumber(value: unknown): number {
  if (typeof value === 'number') return value
  throw new FieldproofError('store-corrupt', 'a column that holds a number holds something else')
}

/** Text of a text column. */
export function cellText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new FieldproofError('store-corrupt', 'a column that holds text holds something else')
}

function transaction<T>(db: Database.Database, task: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = task()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // The first error is the one to report; SQLite may have rolled back by itself.
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function prepareSchema(db: Database.Database, schema: Schema): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get([]) as { user_version: number }
  const { application_id: application } = db.prepare('PRAGMA application_id').get([]) as { application_id: number }
  if (version === schema.version && application === APPLICATION_ID) return
  const isNew = version === 0 && application === 0
  const isOlder = application === APPLICATION_ID && version >= 1 && version < schema.version
  if (!isNew && !isOlder) {
    throw new FieldproofError('store-corrupt', `not a gateway database of version ${schema.version}`, {
      facts: { version, application },
    })
  }
  transaction(db, () => {
    for (const sql of isNew ? [schema.sql] : schema.upgrades.slice(version - 1)) db.exec(sql)
    db.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${schema.version}`)
  })
}

/** Holds an exclusive lock on a database that is never written to; returns what lets it go. */
function lock(path: string): () => void {
  touchPrivate(path)
  const db = new Database(path)
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    throw new FieldproofError('store-locked', 'another gateway has this database open', { cause })
  }
  return () => {
    if (db.inTransaction) db.exec('ROLLBACK')
    db.close()
  }
}

/** Only the owner may read it: it holds what machines measured. SQLite gives its side files the same mode. */
function touchPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
}

function coded(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return new FieldproofError('store-corrupt', `${path} is not a sound database`, { cause: error })
  }
  return error
}
