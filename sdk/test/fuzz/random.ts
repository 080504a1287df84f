/** Chance that can be repeated: the same seed gives the same run on every machine. */

/** A small generator (sfc32); not for secrets. */
export class Random {
  #a: number
  #b: number
  #c: number
  #count = 1

  /** @param name so that decoders do not share their inputs */
  constructor(seed: number, name = '') {
    this.#a = seed | 0
    this.#b = Math.floor(seed / 2 ** 32) | 0
    this.#c = 0x9e3779b9
    for (const char of name) this.#c = Math.imul(this.#c ^ (char.codePointAt(0) ?? 0), 0x01000193)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** 32 bits. */
  next(): number {
    const out = (((this.#a + this.#b) | 0) + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + out) | 0
    return out >>> 0
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.next() % limit
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length)]
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = this.next()
    return out
  }

  /** An integer of any size up to 2^53 - 1, small ones and powers of two more often. */
  integer(): number {
    const size = 2 ** this.below(54)
    const near = this.below(3) === 0 ? size + this.below(3) - 1 : Math.floor((this.next() / 2 ** 32) * size)
    const value = Math.min(near, Number.MAX_SAFE_INTEGER)
    return this.below(4) === 0 ? -value : value
  }
}
