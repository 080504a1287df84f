/**
 * Strict decoding: the gate first, then cbor-x. What comes out holds only the types of {@link CborValue}; the readers
 * below turn "what a peer sent" into typed parts with an error that names the part.
 */
import { Decoder } from 'cbor-x/decode-no-eval'
import { type Code, FieldproofError } from '../base/index.ts'
import { assertDeterministic } from './cbor-gate.ts'
import { type CborValue, CborWriter } from './cbor-writer.ts'
import type { CborLimits } from './limits.ts'

/** The face of cbor-x that we use; its own types mention Buffer, which a pure layer does not know. */
const decoder: { decode(bytes: Uint8Array): CborValue } = new Decoder({
  useRecords: false,
  mapsAsObjects: false,
  copyBuffers: true,
  // Integers above 2^32 as numbers; the gate has already bounded them to 2^53 - 1.
  int64AsNumber: true,
} as object)

/**
 * Decodes one deterministic item.
 * @throws FieldproofError `too-large`, `malformed` or `not-deterministic`
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): CborValue {
  const marked: Range[] = []
  assertDeterministic(bytes, limits, (start, end) => {
    if (end - start > LONG_TEXT && isMarked(bytes, start)) marked.push({ start, end })
  })
  return decoder.decode(marked.length === 0 ? bytes : withSecondMarks(bytes, marked))
}

/** Content of a text. */
interface Range {
  readonly start: number
  readonly end: number
}

/** U+FEFF, which is part of a text like any other character (CONV-6). */
const MARK = Uint8Array.of(0xef, 0xbb, 0xbf)
/** Over this length cbor-x hands a text to a TextDecoder that drops one leading U+FEFF. */
const LONG_TEXT = 64
const TEXT_HEAD = 0x7a

function isMarked(bytes: Uint8Array, at: number): boolean {
  return MARK.every((byte, i) => bytes[at + i] === byte)
}

/** The item with each marked text behind a second mark: the decoder drops that one instead. */
function withSecondMarks(bytes: Uint8Array, marked: readonly Range[]): Uint8Array {
  const writer = new CborWriter(bytes.length + marked.length * 8)
  let from = 0
  for (const { start, end } of marked) {
    const length = end - start
    const head = length < 0x100 ? 2 : length < 0x10000 ? 3 : 5
    writer.raw(bytes.subarray(from, start - head))
    const size = length + MARK.length
    writer.raw(Uint8Array.of(TEXT_HEAD, size >>> 24, size >>> 16, size >>> 8, size))
    writer.raw(MARK)
    from = start
  }
  writer.raw(bytes.subarray(from))
  return writer.finish()
}

/** Reads parts of a decoded value; every refusal has the same code and says which part was wrong. */
export class CborReader {
  readonly #code: Code

  constructor(code: Code) {
    this.#code = code
  }

  /** @throws FieldproofError with this reader's code */
  fail(what: string, want: string): never {
    throw new FieldproofError(this.#code, `${what}: want ${want}`, { facts: { part: what } })
  }

  array(value: CborValue | undefined, what: string, length?: number): readonly CborValue[] {
    if (!Array.isArray(value)) return this.fail(what, 'an array')
    if (length !== undefined && value.length !== length) return this.fail(what, `an array of ${length}`)
    return value
  }

  /** An array with at least `min` and at most `max` items. */
  list(value: CborValue | undefined, what: string, max: number, min = 1): readonly CborValue[] {
    const items = this.array(value, what)
    if (items.length < min || items.length > max) return this.fail(what, `${min} to ${max} items`)
    return items
  }

  map(value: CborValue | undefined, what: string): ReadonlyMap<number | string, CborValue> {
    return value instanceof Map ? value : this.fail(what, 'a map')
  }

  bytes(value: CborValue | undefined, what: string, length?: number): Uint8Array {
    if (!(value instanceof Uint8Array)) return this.fail(what, 'a byte string')
    if (length !== undefined && value.length !== length) return this.fail(what, `${length} bytes`)
    return value
  }

  bytesOrNull(value: CborValue | undefined, what: string, length?: number): Uint8Array | null {
    return value === null ? null : this.bytes(value, what, length)
  }

  text(value: CborValue | undefined, what: string, maxLength: number): string {
    if (typeof value !== 'string' || value.length > maxLength) {
      return this.fail(what, `a text of at most ${maxLength} characters`)
    }
    return value
  }

  /** A text that a pattern matches as a whole. */
  matching(value: CborValue | undefined, what: string, pattern: RegExp): string {
    return typeof value === 'string' && pattern.test(value) ? value : this.fail(what, `a text like ${pattern.source}`)
  }

  /** An integer in [min, max]. */
  int(value: CborValue | undefined, what: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    if (typeof value !== 'number' || value < min || value > max) {
      return this.fail(what, `an integer from ${min} to ${max}`)
    }
    return value
  }
}
