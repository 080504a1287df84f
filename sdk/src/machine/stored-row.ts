/** A row in the outbox: CBOR `[time, v1 … vn]`, durable before it is signed. */
import { FieldproofError } from '../base/index.ts'
import {
  assertRow,
  CborReader,
  type CborValue,
  decodeCbor,
  encodeCbor,
  ITEM_LIMITS,
  MAX_MESSAGE_BYTES,
  type Row,
  type StreamDefinition,
  type Value,
} from '../wire/index.ts'

/** Values by column name, in real units: 21.37 for a column with exponent -2. Missing columns are null. */
export type Reading = Readonly<Record<string, Value | undefined>>

const read = new CborReader('outbox-corrupt')

/** What a statement and the boxes of 16 recipients add to the rows of a message, with room to spare. */
const MAX_STORED_ROW_BYTES = MAX_MESSAGE_BYTES - 4096

/** Bytes of a row for the outbox. @throws FieldproofError `row-invalid` for one that no message could carry */
export function encodeStoredRow(row: Row): Uint8Array {
  const bytes = encodeCbor([row.time, ...row.values])
  if (bytes.length <= MAX_STORED_ROW_BYTES) return bytes
  throw new FieldproofError('row-invalid', `a row of ${bytes.length} bytes: want at most ${MAX_STORED_ROW_BYTES}`, {
    facts: { sizeBytes: bytes.length, maxBytes: MAX_STORED_ROW_BYTES },
  })
}

/** @throws FieldproofError `outbox-corrupt`, `row-invalid`, or the gate's codes */
export function decodeStoredRow(bytes: Uint8Array, definition: StreamDefinition): Row {
  const [time, ...values] = read.array(decodeCbor(bytes, ITEM_LIMITS), 'stored row') as readonly CborValue[]
  const row = { time: read.int(time, 'time'), values: values as readonly Value[] }
  assertRow(row, definition)
  return row
}

/**
 * A row from a reading: integers scaled by each column's exponent and rounded to the nearest.
 * @throws FieldproofError `row-invalid` for a column that the stream does not have, or a number that is not finite
 */
export function rowOf(time: number, reading: Reading, definition: StreamDefinition): Row {
  for (const name of Object.keys(reading)) {
    if (!definition.columns.some((column) => column.name === name)) {
      throw new FieldproofError('row-invalid', `stream ${definition.name} has no column ${name}`, {
        facts: { stream: definition.name, column: name },
      })
    }
  }
  const values = definition.columns.map(({ name, type, exponent }): Value => {
    const value = reading[name] ?? null
    return type === 'int' && typeof value === 'number' ? scale(value, exponent) : value
  })
  const row: Row = { time, values }
  assertRow(row, definition)
  return row
}

/** Half away from zero, on the decimal digits that people see: 1.005 with exponent -2 is 101, although the double is below. */
function scale(value: number, exponent: number): number {
  if (!Number.isFinite(value)) return value // assertRow refuses it and names the column
  const [digits = '0', power = '0'] = Math.abs(value).toString().split('e')
  const magnitude = Math.round(Number(`${digits}e${Number(power) - exponent}`))
  return value < 0 && magnitude !== 0 ? -magnitude : magnitude
}
