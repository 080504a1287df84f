/**
 * Row: leaf 1..n of a batch tree (schemas/spec/02-batch.md). This is the one thing that is hashed without having
 * travelled as such (columns travel transposed), so its encoding is injective and has vectors.
 */

import { decodeCbor } from '#cbor-values'
import { FieldproofError, MAX_TIME_MS, MAX_VALUE, type UnixMs, utf8 } from '../base/index.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import type { Column, StreamDefinition } from './definition.ts'
import { ITEM_LIMITS, MAX_VALUE_BYTES } from './limits.ts'

/** One value of a row: a scaled integer, bytes, a text, a truth value, or null when it is missing. */
export type Value = number | Uint8Array | string | boolean | null

/** One instant of one stream. */
export interface Row {
  readonly time: UnixMs
  /** One value a column, in the definition's order. */
  readonly values: readonly Value[]
}

/** Length of the salt that starts every row, in bytes. */
export const SALT_BYTES = 16

/** Writes the leaf input `[salt, time, v1 … vn]` of a row that {@link assertRow} has passed. */
export function writeRowInput(writer: CborWriter, salt: Uint8Array, row: Row): void {
  writer.arrayHead(2 + row.values.length)
  writer.bytes(salt)
  writer.int(row.time)
  for (const value of row.values) writer.value(value)
}

/**
 * Leaf input of a row.
 * @param salt 16 bytes
 * @throws FieldproofError `row-invalid`
 */
export function encodeRowInput(salt: Uint8Array, row: Row, definition: StreamDefinition): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new FieldproofError('row-invalid', `a salt has ${SALT_BYTES} bytes`)
  assertRow(row, definition)
  const writer = new CborWriter()
  writeRowInput(writer, salt, row)
  return writer.finish()
}

/**
 * Parses a leaf input against its stream's definition.
 * @throws FieldproofError `row-invalid`, or the gate's codes
 */
export function decodeRowInput(bytes: Uint8Array, definition: StreamDefinition): { salt: Uint8Array; row: Row } {
  const read = new CborReader('row-invalid')
  const parts = read.array(decodeCbor(bytes, ITEM_LIMITS), 'row', 2 + definition.columns.length)
  const salt = read.bytes(parts[0], 'salt', SALT_BYTES)
  const row: Row = { time: parts[1] as UnixMs, values: parts.slice(2) as Value[] }
  assertRow(row, definition)
  return { salt, row }
}

/**
 * Checks a row against its stream's definition: count, types, ranges.
 * @throws FieldproofError `row-invalid` naming the column
 */
export function assertRow(row: Row, definition: StreamDefinition): void {
  assertTime(row.time)
  if (row.values.length !== definition.columns.length) {
    throw new FieldproofError('row-invalid', `${row.values.length} values for ${definition.columns.length} columns`)
  }
  definition.columns.forEach((column, i) => {
    assertValue(row.values[i], column)
  })
}

/** @throws FieldproofError `row-invalid` unless an integer in [0, 2^48) */
export function assertTime(time: unknown): asserts time is UnixMs {
  if (typeof time !== 'number' || !Number.isInteger(time) || time < 0 || time >= MAX_TIME_MS) {
    throw new FieldproofError('row-invalid', 'time: want whole milliseconds since 1970, below 2^48')
  }
}

/** @throws FieldproofError `row-invalid` unless null or of the column's type and range */
export function assertValue(value: unknown, column: Column): asserts value is Value {
  if (value === null) return
  const good =
    column.type === 'int'
      ? typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_VALUE
      : column.type === 'bool'
        ? typeof value === 'boolean'
        : column.type === 'bytes'
          ? value instanceof Uint8Array && value.length <= MAX_VALUE_BYTES
          : typeof value === 'string' && isShort(value)
  if (good) return
  throw new FieldproofError('row-invalid', `${column.name}: want ${WANT[column.type]} or null`, {
    facts: { column: column.name, type: column.type },
  })
}

/** At most {@link MAX_VALUE_BYTES} of UTF-8, which has one to three bytes for each UTF-16 unit. */
function isShort(text: string): boolean {
  if (text.length * 3 <= MAX_VALUE_BYTES) return true
  return text.length <= MAX_VALUE_BYTES && utf8(text).length <= MAX_VALUE_BYTES
}

const WANT = {
  int: 'an integer of at most 2^52 - 1',
  bytes: `at most ${MAX_VALUE_BYTES} bytes`,
  text: `a text of at most ${MAX_VALUE_BYTES} bytes`,
  bool: 'true or false',
} as const satisfies Record<Column['type'], string>
