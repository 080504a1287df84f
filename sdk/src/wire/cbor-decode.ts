/**
 * Strict decoding: the gate first, then a walk that only builds values, because the gate has already refused whatever is
 * not well-formed, not deterministic or too deep. A decoder that can do more than the gate lets pass would be weight in a
 * browser and nothing else. The reader below turns "what a peer sent" into typed parts with an error that names the part.
 */
import { type Code, FieldproofError } from '../base/index.ts'
import { assertDeterministic } from './cbor-gate.ts'
import type { CborValue } from './cbor-writer.ts'
import type { CborLimits } from './limits.ts'

/**
 * Decodes one deterministic item. Byte strings are copies.
 * @throws FieldproofError `too-large`, `malformed` or `not-deterministic`
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): CborValue {
  assertDeterministic(bytes, limits)
  return new ItemWalk(bytes).item()
}

/** Builds the values of bytes that the gate has passed. It checks nothing, and recurses no deeper than the gate allowed. */
class ItemWalk {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  item(): CborValue {
    const head = this.#byte()
    const argument = this.#argument(head & 31)
    switch (head >> 5) {
      case 0:
        return argument
      case 1:
        return -1 - argument
      case 2:
        return this.#copy(this.#skip(argument), argument)
      case 3:
        return this.#text(this.#skip(argument), argument)
      case 4:
        return this.#array(argument)
      case 5:
        return this.#map(argument)
      default:
        return head === 0xf6 ? null : head === 0xf5
    }
  }

  #byte(): number {
    return this.#bytes[this.#at++] as number
  }

  #argument(info: number): number {
    if (info < 24) return info
    let value = 0
    for (let left = 1 << (info - 24); left > 0; left--) value = value * 256 + this.#byte()
    return value
  }

  /** Goes on by `length` and returns where that is. */
  #skip(length: number): number {
    this.#at += length
    return this.#at
  }

  /** Not `slice`, which in a Buffer is a view and gives a Buffer. */
  #copy(end: number, length: number): Uint8Array {
    const copy = new Uint8Array(length)
    copy.set(this.#bytes.subarray(end - length, end))
    return copy
  }

  #array(length: number): CborValue[] {
    const items: CborValue[] = []
    for (let i = 0; i < length; i++) items.push(this.item())
    return items
  }

  #map(length: number): Map<number | string, CborValue> {
    const map = new Map<number | string, CborValue>()
    for (let i = 0; i < length; i++) map.set(this.item() as number | string, this.item())
    return map
  }

  /** Every character as it is, a leading U+FEFF too (CONV-6); a TextDecoder would have to be told so. */
  #text(end: number, length: number): string {
    let text = ''
    for (let at = end - length; at < end; ) {
      const lead = this.#bytes[at++] as number
      const more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
      let point = more === 0 ? lead : lead & (0x3f >> more)
      for (let i = 0; i < more; i++) point = (point << 6) | ((this.#bytes[at++] as number) & 0x3f)
      text += String.fromCodePoint(point)
    }
    return text
  }
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
