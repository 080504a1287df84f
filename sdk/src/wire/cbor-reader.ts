/** Reads what was decoded: turns "what a peer sent" into typed parts with an error that names the part. */
import { type Code, FieldproofError } from '../base/index.ts'
import type { CborValue } from './cbor-writer.ts'

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
