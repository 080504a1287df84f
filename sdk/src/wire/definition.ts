/**
 * Stream definition: leaf 0 of every batch (schemas/spec/02-batch.md). Its hash stands in each signed header, so names,
 * units, scales and software are signed with every reading at no cost.
 */

import { decodeCbor } from '#cbor-values'
import { concat, FieldproofError, utf8 } from '../base/index.ts'
import { CborReader } from './cbor-reader.ts'
import { type CborValue, encodeCbor } from './cbor-writer.ts'
import { ITEM_LIMITS, MAX_COLUMNS, MAX_METHOD_BYTES } from './limits.ts'

/** How the values of a column are carried. */
export type ColumnType = 'int' | 'bytes' | 'text' | 'bool'

/** One column of a stream. */
export interface Column {
  /** `[a-zA-Z][a-zA-Z0-9_]*`, at most 64 characters, unique in its stream. */
  readonly name: string
  /** SenML unit (RFC 8428, RFC 8798) such as `Cel`; empty for none. */
  readonly unit: string
  /** The real value is the integer times 10^exponent; 0 for columns that are not `int`. */
  readonly exponent: number
  readonly type: ColumnType
}

/** What was in force while the rows were made. Digests are SHA-256. */
export interface StreamContext {
  readonly firmware?: Uint8Array
  readonly software?: Uint8Array
  readonly model?: Uint8Array
  readonly cadenceMs?: number
  /** How the values come to be, in words, at most 1024 bytes of UTF-8. */
  readonly method?: string
}

/** A fixed list of columns and what a reader must know about them. */
export interface StreamDefinition {
  /** `[a-z0-9][a-z0-9._-]*`, at most 64 characters. */
  readonly name: string
  readonly columns: readonly Column[]
  readonly context: StreamContext
}

const VERSION = 1
const STREAM_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const COLUMN_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/
const TYPES: readonly string[] = ['int', 'bytes', 'text', 'bool']
const MAX_EXPONENT = 18
const MAX_UNIT = 16
const CONTEXT = { firmware: 1, software: 2, model: 3, cadenceMs: 4, method: 5 } as const
const LEAF_PREFIX = Uint8Array.of(0)

/**
 * Canonical bytes of a definition.
 * @throws FieldproofError `definition-invalid`
 */
export function encodeDefinition(definition: StreamDefinition): Uint8Array {
  const { context } = definition
  const map = new Map<number, CborValue>()
  for (const [name, key] of Object.entries(CONTEXT) as [keyof typeof CONTEXT, number][]) {
    const value = context[name]
    if (value !== undefined) map.set(key, value)
  }
  const bytes = encodeCbor([
    VERSION,
    definition.name,
    definition.columns.map((c) => [c.name, c.unit, c.exponent, c.type]),
    map,
  ])
  decodeDefinition(bytes) // one set of rules: what a reader would refuse is never written
  return bytes
}

/**
 * Parses a definition.
 * @throws FieldproofError `definition-invalid`, or the gate's codes
 */
export function decodeDefinition(bytes: Uint8Array): StreamDefinition {
  const read = new CborReader('definition-invalid')
  const parts = read.array(decodeCbor(bytes, ITEM_LIMITS), 'definition', 4)
  if (parts[0] !== VERSION) read.fail('version', String(VERSION))
  const name = read.text(parts[1], 'stream name', 64)
  if (!STREAM_NAME.test(name)) read.fail('stream name', 'lower-case letters, digits, ".", "_" and "-"')
  const columns = read.list(parts[2], 'columns', MAX_COLUMNS).map((value) => readColumn(read, value))
  if (new Set(columns.map((c) => c.name)).size !== columns.length) read.fail('columns', 'names that differ')
  return { name, columns, context: readContext(read, parts[3]) }
}

/** The bytes whose SHA-256 is the definition hash, which is also leaf 0's hash: 0x00 ‖ definition. */
export function definitionHashInput(bytes: Uint8Array): Uint8Array {
  return concat(LEAF_PREFIX, bytes)
}

function readColumn(read: CborReader, value: CborValue): Column {
  const parts = read.array(value, 'column', 4)
  const name = read.text(parts[0], 'column name', 64)
  if (!COLUMN_NAME.test(name)) read.fail('column name', 'letters, digits and "_", a letter first')
  const unit = read.text(parts[1], 'unit', MAX_UNIT)
  const exponent = read.int(parts[2], 'exponent', -MAX_EXPONENT, MAX_EXPONENT)
  const type = read.text(parts[3], 'type', 8)
  if (!isColumnType(type)) return read.fail('type', TYPES.join(', '))
  if (type !== 'int' && exponent !== 0) read.fail('exponent', `0 in a column of type ${type}`)
  return { name, unit, exponent, type }
}

function readContext(read: CborReader, value: CborValue | undefined): StreamContext {
  const map = read.map(value, 'context')
  const known: readonly unknown[] = Object.values(CONTEXT)
  for (const key of map.keys()) if (!known.includes(key)) read.fail('context', `keys 1 to ${known.length}`)
  const digest = (key: number, what: string) => (map.has(key) ? read.bytes(map.get(key), what, 32) : undefined)
  const firmware = digest(CONTEXT.firmware, 'firmware digest')
  const software = digest(CONTEXT.software, 'software digest')
  const model = digest(CONTEXT.model, 'model digest')
  const cadenceMs = map.has(CONTEXT.cadenceMs) ? read.int(map.get(CONTEXT.cadenceMs), 'cadence', 1) : undefined
  const method = map.has(CONTEXT.method) ? read.text(map.get(CONTEXT.method), 'method', MAX_METHOD_BYTES) : undefined
  if (method !== undefined && utf8(method).length > MAX_METHOD_BYTES) read.fail('method', 'at most 1024 bytes')
  return {
    ...(firmware && { firmware }),
    ...(software && { software }),
    ...(model && { model }),
    ...(cadenceMs !== undefined && { cadenceMs }),
    ...(method !== undefined && { method }),
  }
}

function isColumnType(text: string): text is ColumnType {
  return TYPES.includes(text)
}

/**
 * The column of that name.
 * @throws FieldproofError `column-invalid`
 */
export function columnOf(definition: StreamDefinition, name: string): Column {
  const column = definition.columns.find((c) => c.name === name)
  if (column === undefined) throw new FieldproofError('column-invalid', `${definition.name} has no column ${name}`)
  return column
}
