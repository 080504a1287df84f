/** Deterministic CBOR through cborg: what it does not check itself is checked by encoding again and comparing. */
import { decode, encode, rfc8949EncodeOptions, Tokenizer } from 'cborg'
import { hex, must, Refused, sameBytes } from './bytes.mjs'

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  retainStringBytes: true,
}

/** cborg drops a leading U+FEFF of a text; the text is its bytes. */
class ExactText extends Tokenizer {
  next() {
    const token = super.next()
    if (token.byteValue) token.value = new TextDecoder('utf-8', { ignoreBOM: true }).decode(token.byteValue)
    return token
  }
}

/** Nesting that any format here needs, with room. */
export const MAX_DEPTH = 16

/** Deterministic encoding of null, booleans, safe integers, text, bytes, arrays and Maps. */
export const cbor = (value) => encode(value, rfc8949EncodeOptions)

/** Reads one item that is deterministic and fills the bytes; tags are refused. @throws Refused malformed, not-deterministic, too-large */
export function uncbor(bytes, context = 'CBOR') {
  wellFormed(bytes, context)
  let value
  try {
    value = decode(bytes, { ...STRICT, tokenizer: new ExactText(bytes, STRICT) })
  } catch (cause) {
    throw new Refused('not-deterministic', `${context}: ${cause.message}`)
  }
  must(onlyIntegers(value), 'not-deterministic', `${context}: float`)
  must(sameBytes(cbor(value), bytes), 'not-deterministic', `${context}: ${hex(bytes.slice(0, 16))} encodes otherwise`)
  return value
}

/** Reads one tagged COSE_Sign1: tag 18 first, or the code of the reader; then one item. */
export function uncose(bytes, context, code) {
  wellFormed(bytes, context)
  must(bytes[0] === 0xd2, code, `${context}: no tag 18`)
  return uncbor(bytes.slice(1), context)
}

const onlyIntegers = (value) => {
  if (typeof value === 'number') return Number.isInteger(value)
  if (value instanceof Uint8Array) return true
  if (value instanceof Map) return [...value].every(([key, item]) => onlyIntegers(key) && onlyIntegers(item))
  return Array.isArray(value) ? value.every(onlyIntegers) : true
}

/** RFC 8949 appendix C: is it one whole item, with valid UTF-8, not too deep? Anything well-formed passes. */
function wellFormed(bytes, context) {
  let at = 0
  const need = (count) => must(at + count <= bytes.length, 'malformed', `${context}: truncated`)
  const argument = (info) => {
    if (info < 24) return info
    const width = 1 << (info - 24)
    need(width)
    let value = 0
    for (let i = 0; i < width; i++) value = value * 256 + bytes[at++]
    return value
  }
  const text = (from) => {
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice(from, at))
    } catch {
      throw new Refused('malformed', `${context}: invalid UTF-8`)
    }
  }
  const item = (depth, breakable, chunkOf) => {
    must(depth <= MAX_DEPTH, 'too-large', `${context}: nested too deep`)
    need(1)
    const head = bytes[at++]
    const major = head >> 5
    const info = head & 31
    if (head === 0xff && breakable) return true
    must(info < 28 || info === 31, 'malformed', `${context}: reserved head`)
    must(chunkOf === undefined || (major === chunkOf && info !== 31), 'malformed', `${context}: chunk of another type`)
    if (info === 31) {
      must(major >= 2 && major <= 5, 'malformed', `${context}: stray indefinite head`)
      let items = 0
      while (!item(depth + 1, major !== 5 || items % 2 === 0, major <= 3 ? major : undefined)) items++
      return false
    }
    const value = argument(info)
    if (major === 2 || major === 3) {
      need(value)
      at += value
      if (major === 3) text(at - value)
    } else if (major === 7)
      must(info !== 24 || value >= 32, 'malformed', `${context}: simple value below 32 in two bytes`)
    else if (major >= 4) {
      const children = major === 4 ? value : major === 5 ? 2 * value : 1
      must(children <= bytes.length, 'malformed', `${context}: truncated`)
      for (let i = 0; i < children; i++) item(depth + 1)
    }
    return false
  }
  item(1)
  must(at === bytes.length, 'malformed', `${context}: ${bytes.length - at} bytes after the item`)
}
