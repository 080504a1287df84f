/**
 * Bytes across every interface are Uint8Array. Hex and base64 exist only for people and for text formats that demand
 * them (EVM JSON-RPC, C2SP notes).
 */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { FieldproofError } from './errors.ts'

/** Joins arrays into a new one. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  return concatBytes(...parts)
}

/** UTF-8 bytes of a string. */
export function utf8(text: string): Uint8Array {
  return utf8ToBytes(text)
}

/** Lower-case hex without prefix. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

/**
 * Bytes of a hex string, with or without `0x`.
 * @throws FieldproofError `hex-invalid`
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new FieldproofError('hex-invalid', 'want an even number of hexadecimal digits', {
      facts: { length: digits.length },
    })
  }
  return hexToBytes(digits)
}

/** Same length and same bytes. Not constant-time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Bytewise lexicographic order, as RFC 8949 section 4.2.1 sorts map keys. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const d = a[i]! - b[i]!
    if (d !== 0) return d
  }
  return a.length - b.length
}

/**
 * Returns `bytes` when it has exactly `length` bytes.
 * @throws FieldproofError `wrong-length`
 */
export function expectLength(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) {
    throw new FieldproofError('wrong-length', `${what} has ${bytes.length} bytes, want ${length}`, {
      facts: { what, got: bytes.length, want: length },
    })
  }
  return bytes
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648 base32, lower case, without padding. */
export function toBase32(bytes: Uint8Array): string {
  let out = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += BASE32[(value >>> bits) & 31]
    }
  }
  if (bits > 0) out += BASE32[(value << (5 - bits)) & 31]
  return out
}

/**
 * Inverse of {@link toBase32}; refuses other characters and stray bits, so every value has one spelling.
 * @throws FieldproofError `hex-invalid`
 */
export function fromBase32(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let value = 0
  let at = 0
  for (const char of text) {
    const digit = BASE32.indexOf(char)
    if (digit < 0) throw new FieldproofError('hex-invalid', `${JSON.stringify(char)} is not a base32 digit`)
    value = ((value << 5) | digit) & 0xffff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      out[at++] = (value >>> bits) & 255
    }
  }
  if (toBase32(out) !== text) throw new FieldproofError('hex-invalid', 'not a canonical base32 string')
  return out
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648 base64 with padding, as C2SP notes use it. */
export function toBase64(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += BASE64[n >>> 18]! + BASE64[(n >>> 12) & 63]!
    out += i + 1 < bytes.length ? BASE64[(n >>> 6) & 63] : '='
    out += i + 2 < bytes.length ? BASE64[n & 63] : '='
  }
  return out
}

/**
 * Inverse of {@link toBase64}; refuses anything that is not its exact output.
 * @throws FieldproofError `hex-invalid`
 */
export function fromBase64(text: string): Uint8Array {
  const digits = text.replace(/={0,2}$/, '')
  const out = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  let value = 0
  let at = 0
  for (const char of digits) {
    const digit = BASE64.indexOf(char)
    if (digit < 0) throw new FieldproofError('hex-invalid', `${JSON.stringify(char)} is not a base64 digit`)
    value = ((value << 6) | digit) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (value >>> bits) & 255
    }
  }
  if (toBase64(out) !== text) throw new FieldproofError('hex-invalid', 'not a canonical base64 string')
  return out
}
