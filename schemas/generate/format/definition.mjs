/** Stream definition: leaf 0 of every batch (spec 02-batch). */
import { isBytes, isUint, must, utf8 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'

const STREAM = /^[a-z0-9][a-z0-9._-]{0,63}$/
const COLUMN = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/
const TYPES = ['int', 'bytes', 'text', 'bool']
export const CONTEXT = { firmware: 1, software: 2, model: 3, cadenceMs: 4, method: 5 }

/** Bytes of {stream, columns: [{name, unit, exponent, type}], context}. */
export function encodeDefinition({ stream, columns, context = {} }) {
  const map = new Map(Object.entries(context).map(([name, value]) => [CONTEXT[name], value]))
  return cbor([1, stream, columns.map(({ name, unit, exponent, type }) => [name, unit, exponent, type]), map])
}

/** @throws Refused definition-invalid, or a code of uncbor */
export function readDefinition(bytes) {
  const invalid = (condition, message) => must(condition, 'definition-invalid', message)
  const item = uncbor(bytes, 'definition')
  invalid(Array.isArray(item) && item.length === 4 && item[0] === 1, 'not a version 1 definition')
  const [, stream, list, context] = item
  invalid(typeof stream === 'string' && STREAM.test(stream), 'stream name')
  invalid(Array.isArray(list) && list.length >= 1 && list.length <= 64, '1 to 64 columns')
  const columns = list.map((column) => {
    invalid(Array.isArray(column) && column.length === 4, 'column shape')
    const [name, unit, exponent, type] = column
    invalid(typeof name === 'string' && COLUMN.test(name), 'column name')
    invalid(typeof unit === 'string', 'unit')
    invalid(TYPES.includes(type), 'column type')
    invalid(Number.isInteger(exponent) && Math.abs(exponent) <= 18 && (type === 'int' || exponent === 0), 'exponent')
    return { name, unit, exponent, type }
  })
  invalid(new Set(columns.map((column) => column.name)).size === columns.length, 'two columns of one name')
  invalid(context instanceof Map, 'context is not a map')
  for (const [key, value] of context) {
    if (key === 1 || key === 2 || key === 3) invalid(isBytes(value, 32), 'digest of 32 bytes')
    else if (key === 4) invalid(isUint(value), 'cadence')
    else invalid(key === 5 && typeof value === 'string' && utf8(value).length <= 1024, 'context key or method')
  }
  return { stream, columns, context }
}
