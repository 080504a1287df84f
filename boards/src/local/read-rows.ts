/** Reads the CSV files back, while a station may be writing them: whole lines only, each once. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, fileError } from '@fieldproof/sdk/node'
import { type CsvField, readCsv } from './csv.ts'
import { dayOf, listReadings, type ReadingsFile, readingsDir } from './files.ts'

/** A row as it stands in a file. */
export interface LocalRow {
  readonly stream: string
  /** ISO 8601, UTC. */
  readonly time: string
  /** By column; null where nothing was measured. */
  readonly values: Readonly<Record<string, LocalValue>>
  /** Units by column, of those that have one. */
  readonly units: Readonly<Record<string, string>>
}

/** A value of a row. */
export type LocalValue = string | number | boolean | null

/** Which rows. */
export interface RowsWanted {
  /** All streams when absent. */
  readonly stream?: string | undefined
  /** From this time on, ms since 1970. */
  readonly sinceMs?: number | undefined
}

/** Reads on from where it stopped. */
export interface RowReader {
  /** Rows that came since the last call, in the order of their times. @throws FieldproofError `file-unreadable` */
  next(): AsyncGenerator<LocalRow>
}

/** A reader of a station's files. */
export function rowReader(dir: string, { stream, sinceMs = Number.NEGATIVE_INFINITY }: RowsWanted = {}): RowReader {
  const offsets = new Map<string, number>()
  const headers = new Map<string, readonly CsvField[]>()
  const firstDay = Number.isFinite(sinceMs) ? dayOf(sinceMs) : ''
  return {
    async *next() {
      const all = await listReadings(dir)
      const files = all.filter((one) => one.day >= firstDay && (stream === undefined || one.stream === stream))
      for (const day of new Set(files.map((file) => file.day))) {
        const rows: LocalRow[] = []
        for (const file of files.filter((one) => one.day === day)) rows.push(...(await newRows(file)))
        yield* rows
          .filter(({ time }) => Date.parse(time) >= sinceMs)
          .sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
      }
    },
  }

  async function newRows({ name, stream: of }: ReadingsFile): Promise<LocalRow[]> {
    const from = offsets.get(name) ?? 0
    const { records, endsAt } = readCsv(await textFrom(join(readingsDir(dir), name), from))
    const header = from === 0 ? records[0] : headers.get(name)
    if (header === undefined) return []
    offsets.set(name, from + endsAt)
    headers.set(name, header)
    const columns = header.slice(1).map(columnOf)
    return (from === 0 ? records.slice(1) : records).flatMap((record) => rowOf(of, record, columns) ?? [])
  }
}

/** What came after an offset, one character a byte, so that the end of a line is an offset. A year of files is not read again each second. */
async function textFrom(path: string, from: number): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const bytes = Buffer.alloc(Math.max(0, size - from))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from)
      return bytes.toString('latin1', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '' // too old, and deleted just now
    throw fileError(error, path, 'read')
  }
}

interface HeaderColumn {
  readonly name: string
  readonly unit: string
}

function columnOf({ text }: CsvField): HeaderColumn {
  const [, name = text, unit = ''] = /^(.*?)(?: \[(.*)\])?$/s.exec(text) ?? []
  return { name, unit }
}

/** Null for a line that is none of ours: somebody may have edited the file. */
function rowOf(
  stream: string,
  [time, ...fields]: readonly CsvField[],
  columns: readonly HeaderColumn[],
): LocalRow | null {
  if (time === undefined || Number.isNaN(Date.parse(time.text))) return null
  const values = columns.map(({ name }, i) => [name, cellOf(fields[i])] as const)
  const units = columns.filter(({ unit }) => unit !== '').map(({ name, unit }) => [name, unit] as const)
  return { stream, time: time.text, values: Object.fromEntries(values), units: Object.fromEntries(units) }
}

function cellOf(field: CsvField | undefined): LocalValue {
  if (field === undefined || (field.text === '' && !field.isQuoted)) return null
  const { text } = field
  if (field.isQuoted) return Buffer.from(text, 'latin1').toString('utf8')
  if (text === 'true' || text === 'false') return text === 'true'
  return Number(text)
}
