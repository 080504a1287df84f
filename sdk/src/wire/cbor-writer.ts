/**
 * The one encoder of everything that is signed or hashed: deterministic CBOR (RFC 8949 section 4.2.1). cbor-x decodes,
 * but it does not encode here: it writes integers above 2^32 as floats and leaves map keys in insertion order.
 */
import { compareBytes, FieldproofError, utf8 } from '../base/index.ts'

/** What deterministic CBOR carries in version 1: no floats, no tags, no undefined. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<number | string, CborValue>

/** Writes CBOR items one after the other into a growing buffer. */
export class CborWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** What was written, as a view that the next write may overwrite. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Raw bytes: an item that is encoded already, or the content of a string. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** @throws FieldproofError `out-of-range` unless a safe integer */
  int(value: number): void {
    if (!Number.isSafeInteger(value)) throw new FieldproofError('out-of-range', `${value} is not a safe integer`)
    if (value >= 0) this.#head(0, value)
    else this.#head(0x20, -1 - value)
  }

  bytes(value: Uint8Array): void {
    this.#head(0x40, value.length)
    this.raw(value)
  }

  text(value: string): void {
    if (!value.isWellFormed()) throw new FieldproofError('out-of-range', 'a text holds a lone surrogate')
    const encoded = utf8(value)
    this.#head(0x60, encoded.length)
    this.raw(encoded)
  }

  arrayHead(length: number): void {
    this.#head(0x80, length)
  }

  null(): void {
    this.#byte(0xf6)
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4)
  }

  /** Any value; map keys are sorted here. @throws FieldproofError `out-of-range` */
  value(value: CborValue): void {
    if (typeof value === 'number') this.int(value)
    else if (value === null) this.null()
    else if (value instanceof Uint8Array) this.bytes(value)
    else if (typeof value === 'string') this.text(value)
    else if (typeof value === 'boolean') this.bool(value)
    else if (isArray(value)) {
      this.arrayHead(value.length)
      for (const item of value) this.value(item)
    } else this.#map(value)
  }

  #map(map: ReadonlyMap<number | string, CborValue>): void {
    this.#head(0xa0, map.size)
    for (const key of [...map.keys()].sort(compareKeys)) {
      this.value(key)
      this.value(map.get(key) as CborValue)
    }
  }

  #head(major: number, argument: number): void {
    this.#reserve(9)
    const out = this.#bytes
    let at = this.#length
    if (argument < 24) out[at++] = major | argument
    else {
      const width = argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000 ? 4 : 8
      out[at++] = major | (width === 1 ? 24 : width === 2 ? 25 : width === 4 ? 26 : 27)
      let rest = argument
      for (let i = width - 1; i >= 0; i--) {
        out[at + i] = rest % 256
        rest = Math.floor(rest / 256)
      }
      at += width
    }
    this.#length = at
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/**
 * Deterministic CBOR of one value.
 * @throws FieldproofError `out-of-range` for a number that is not a safe integer or a text with a lone surrogate
 */
export function encodeCbor(value: CborValue): Uint8Array {
  if (shared.length > MAX_SHARED_BYTES) shared = new CborWriter() // one large message must not hold its memory for ever
  shared.reset()
  shared.value(value)
  return shared.finish()
}

/** Nothing in an encoder calls another one, so one buffer serves all. */
let shared = new CborWriter()
const MAX_SHARED_BYTES = 65_536

/** The order of the encoded keys (RFC 8949 section 4.2.1): 0, 1, …, then -1, -2, …, then texts, shorter ones first. */
function compareKeys(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a < 0 && b < 0 ? b - a : a < 0 ? 1 : b < 0 ? -1 : a - b
  if (typeof a === 'number') return -1
  if (typeof b === 'number') return 1
  const [x, y] = [utf8(a), utf8(b)]
  return x.length - y.length || compareBytes(x, y)
}

function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value)
}
