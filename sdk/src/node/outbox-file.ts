/**
 * The file of the libsql outbox: opening, locking, schema. Apart from the outbox itself because every rule here is about
 * the file and none about batches.
 *
 * The lock is a second file with an exclusive transaction open on it. SQLite's own exclusive mode would do, but libsql
 * keeps a closed database open until its statements are garbage, and the lock with it. The kernel drops the lock when
 * its process dies, however it dies.
 */
import { chmodSync, closeSync, fsyncSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { FieldproofError } from '../base/index.ts'

/** A connection. Bind parameters always as one array: a lone object or byte array aborts the process (libsql 0.5). */
export type Connection = Database.Database

/** An open outbox file and what keeps others out. */
export interface OutboxFile {
  readonly db: Connection
  /** Lets the next process in; of a sound file the write-ahead log is folded in first. */
  release(sound: boolean): void
}

/** Marks the file as ours in SQLite's header: "fpob". */
const APPLICATION_ID = 0x66706f62
const SCHEMA_VERSION = 1

/**
 * `row` is one b-tree ordered by stream and key: an append touches one page, and a flush wears the card with 4 KiB, not
 * with an index and a sequence table besides. `sum` is 48 bits of SHA-256: SQLite does not sum its pages, and a
 * rotten row would be signed as a reading.
 */
const SCHEMA = `
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  id BLOB CHECK (length(id) = 32),
  last_row INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, NULL, 0);
CREATE TABLE stream (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  definition BLOB NOT NULL,
  sum INTEGER NOT NULL
) STRICT;
CREATE TABLE row (
  stream INTEGER NOT NULL,
  key INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (stream, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE batch (
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
  stream INTEGER NOT NULL,
  row_count INTEGER NOT NULL CHECK (row_count >= 0),
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  message BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'logged', 'parked')),
  receipt BLOB,
  refusal TEXT
) STRICT;
CREATE INDEX batch_state ON batch (state, sequence);
CREATE TABLE anchored (
  sequence INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
  receipt BLOB NOT NULL,
  anchor BLOB NOT NULL
) STRICT;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`

/**
 * Opens the file, alone.
 * @param create whether a missing file is made; an outbox that appears by accident hides the one with the rows
 * @throws FieldproofError `file-unreadable` when it is missing or may not be opened, `store-locked`, `outbox-corrupt`
 */
export function openOutboxFile(path: string, create: boolean): OutboxFile {
  if (create) createPrivateFile(path)
  const real = realPath(path)
  const lock = takeLock(`${real}-lock`, path)
  try {
    const db = openChecked(real, path)
    return {
      db,
      release(sound) {
        try {
          if (sound) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
          db.close()
        } finally {
          unlock(lock)
        }
      },
    }
  } catch (error) {
    unlock(lock)
    throw error
  }
}

/** Makes the file with mode 0600 before SQLite can make it with another; its log and index files copy that mode. */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    const directory = openSync(dirname(path), 'r')
    fsyncSync(directory)
    closeSync(directory)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unreadable(path, codeOf(error))
  }
}

/** Two names of one file must meet at one lock. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    throw unreadable(path, codeOf(error))
  }
}

function takeLock(lockPath: string, path: string): Connection {
  let lock: Connection | undefined
  try {
    // Never opened by other means: closing any descriptor of a file drops this process's POSIX locks on it.
    lock = new Database(lockPath, { timeout: 0 })
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    chmodSync(lockPath, 0o600)
    return lock
  } catch (error) {
    lock?.close()
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw unreadable(path, codeOf(error))
    throw new FieldproofError(
      'store-locked',
      `another process has ${path} open: this station already runs; stop that process first`,
      { facts: { path } },
    )
  }
}

function unlock(lock: Connection): void {
  lock.exec('ROLLBACK')
  lock.close()
}

function openChecked(real: string, path: string): Connection {
  let db: Connection | undefined
  try {
    db = new Database(real, { timeout: 5000 }) // a person may look at the file with other tools
    // FULL: each commit is fsynced before it is reported. The log is cut back after a burst.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304')
    migrate(db, path)
    const check = pragmaOf(db, 'quick_check')
    if (check !== 'ok') throw corrupt(path, 'its pages contradict each other')
    return db
  } catch (error) {
    db?.close()
    if (error instanceof FieldproofError) throw error
    const code = codeOf(error)
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
      throw corrupt(path, `not a sound database (${code})`)
    throw unreadable(path, code)
  }
}

function migrate(db: Connection, path: string): void {
  const version = pragmaOf(db, 'user_version')
  const application = pragmaOf(db, 'application_id')
  const [first] = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').all([]) as [{ tables: number }]
  if (version === 0 && application === 0 && first.tables === 0) {
    db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`)
    return
  }
  if (application !== APPLICATION_ID) throw corrupt(path, 'the database of another program')
  if (version !== SCHEMA_VERSION) throw corrupt(path, `of version ${version}, and this program knows ${SCHEMA_VERSION}`)
}

/** First value of the first row. libsql's own `simple` option answers the whole row. */
function pragmaOf(db: Connection, name: string): unknown {
  const [row] = db.pragma(name) as Record<string, unknown>[]
  return row?.[name]
}

function corrupt(path: string, why: string): FieldproofError {
  return new FieldproofError('outbox-corrupt', `the outbox ${path} is damaged or foreign: ${why}`, { facts: { path } })
}

function unreadable(path: string, code: string): FieldproofError {
  return new FieldproofError('file-unreadable', `cannot open the outbox ${path}: ${code}`, { facts: { path, code } })
}

/** SQLite's or the system's name of an error. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== '' ? code : 'unknown'
}
