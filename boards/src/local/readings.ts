/**
 * Rows on this computer, for people: a CSV file for each stream and day, beside the outbox and never instead of it. Lines wait for each
 * other, because every write wears the card; what waits is what a power cut loses of the file. A line that it tore is cut off at the
 * next start.
 */
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorLine, FieldproofError } from '@fieldproof/sdk/base'
import { type Clock, Serial } from '@fieldproof/sdk/machine'
import { fileError } from '@fieldproof/sdk/node'
import type { Row, StreamDefinition } from '@fieldproof/sdk/wire'
import { csvHeader, csvLine } from './csv.ts'
import { dayOf, fileName, listReadings, type ReadingsFile, readingsDir } from './files.ts'
import { beginsWith, repair } from './repair.ts'

/** Options of {@link openReadings}. */
export interface ReadingsOptions {
  /** Folder of the station. */
  readonly dir: string
  readonly clock: Clock
  /** How long lines wait, in ms. */
  readonly flushMs: number
  /** Days of files that are kept. */
  readonly keepDays: number
  /** Told when lines could not be written: they are lost to the file, not to the outbox. */
  readonly onLost: (lines: number, detail: string) => void
}

/** Files that take rows. */
export interface Readings {
  /** Takes a row; never throws. */
  add(definition: StreamDefinition, row: Row): void
  /** Writes what waits; resolves when it is on the disk or was reported as lost. */
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the files of a station: cuts off torn lines, deletes the oldest days. Only for whoever holds the lock of the outbox: what another process
 * is writing just now looks torn.
 * @throws FieldproofError `file-unreadable`
 */
export async function openReadings(options: ReadingsOptions): Promise<Readings> {
  const folder = readingsDir(options.dir)
  const files = new ReadingsFiles(options)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await files.begin()
  } catch (error) {
    throw error instanceof FieldproofError ? error : fileError(error, folder, 'write')
  }
  return files
}

class ReadingsFiles implements Readings {
  readonly #options: ReadingsOptions
  readonly #writes = new Serial()
  #waiting = new Map<
    string,
    { readonly definition: StreamDefinition; readonly day: string; readonly lines: string[] }
  >()
  #cancel: (() => void) | null = null
  /** Paths of files whose end is known to be whole, by stream and day and header. */
  readonly #whole = new Map<string, string>()
  #lastDay = ''

  constructor(options: ReadingsOptions) {
    this.#options = options
  }

  async begin(): Promise<void> {
    const newest = new Map((await listReadings(this.#options.dir)).map((file) => [file.stream, file]))
    for (const { name } of newest.values()) await repair(this.#path(name))
    await this.#prune()
  }

  add(definition: StreamDefinition, row: Row): void {
    const day = dayOf(row.time)
    const key = `${definition.name} ${day} ${csvHeader(definition)}`
    const entry = this.#waiting.get(key) ?? { definition, day, lines: [] }
    this.#waiting.set(key, entry)
    entry.lines.push(csvLine(row, definition))
    this.#cancel ??= this.#options.clock.after(this.#options.flushMs, () => void this.flush())
  }

  flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    return this.#writes.run(async () => {
      const waiting = this.#waiting
      this.#waiting = new Map()
      for (const [key, { definition, day, lines }] of waiting) {
        try {
          await this.#append(key, definition, day, lines)
        } catch (error) {
          this.#whole.delete(key) // half of it may be there
          this.#options.onLost(lines.length, errorLine(error))
        }
      }
    })
  }

  async close(): Promise<void> {
    await this.flush()
  }

  async #append(key: string, definition: StreamDefinition, day: string, lines: readonly string[]): Promise<void> {
    const known = this.#whole.get(key)
    const path = known ?? (await this.#fileFor(definition, day))
    const file = await open(path, 'a', 0o600)
    try {
      const { size } = await file.stat()
      await file.appendFile((size === 0 ? csvHeader(definition) : '') + lines.join(''))
      await file.datasync()
    } finally {
      await file.close()
    }
    this.#whole.set(key, path)
    if (day > this.#lastDay) {
      this.#lastDay = day
      for (const other of this.#whole.keys())
        if (other !== key && !other.includes(` ${day} `)) this.#whole.delete(other)
      await this.#prune()
    }
  }

  /** The newest file of that day if it is ours and its columns are the same, else the next part. */
  async #fileFor(definition: StreamDefinition, day: string): Promise<string> {
    const { name: stream } = definition
    const isOfDay = (file: ReadingsFile): boolean => file.stream === stream && file.day === day
    const last = (await listReadings(this.#options.dir)).findLast(isOfDay)
    if (last === undefined) return this.#path(fileName({ stream, day, part: 1 }))
    const path = this.#path(last.name)
    const { isOurs, size } = await repair(path)
    const isSame = isOurs && (size === 0 || (await beginsWith(path, csvHeader(definition))))
    return isSame ? path : this.#path(fileName({ stream, day, part: last.part + 1 }))
  }

  /** By days that there are, and not by the clock: a clock that is wrong must not delete a year. */
  async #prune(): Promise<void> {
    const files = await listReadings(this.#options.dir)
    const days = [...new Set(files.map(({ day }) => day))]
    const old = new Set(days.slice(0, -this.#options.keepDays))
    for (const { name, day } of files) if (old.has(day)) await rm(this.#path(name), { force: true })
  }

  #path(name: string): string {
    return join(readingsDir(this.#options.dir), name)
  }
}
