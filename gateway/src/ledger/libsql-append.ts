/** G2 on SQLite: how one entry becomes a leaf. Everything here runs inside the transaction of its group. */
import { equalBytes } from '@fieldproof/sdk/base'
import { filledBy, heldTwin, linkOf, type Neighbour } from './history-link.ts'
import type { Cell, DatabaseFile, Query } from './libsql-database.ts'
import { Interner } from './libsql-interner.ts'
import { readNeighbour } from './libsql-rows.ts'
import type { AppendOutcome, HistoryLink, LogEntry } from './store.ts'

/** What a group adds to a machine's summary: one update a machine and group. */
interface Tally {
  batches: number
  rows: number
  sequence: number
  receivedAt: number | null
  branches: number
  forks: number
}

/** The highest sequence that is held of a machine, and the statements that have it: more than one after a branch. */
interface Top {
  readonly sequence: number
  readonly ids: readonly Uint8Array[]
}

/** Room that an entry takes beside its bytes: columns and indices. */
const ROW_BYTES = 512

/** A predecessor: only sequence and id are asked of it. */
const BELOW: Omit<Neighbour, 'sequence' | 'id'> = { index: 0, boot: new Uint8Array(0), prev: null, link: 'linked' }

/** Appends leaves. */
export class LeafAppender {
  readonly machines: Interner
  readonly streams: Interner
  readonly #definitions: Interner
  readonly #keys: Interner
  readonly #neighbours: Query
  readonly #insertLeaf: Query
  readonly #insertFork: Query
  readonly #highest: Query
  readonly #fillGap: Query
  readonly #countMachine: Query
  /** By machine number, as far as this process has looked; a machine mostly extends its newest statement. */
  readonly #tops = new Map<number, Top>()
  #nextIndex: number

  /** @param nextIndex where the next leaf goes */
  constructor(file: DatabaseFile, nextIndex: number) {
    this.#nextIndex = nextIndex
    this.machines = new Interner(file, 'machines', 'id', true)
    this.streams = new Interner(file, 'streams', 'name', true)
    this.#definitions = new Interner(file, 'definitions', 'hash', true)
    this.#keys = new Interner(file, 'keys', 'thumbprint', false)
    this.#neighbours = file.prepare(
      'SELECT idx, sequence, boot, id, prev, link FROM leaves WHERE machine = ? AND sequence BETWEEN ? AND ?',
    )
    this.#insertLeaf = file.prepare('INSERT INTO leaves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#insertFork = file.prepare(
      'INSERT OR IGNORE INTO forks (machine, idx, id, message, received_at) VALUES (?, ?, ?, ?, ?)',
    )
    this.#highest = file.prepare('SELECT max(sequence) AS n FROM leaves WHERE machine = ?')
    this.#fillGap = file.prepare("UPDATE leaves SET link = 'linked' WHERE idx = ?")
    this.#countMachine = file.prepare(
      `UPDATE machines SET batches = batches + ?, row_count = row_count + ?, sequence = max(sequence, ?),
       received_at = coalesce(?, received_at), branches = branches + ?, forks = forks + ? WHERE number = ?`,
    )
  }

  /** Where the next leaf goes. */
  get nextIndex(): number {
    return this.#nextIndex
  }

  /** Appends a group. Follow it with {@link committed} or {@link rolledBack}. */
  append(entries: readonly LogEntry[]): readonly AppendOutcome[] {
    const tallies = new Map<number, Tally>()
    const outcomes = entries.map((entry) => this.#appendOne(entry, tallies))
    for (const [machine, t] of tallies) {
      this.#countMachine.run([t.batches, t.rows, t.sequence, t.receivedAt, t.branches, t.forks, machine])
    }
    return outcomes
  }

  /** The group is on the disk. */
  committed(): void {
    for (const interner of this.#interners()) interner.keep()
  }

  /** The group is not on the disk, as far as anyone knows: forget the numbers that went with it. */
  rolledBack(nextIndex: number): void {
    this.#nextIndex = nextIndex
    this.#tops.clear()
    for (const interner of this.#interners()) interner.forget()
  }

  #interners(): readonly Interner[] {
    return [this.machines, this.streams, this.#definitions, this.#keys]
  }

  #appendOne(entry: LogEntry, tallies: Map<number, Tally>): AppendOutcome {
    const machine = this.machines.number(entry.machine)
    const tally = tallies.get(machine) ?? { batches: 0, rows: 0, sequence: 0, receivedAt: null, branches: 0, forks: 0 }
    tallies.set(machine, tally)
    const { sequence } = entry
    const around = this.#around(machine, entry)
    const twin = heldTwin(entry, around)
    if (twin !== undefined) {
      if (equalBytes(twin.id, entry.id)) return { kind: 'duplicate', index: twin.index }
      tally.forks += this.#addFork(entry, twin.index)
      return { kind: 'fork', index: twin.index }
    }
    const link = linkOf(entry, around)
    const index = this.#nextIndex++
    this.#insertLeaf.run(this.#leafCells(entry, index, machine, link))
    this.#raiseTop(machine, entry)
    for (const filled of filledBy(entry, around)) {
      this.#fillGap.run([filled.index])
    }
    tally.batches += 1
    tally.rows += entry.rowCount
    tally.sequence = Math.max(tally.sequence, sequence)
    tally.receivedAt = entry.receivedAt
    if (link === 'branch') tally.branches += 1
    return { kind: 'logged', index, link }
  }

  /** What is held beside an entry. Above the highest sequence there is nothing to look for. */
  #around(machine: number, { sequence }: LogEntry): readonly Neighbour[] {
    const top = this.#topOf(machine)
    if (sequence <= top.sequence) return this.#heldAt(machine, sequence - 1, sequence + 1)
    if (sequence > top.sequence + 1) return []
    return top.ids.map((id) => ({ ...BELOW, sequence: top.sequence, id }))
  }

  #topOf(machine: number): Top {
    const known = this.#tops.get(machine)
    if (known !== undefined) return known
    const highest = this.#highest.get([machine])?.['n']
    const sequence = typeof highest === 'number' ? highest : 0
    const top = { sequence, ids: this.#heldAt(machine, sequence, sequence).map(({ id }) => id) }
    this.#tops.set(machine, top)
    return top
  }

  #raiseTop(machine: number, { sequence, id }: LogEntry): void {
    const top = this.#topOf(machine)
    if (sequence > top.sequence) this.#tops.set(machine, { sequence, ids: [id] })
    else if (sequence === top.sequence) this.#tops.set(machine, { sequence, ids: [...top.ids, id] })
  }

  #heldAt(machine: number, from: number, to: number): Neighbour[] {
    return this.#neighbours.all([machine, from, to]).map(readNeighbour)
  }

  #leafCells(entry: LogEntry, index: number, machine: number, link: HistoryLink): readonly Cell[] {
    return [
      index,
      machine,
      entry.boot,
      entry.sequence,
      entry.id,
      entry.prev,
      this.#definitions.number(entry.definitionHash),
      this.streams.number(entry.stream),
      this.#keys.number(entry.key),
      entry.statement,
      entry.message,
      entry.leafHash,
      entry.rowCount,
      entry.times?.first ?? null,
      entry.times?.last ?? null,
      entry.receivedAt,
      link,
    ]
  }

  #addFork({ machine, id, message, receivedAt }: LogEntry, index: number): number {
    return this.#insertFork.run([machine, index, id, message, receivedAt]).changes
  }
}

/** Bytes that a group adds to the database, roughly. */
export function sizeOf(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { message, statement }) => sum + message.length + statement.length + ROW_BYTES, 0)
}
