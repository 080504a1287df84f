/**
 * Rows on this computer, for people: a CSV file for each stream and day, beside the outbox and never instead of it. Lines wait for each
 * other, because every write wears the card; what waits is what a power cut loses of the file. A line that it tore is cut off at the
 * next start.
 */
import { mkdir, open, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { errorLine } from '@fieldproof/sdk/base'
import { type Clock, Serial } from '@fieldproof/sdk/machine'
import { errnoOf } from '@fieldproof/sdk/node'
import type { Row, StreamDefinition } from '@fieldproof/sdk/wire'
import { csvHeader, csvLine, readCsv } from './csv.ts'
import { dayOf, fileName, listReadings, type ReadingsFile, readingsDir } from './files.ts'

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
 * Opens the files of a station: cuts off torn lines, deletes the oldest days.
 * @throws FieldproofError `file-unreadable`
 */
export async function openReadings(options: ReadingsOptions): Promise<Readings> {
  await mkdir(readingsDir(options.dir), { recursive: true, mode: 0o700 })
  const files = new ReadingsFiles(options)
  await files.begin()
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
    for (const { name } of newest.values()) await cutTornLine(this.#path(name))
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

  /** The newest file of that day if its columns are the same, else the next part. */
  async #fileFor(definition: StreamDefinition, day: string): Promise<string> {
    const { name: stream } = definition
    const isOfDay = (file: ReadingsFile): boolean => file.stream === stream && file.day === day
    const last = (await listReadings(this.#options.dir)).findLast(isOfDay)
    if (last === undefined) return this.#path(fileName({ stream, day, part: 1 }))
    const path = this.#path(last.name)
    await cutTornLine(path)
    const text = await readFile(path, 'utf8')
    return text === '' || text.startsWith(csvHeader(definition))
      ? path
      : this.#path(fileName({ stream, day, part: last.part + 1 }))
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

/** What a power cut left of a line would otherwise become part of the next one. */
async function cutTornLine(path: string): Promise<void> {
  try {
    const bytes = await readFile(path)
    const { endsAt } = readCsv(bytes.toString('latin1')) // one character a byte, so that the end is an offset
    if (endsAt < bytes.length) await truncate(path, endsAt)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
