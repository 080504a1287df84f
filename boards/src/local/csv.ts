/**
 * Rows as CSV (RFC 4180): a line `time,name [unit],…`, then one line a row with ISO 8601 times and the very values that are signed. Texts
 * are always in quotes and numbers never, so that reading back needs no guess.
 */
import { toHex } from '@fieldproof/sdk/base'
import type { Row, StreamDefinition, Value } from '@fieldproof/sdk/wire'

const NEW_LINE = '\r\n'

/** A field as it stood in the file: a text in quotes, or a bare word. */
export interface CsvField {
  readonly text: string
  readonly isQuoted: boolean
}

/** First line of the files of a stream. */
export function csvHeader({ columns }: StreamDefinition): string {
  const names = columns.map(({ name, unit }) => (unit === '' ? name : `${name} [${unit}]`))
  return `${['time', ...names].join(',')}${NEW_LINE}`
}

/** Line of a row. */
export function csvLine({ time, values }: Row, { columns }: StreamDefinition): string {
  const fields = columns.map(({ exponent }, i) => fieldOf(values[i] ?? null, exponent))
  return `${[new Date(time).toISOString(), ...fields].join(',')}${NEW_LINE}`
}

function fieldOf(value: Value, exponent: number): string {
  if (value === null) return ''
  if (typeof value === 'string') return `"${value.replaceAll('"', '""')}"`
  if (value instanceof Uint8Array) return `"${toHex(value)}"`
  return typeof value === 'boolean' ? String(value) : decimal(value, exponent)
}

/** An integer and a power of ten in decimal digits, all of them: 2130 and -2 are 21.30. */
export function decimal(value: number | bigint, exponent: number): string {
  const sign = value < 0 ? '-' : ''
  const digits = String(value).replace('-', '')
  if (exponent >= 0) return sign + (digits === '0' ? digits : digits + '0'.repeat(exponent))
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

/**
 * Whole records of a text and where they end; what comes after the last line break outside of quotes is torn, or still being written. Takes
 * what an editor or a spreadsheet made of a file, too: other line ends are good, and a line that is no CSV is left out.
 */
export function readCsv(text: string): { readonly records: readonly (readonly CsvField[])[]; readonly endsAt: number } {
  const records: CsvField[][] = []
  let record: CsvField[] = []
  let endsAt = 0
  for (let at = 0; at < text.length; ) {
    const isQuoted = text[at] === '"'
    const end = isQuoted ? endOfQuoted(text, at + 1) : endOfBare(text, at)
    if (end === null) break
    const field = isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end)
    record.push({ text: field, isQuoted })
    if (text[end] === ',') {
      at = end + 1
      continue
    }
    const lineEnd = text.indexOf('\n', end)
    if (lineEnd === -1) break
    if (/^\r?$/.test(text.slice(end, lineEnd))) records.push(record)
    record = []
    at = lineEnd + 1
    endsAt = at
  }
  return { records, endsAt }
}

/** Behind the closing quote; null when there is none. No regular expression: one that fails on megabytes overflows its stack. */
function endOfQuoted(text: string, from: number): number | null {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at + 1
  }
  return null
}

const BARE_END = /[",\r\n]|$/g

function endOfBare(text: string, from: number): number {
  BARE_END.lastIndex = from
  return BARE_END.exec(text)?.index ?? text.length
}
