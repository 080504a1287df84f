/** Numbers that stand for names in the tables that every append touches; kept in memory, because each is asked for each time. */
import { FieldproofError, toHex } from '@fieldproof/sdk/base'
import { cellNumber, type DatabaseFile, type Query } from './libsql-database.ts'

/** Names of one table and their numbers. */
export class Interner {
  readonly #known = new Map<string, number>()
  /** Given out in the transaction that runs: good only if it commits. */
  #fresh: string[] = []
  readonly #what: string
  readonly #find: Query
  readonly #insert: Query | null

  /** @param grows whether a new name gets a number here; else someone else must have stored it */
  constructor(file: DatabaseFile, table: string, column: string, grows: boolean) {
    this.#what = table
    this.#find = file.prepare(`SELECT number FROM ${table} WHERE ${column} = ?`)
    this.#insert = grows ? file.prepare(`INSERT INTO ${table} (${column}) VALUES (?)`) : null
  }

  /** Number of a name, or undefined when it has none. */
  find(name: string | Uint8Array): number | undefined {
    const text = textOf(name)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const row = this.#find.get([name])
    if (row === undefined) return undefined
    return this.#learn(text, cellNumber(row['number']))
  }

  /**
   * Number of a name; it gets one when it has none and the table grows here. Only inside a transaction.
   * @throws FieldproofError `not-found`
   */
  number(name: string | Uint8Array): number {
    const number = this.find(name)
    if (number !== undefined) return number
    if (this.#insert === null) throw new FieldproofError('not-found', `no such name in ${this.#what}`)
    return this.#learn(textOf(name), Number(this.#insert.run([name]).lastInsertRowid))
  }

  /** The transaction committed. */
  keep(): void {
    this.#fresh = []
  }

  /** The transaction did not commit: its numbers may be another's tomorrow. */
  forget(): void {
    for (const text of this.#fresh) this.#known.delete(text)
    this.#fresh = []
  }

  #learn(text: string, number: number): number {
    this.#known.set(text, number)
    this.#fresh.push(text)
    return number
  }
}

function textOf(name: string | Uint8Array): string {
  return typeof name === 'string' ? name : toHex(name)
}
