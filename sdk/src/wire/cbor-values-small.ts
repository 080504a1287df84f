/**
 * Strict decoding where every kilobyte is downloaded: the gate, then a walk that only builds values. Browsers get it in place of
 * cbor-x, which alone weighs 6 kB of the verifier's 40. The gate has refused whatever is not well-formed, deterministic or too deep; nothing is left to be checked here.
 */
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
