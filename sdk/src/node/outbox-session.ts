/**
 * Runs the outbox's SQL: one transaction a change, prepared statements, and SQLite's errors turned into ours. After a
 * failure of the disk it refuses everything, because memory and disk may differ from then on.
 */
import { FieldproofError } from '../base/index.ts'
import { type Connection, codeOf, type OutboxFile } from './outbox-file.ts'
import { type Columns, numberOf } from './outbox-records.ts'

type Values = readonly (string | number | Uint8Array | null)[]

/** An open outbox file and the rules for using it. Bodies run synchronously, so no other call comes in between. */
export class OutboxSession {
  readonly #file: OutboxFile
  readonly #db: Connection
  readonly #statements = new Map<string, ReturnType<Connection['prepare']>>()
  #state: 'open' | 'failed' | 'closed' = 'open'

  constructor(file: OutboxFile) {
    this.#file = file
    this.#db = file.db
  }

  /** Never throws synchronously. */
  async read<T>(body: () => T): Promise<T> {
    if (this.#state === 'closed') throw new FieldproofError('machine-stopped', 'the outbox is closed')
    if (this.#state === 'failed')
      throw new FieldproofError('outbox-failed', 'the disk failed before: restart to recover')
    try {
      return body()
    } catch (error) {
      throw error instanceof FieldproofError ? error : this.#failure(error)
    }
  }

  /** Runs `body` as one transaction. `committed` runs at once when its result is durable, before any other call. */
  change<T>(body: () => T, committed: (result: T) => void = () => {}): Promise<T> {
    return this.read(() => {
      this.#db.exec('BEGIN IMMEDIATE')
      try {
        const result = body()
        this.#db.exec('COMMIT')
        committed(result)
        return result
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
        throw error
      }
    })
  }

  /** Executes a statement without result. */
  run(sql: string, values: Values): void {
    this.#statement(sql).run([...values])
  }

  /** All rows of a query. Never `get`: it leaves its statement, and so a read transaction, open. */
  all(sql: string, values: Values = []): readonly Columns[] {
    return this.#statement(sql).all([...values]) as Columns[]
  }

  /** Column `n` of the first row. */
  number(sql: string, values: Values = []): number {
    return numberOf(this.all(sql, values)[0]?.n)
  }

  /** Lets the next process in. */
  close(): void {
    if (this.#state === 'closed') return
    const sound = this.#state === 'open'
    this.#state = 'closed'
    this.#statements.clear()
    this.#file.release(sound)
  }

  /** A broken rule or a full disk left everything as it was; any other failure is for good. */
  #failure(error: unknown): FieldproofError {
    const code = codeOf(error)
    const facts = { code }
    if (code.startsWith('SQLITE_CONSTRAINT'))
      return new FieldproofError('outbox-corrupt', 'it would contradict itself', { facts })
    if (code === 'SQLITE_FULL') return new FieldproofError('outbox-full', 'the disk is full', { facts })
    this.#state = 'failed'
    if (code.startsWith('SQLITE_CORRUPT'))
      return new FieldproofError('outbox-corrupt', `a page is damaged (${code})`, { facts })
    return new FieldproofError('outbox-failed', `the store failed (${code}): restart to recover`, {
      facts,
      cause: error,
    })
  }

  #statement(sql: string): ReturnType<Connection['prepare']> {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
