/** Canonical RLP (Ethereum Yellow Paper, appendix B), reading only: block headers, accounts and trie nodes. */
import { FieldproofError } from '../base/index.ts'

/** A byte string or a list. */
export type RlpItem = Uint8Array | readonly RlpItem[]

/** Lists in lists: a trie node embeds nodes shorter than itself, so they get shallow at once. */
const MAX_DEPTH = 16
const SHORT = 55

/**
 * Reads one item that fills `bytes`. Byte strings are views of it.
 * @throws FieldproofError `proof-invalid` for anything but the one encoding of an item
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const { item, end } = readItem(bytes, 0, bytes.length, 0)
  return end === bytes.length ? item : fault('nothing after the item')
}

/** @throws FieldproofError `proof-invalid` unless it is a byte string (of that length) */
export function rlpBytes(item: RlpItem | undefined, what: string, length?: number): Uint8Array {
  if (!(item instanceof Uint8Array) || (length !== undefined && item.length !== length)) {
    return fault(`${what}: a byte string${length === undefined ? '' : ` of ${length} bytes`}`)
  }
  return item
}

/** @throws FieldproofError `proof-invalid` unless it is an integer below 2^53 without leading zeros */
export function rlpUint(item: RlpItem | undefined, what: string): number {
  const bytes = rlpBytes(item, what)
  let value = 0
  for (const byte of bytes) value = value * 256 + byte
  return bytes[0] !== 0 && bytes.length <= 8 && Number.isSafeInteger(value) ? value : fault(`${what}: an integer`)
}

/** @throws FieldproofError `proof-invalid` unless it is a list */
export function rlpList(item: RlpItem | undefined, what: string): readonly RlpItem[] {
  return item === undefined || item instanceof Uint8Array ? fault(`${what}: a list`) : item
}

function readItem(bytes: Uint8Array, at: number, limit: number, depth: number): { item: RlpItem; end: number } {
  const first = at < limit ? (bytes[at] as number) : fault('more bytes')
  if (first < 0x80) return { item: bytes.subarray(at, at + 1), end: at + 1 }
  const isList = first >= 0xc0
  const { start, end } = payloadOf(bytes, at, limit, first - (isList ? 0xc0 : 0x80))
  if (isList) return { item: readList(bytes, start, end, depth + 1), end }
  if (end - start === 1 && (bytes[start] as number) < 0x80) return fault('a small byte as itself')
  return { item: bytes.subarray(start, end), end }
}

function readList(bytes: Uint8Array, start: number, end: number, depth: number): readonly RlpItem[] {
  if (depth > MAX_DEPTH) return fault(`at most ${MAX_DEPTH} lists in each other`)
  const items: RlpItem[] = []
  for (let at = start; at < end; ) {
    const read = readItem(bytes, at, end, depth)
    items.push(read.item)
    at = read.end
  }
  return items
}

/** Where the payload lies. @param code length, or 55 plus the number of bytes that hold the length */
function payloadOf(bytes: Uint8Array, at: number, limit: number, code: number): { start: number; end: number } {
  const lengthBytes = Math.max(0, code - SHORT)
  const start = at + 1 + lengthBytes
  let length = code
  if (lengthBytes > 0) {
    length = 0
    // Eight bytes of length may exceed what a double counts; they exceed every limit long before.
    for (let i = at + 1; i < start; i++) length = length * 256 + (bytes[i] ?? 0)
    if (bytes[at + 1] === 0 || length <= SHORT) return fault('the shortest length')
  }
  const end = start + length
  return end <= limit ? { start, end } : fault('as many bytes as it says')
}

function fault(want: string): never {
  throw new FieldproofError('proof-invalid', `RLP: want ${want}`)
}
