/** RLP (Yellow Paper, appendix B): an item is bytes or a list of items. The reader takes the canonical encoding only. */
import { concat, isBytes, must, unhex } from './bytes.mjs'

/** Encodes bytes and lists. */
export function rlp(item) {
  if (Array.isArray(item)) return framed(0xc0, concat(...item.map(rlp)))
  return item.length === 1 && item[0] < 0x80 ? item : framed(0x80, item)
}

/** An integer as RLP wants it: big-endian, without leading zeros, zero as no bytes. */
export function rlpInteger(value) {
  const digits = value === 0 || value === 0n ? '' : value.toString(16)
  return unhex(digits.length % 2 === 0 ? digits : `0${digits}`)
}

function framed(base, payload) {
  if (payload.length <= 55) return concat(Uint8Array.of(base + payload.length), payload)
  const length = rlpInteger(payload.length)
  return concat(Uint8Array.of(base + 55 + length.length), length, payload)
}

const invalid = (condition, message) => must(condition, 'proof-invalid', `RLP: ${message}`)

/** Reads exactly one item; lists are nested at most `depth` deep. @throws Refused proof-invalid */
export function unrlp(bytes, depth) {
  const { item, end } = readItem(bytes, 0, bytes.length, depth)
  invalid(end === bytes.length, 'bytes after the item')
  return item
}

function readItem(bytes, at, limit, depth) {
  invalid(at < limit, 'truncated')
  const head = bytes[at]
  if (head < 0x80) return { item: bytes.slice(at, at + 1), end: at + 1 }
  const isList = head >= 0xc0
  const { start, length } = readLength(bytes, at, limit, head - (isList ? 0xc0 : 0x80))
  const end = start + length
  invalid(end <= limit, 'truncated')
  if (!isList) {
    invalid(length !== 1 || bytes[start] >= 0x80, 'a byte below 80 that is not itself')
    return { item: bytes.slice(start, end), end }
  }
  invalid(depth > 0, 'nested too deep')
  const items = []
  for (let next = start; next < end; ) {
    const inner = readItem(bytes, next, end, depth - 1)
    items.push(inner.item)
    next = inner.end
  }
  return { item: items, end }
}

function readLength(bytes, at, limit, info) {
  if (info <= 55) return { start: at + 1, length: info }
  const start = at + 1 + (info - 55)
  invalid(start <= limit && info - 55 <= 4, 'truncated')
  invalid(bytes[at + 1] !== 0, 'leading zero of a length')
  const length = bytes.slice(at + 1, start).reduce((value, byte) => value * 256 + byte, 0)
  invalid(length > 55, 'long form of a short length')
  return { start, length }
}

/** An integer without leading zeros. @throws Refused proof-invalid */
export function integerOf(item) {
  invalid(isBytes(item) && item.length <= 32 && item[0] !== 0, 'not an integer')
  return BigInt(`0x${Buffer.from(item).toString('hex') || '0'}`)
}
