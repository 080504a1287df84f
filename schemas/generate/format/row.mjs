/** Rows: leaf i of a batch (spec 02-batch). */
import { isBytes, isUint, must, sha256, uint32be, utf8 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { leafHash } from './merkle.mjs'

export const MAX_VALUE = 2 ** 52 - 1
export const MAX_TIME = 2 ** 48 - 1
const MAX_VALUE_BYTES = 1024

export const saltOf = (seed, index) => sha256(seed, uint32be(index)).slice(0, 16)
export const encodeRow = (salt, [time, ...values]) => cbor([salt, time, ...values])

/** Leaf hashes of a batch: the definition, then each row [time, v1 .. vk]. */
export const batchLeaves = (definition, seed, rows) => [
  leafHash(definition),
  ...rows.map((row, i) => leafHash(encodeRow(saltOf(seed, i + 1), row))),
]

export const isTime = (value) => isUint(value, MAX_TIME)

/** Whether a value fits a column's type. */
export function fits(value, type) {
  if (value === null) return true
  if (type === 'int') return Number.isSafeInteger(value) && Math.abs(value) <= MAX_VALUE
  if (type === 'bytes') return isBytes(value) && value.length <= MAX_VALUE_BYTES
  if (type === 'text') return typeof value === 'string' && utf8(value).length <= MAX_VALUE_BYTES
  return typeof value === 'boolean'
}

/** Reads a row input against its columns. @throws Refused row-invalid, or a code of uncbor */
export function readRow(bytes, columns) {
  const invalid = (condition, message) => must(condition, 'row-invalid', message)
  const item = uncbor(bytes, 'row')
  invalid(Array.isArray(item) && item.length === columns.length + 2, 'row shape')
  const [salt, time, ...values] = item
  invalid(isBytes(salt, 16), 'salt')
  invalid(isTime(time), 'time')
  columns.forEach(({ type, name }, i) => {
    invalid(fits(values[i], type), `value of ${name}`)
  })
  return { salt, time, values }
}
