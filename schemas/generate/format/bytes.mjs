/** Bytes, digests and the one error class of the vector generator. Nothing here comes from the SDK. */
import { createHash } from 'node:crypto'

/** A reader's refusal with the code that the vectors name. */
export class Refused extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** Throws Refused(code) unless the condition holds. */
export function must(condition, code, message) {
  if (!condition) throw new Refused(code, message)
}

export const hex = (bytes) => Buffer.from(bytes).toString('hex')
export const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))
export const utf8 = (text) => new TextEncoder().encode(text)
export const concat = (...parts) => new Uint8Array(Buffer.concat(parts))
export const sameBytes = (a, b) => Buffer.compare(a, b) === 0
export const isBytes = (value, length) =>
  value instanceof Uint8Array && (length === undefined || value.length === length)
export const isUint = (value, max = Number.MAX_SAFE_INTEGER) =>
  Number.isSafeInteger(value) && value >= 0 && value <= max

/** SHA-256 of the concatenation. */
export function sha256(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/** Bytes for tests: SHA-256 of a label, so that every constant of the vectors can be derived again. */
export const labelled = (label, length = 32) => sha256(utf8(`fieldproof vector: ${label}`)).slice(0, length)

/** A copy with one bit changed. */
export function flip(bytes, bit = 0) {
  const copy = Uint8Array.from(bytes)
  if (bit >= 8 * copy.length) throw new RangeError(`no bit ${bit} in ${copy.length} bytes`)
  copy[Math.floor(bit / 8)] ^= 1 << (bit % 8)
  return copy
}

export function uint32be(value) {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return new Uint8Array(out)
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648 base32, lower case, no padding. */
export function base32(bytes) {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  let out = ''
  for (let at = 0; at < bits.length; at += 5) out += BASE32[Number.parseInt(bits.slice(at, at + 5).padEnd(5, '0'), 2)]
  return out
}

/** The 16 bytes of a machine id. */
export function unbase32(text) {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from({ length: Math.floor(bits.length / 8) }, (_, i) =>
    Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2),
  )
}

/** Whether text is the base32 of exactly 16 bytes, trailing bits zero. */
export const isMachineId = (text) => typeof text === 'string' && /^[a-z2-7]{25}[aeimquy4]$/.test(text)

export const bigOf = (bytes) => BigInt(`0x${hex(bytes) || '0'}`)
export const bigTo32 = (value) => unhex(value.toString(16).padStart(64, '0'))
export const reversed = (bytes) => Uint8Array.from(bytes).reverse()
