/**
 * Rows travel transposed (schemas/spec/02-batch.md): integers as the difference to the last value of their column, the
 * time as second differences, whose zeros at the end are left out. Plain CBOR integers of such differences mostly take one
 * byte, and the times of evenly spaced rows take none.
 */
import { FieldproofError } from '../base/index.ts'
import { CborReader } from './cbor-reader.ts'
import type { CborValue } from './cbor-writer.ts'
import type { Column, StreamDefinition } from './definition.ts'
import { MAX_ROWS } from './limits.ts'
import { assertRow, assertTime, assertValue, type Row, type Value } from './row.ts'

const read = new CborReader('batch-invalid')

/**
 * Columns of some rows, the time first.
 * @throws FieldproofError `row-invalid`; `out-of-range` for no rows or more than 4096
 */
export function columnsOf(rows: readonly Row[], definition: StreamDefinition): readonly CborValue[] {
  if (rows.length === 0 || rows.length > MAX_ROWS) {
    throw new FieldproofError('out-of-range', `a batch has 1 to ${MAX_ROWS} rows, not ${rows.length}`)
  }
  for (const row of rows) assertRow(row, definition)
  return [
    timeColumn(rows.map((row) => row.time)),
    ...definition.columns.map((column, i) => {
      const values = rows.map((row) => row.values[i] as Value)
      return column.type === 'int' ? deltas(values) : values
    }),
  ]
}

/**
 * Number of rows, from the number of columns and their lengths alone: what they hold is not looked at.
 * @throws FieldproofError `batch-invalid`
 */
export function rowCountOf(columns: CborValue, definition: StreamDefinition): number {
  const parts = read.array(columns, 'columns', 1 + definition.columns.length)
  const rows = read.list(parts[1], 'rows', MAX_ROWS).length
  for (const [i, column] of definition.columns.entries()) read.array(parts[i + 1], column.name, rows)
  const times = read.list(parts[0], 'time column', rows)
  if (times.length < Math.min(rows, 2)) read.fail('time column', 'the first time and the first difference')
  if (times.length > 2 && times.at(-1) === 0) read.fail('time column', 'no zeros at its end')
  return rows
}

/**
 * Inverse of {@link columnsOf}, on what a peer sent.
 * @throws FieldproofError `batch-invalid` or `row-invalid`
 */
export function rowsOf(columns: CborValue, definition: StreamDefinition): Row[] {
  const rows = rowCountOf(columns, definition)
  const parts = read.array(columns, 'columns')
  const times = readTimes(read.array(parts[0], 'time column'), rows)
  const values = definition.columns.map((column, i) => readColumn(column, parts[i + 1]))
  return times.map((time, row) => ({ time, values: values.map((column) => column[row] as Value) }))
}

function timeColumn(times: readonly number[]): number[] {
  let last = 0
  let step = 0
  const column = times.map((time, i) => {
    const delta = time - last
    const out = i < 2 ? delta : delta - step
    last = time
    step = delta
    return out
  })
  while (column.length > 2 && column.at(-1) === 0) column.pop()
  return column
}

function readTimes(column: readonly CborValue[], rows: number): number[] {
  let last = 0
  let step = 0
  return Array.from({ length: rows }, (_, i) => {
    const number = i < column.length ? read.int(column[i], 'time', -Number.MAX_SAFE_INTEGER) : 0
    step = i < 2 ? number : step + number
    last += step
    assertTime(last)
    return last
  })
}

function deltas(values: readonly Value[]): Value[] {
  let last = 0
  return values.map((value) => {
    if (typeof value !== 'number') return null
    const delta = value - last
    last = value
    return delta
  })
}

function readColumn(column: Column, value: CborValue | undefined): Value[] {
  let last = 0
  return read.array(value, column.name).map((part) => {
    let out: unknown = part
    if (column.type === 'int' && part !== null) {
      last += read.int(part, column.name, -Number.MAX_SAFE_INTEGER)
      out = last
    }
    assertValue(out, column)
    return out
  })
}
