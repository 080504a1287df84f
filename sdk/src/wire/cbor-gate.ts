/**
 * The strict gate: one linear walk that every untrusted byte passes before a decoder sees it. It accepts exactly the
 * deterministic encoding of RFC 8949 section 4.2.1, less what version 1 does not use (tags, floats, integers beyond
 * 2^53 - 1). A walk with an explicit stack: hostile nesting costs no call stack, a hostile length allocates nothing.
 */
import { FieldproofError } from '../base/index.ts'
import type { CborLimits } from './limits.ts'

/** One open array or map of the walk. For a map, `left` counts keys and values. */
interface Frame {
  left: number
  readonly isMap: boolean
  /** Start and end of the previous key in this map; -1 before the first. */
  keyStart: number
  keyEnd: number
}

/**
 * Returns when `bytes` is exactly one deterministic CBOR item within `limits`.
 * @param onText told where the content of each text starts and ends
 * @throws FieldproofError `too-large`, `malformed` or `not-deterministic`, with the offset that was wrong
 */
export function assertDeterministic(
  bytes: Uint8Array,
  limits: CborLimits,
  onText?: (start: number, end: number) => void,
): void {
  if (bytes.length > limits.maxBytes) throw tooLarge('bytes', bytes.length, limits.maxBytes)
  const stack: Frame[] = []
  let at = 0
  let items = 0
  let open = true
  while (open) {
    if (++items > limits.maxItems) throw tooLarge('items', items, limits.maxItems)
    const start = at
    const frame = stack.at(-1)
    const isKey = frame?.isMap === true && frame.left % 2 === 0
    if (at >= bytes.length) throw malformed('input ends early', at)
    const head = bytes[at]!
    const major = head >> 5
    const argument = readArgument(bytes, at, head)
    at = argument.end
    if (isKey && major !== 0 && major !== 1 && major !== 3) throw malformed('a map key is an integer or a text', start)

    let entered = false
    if (major === 2 || major === 3) {
      if (argument.value > bytes.length - at) throw malformed('a string is longer than the input', start)
      if (major === 3) {
        assertUtf8(bytes, at, at + argument.value)
        onText?.(at, at + argument.value)
      }
      at += argument.value
    } else if (major === 4 || major === 5) {
      const children = major === 5 ? argument.value * 2 : argument.value
      if (children > bytes.length - at) throw malformed('more items announced than bytes follow', start)
      if (stack.length >= limits.maxDepth) throw tooLarge('depth', stack.length + 1, limits.maxDepth)
      if (children > 0) {
        stack.push({ left: children, isMap: major === 5, keyStart: -1, keyEnd: -1 })
        entered = true
      }
    } else if (major === 6) {
      throw notDeterministic('a tag has no place here', start)
    } else if (major === 7 && (head < 0xf4 || head > 0xf6)) {
      throw notDeterministic('floats and simple values but false, true and null have no place here', start)
    }

    if (isKey && frame !== undefined) {
      if (frame.keyStart >= 0 && compareRanges(bytes, frame.keyStart, frame.keyEnd, start, at) >= 0) {
        throw notDeterministic('map keys are not in strictly increasing order', start)
      }
      frame.keyStart = start
      frame.keyEnd = at
    }
    open = entered || closeFrames(stack)
  }
  if (at !== bytes.length) throw malformed(`${bytes.length - at} bytes follow the item`, at)
}

/** Counts the finished item in its frame and pops frames that are complete; false when the outermost item is done. */
function closeFrames(stack: Frame[]): boolean {
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    frame.left -= 1
    if (frame.left > 0) return true
    stack.pop()
  }
  return false
}

function readArgument(bytes: Uint8Array, at: number, head: number): { value: number; end: number } {
  const info = head & 31
  if (info < 24) return { value: info, end: at + 1 }
  const major = head >> 5
  if (info > 27 && !(info === 31 && major >= 2 && major <= 5)) throw malformed('reserved additional information', at)
  if (info === 31) throw notDeterministic('indefinite length', at)
  const width = 1 << (info - 24)
  if (at + 1 + width > bytes.length) throw malformed('input ends inside a head', at)
  if (major === 7 && width === 1 && bytes[at + 1]! < 32) throw malformed('a simple value below 32 in two bytes', at)
  if (major === 7) throw notDeterministic('floats and two-byte simple values have no place here', at)
  let value = 0
  for (let i = 1; i <= width; i++) value = value * 256 + bytes[at + i]!
  if (value < (width === 1 ? 24 : 2 ** (width * 4))) throw notDeterministic('a head is longer than it must be', at)
  // A negative integer is -1 - argument, so its argument may be one less than that of a positive one.
  if (value > Number.MAX_SAFE_INTEGER - (major === 1 ? 1 : 0)) {
    throw major < 2 ? notDeterministic('beyond 2^53 - 1', at) : malformed('a length beyond 2^53 - 1', at)
  }
  return { value, end: at + 1 + width }
}

function compareRanges(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  for (let i = 0; aStart + i < aEnd && bStart + i < bEnd; i++) {
    const d = bytes[aStart + i]! - bytes[bStart + i]!
    if (d !== 0) return d
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** Unicode 15 table 3-7: shortest forms only, no surrogates, nothing above U+10FFFF. */
function assertUtf8(bytes: Uint8Array, start: number, end: number): void {
  let at = start
  while (at < end) {
    const a = bytes[at]!
    if (a < 0x80) {
      at += 1
      continue
    }
    const more = a >= 0xc2 && a <= 0xdf ? 1 : a >= 0xe0 && a <= 0xef ? 2 : a >= 0xf0 && a <= 0xf4 ? 3 : 0
    if (more === 0 || at + more >= end) throw malformed('invalid UTF-8', at)
    const b = bytes[at + 1]!
    const low = a === 0xe0 ? 0xa0 : a === 0xf0 ? 0x90 : 0x80
    const high = a === 0xed ? 0x9f : a === 0xf4 ? 0x8f : 0xbf
    if (b < low || b > high) throw malformed('invalid UTF-8', at)
    for (let i = 2; i <= more; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) throw malformed('invalid UTF-8', at)
    at += more + 1
  }
}

function malformed(why: string, offset: number): FieldproofError {
  return new FieldproofError('malformed', `${why} (at byte ${offset})`, { facts: { offset } })
}

function notDeterministic(why: string, offset: number): FieldproofError {
  return new FieldproofError('not-deterministic', `${why} (at byte ${offset})`, { facts: { offset } })
}

function tooLarge(what: string, got: number, limit: number): FieldproofError {
  return new FieldproofError('too-large', `${got} ${what}, at most ${limit} are allowed`, {
    facts: { what, got, limit },
  })
}
