/** Reads the CSV files back, while a station may be writing them: whole lines only, each once. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, fileError } from '@fieldproof/sdk/node'
import { type CsvField, readCsv } from './csv.ts'
import { dayOf, listReadings, readingsDir } from './files.ts'

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
  /** Rows that came since the last call, file by file. @throws FieldproofError `file-unreadable` */
  next(): AsyncGenerator<LocalRow>
}

/** A reader of a station's files. */
export function rowReader(dir: string, { stream, sinceMs = Number.NEGATIVE_INFINITY }: RowsWanted = {}): RowReader {
  const offsets = new Map<string, number>()
  const headers = new Map<string, readonly CsvField[]>()
  const firstDay = Number.isFinite(sinceMs) ? dayOf(sinceMs) : ''
  return {
    async *next() {
      const files = await listReadings(dir)
      for (const file of files.filter(
        (one) => one.day >= firstDay && (stream === undefined || one.stream === stream),
      )) {
        const bytes = await bytesOf(join(readingsDir(dir), file.name))
        const from = offsets.get(file.name) ?? 0
        if (bytes.length <= from) continue
        const { records: rows, endsAt } = readCsv(bytes.toString('latin1', from))
        const header = from === 0 ? rows[0] : headers.get(file.name)
        if (header === undefined) continue
        offsets.set(file.name, from + endsAt)
        headers.set(file.name, header)
        const columns = header.slice(1).map(columnOf)
        for (const record of from === 0 ? rows.slice(1) : rows) {
          const row = rowOf(file.stream, record, columns)
          if (row !== null && Date.parse(row.time) >= sinceMs) yield row
        }
      }
    },
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return Buffer.alloc(0) // too old, and deleted just now
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
