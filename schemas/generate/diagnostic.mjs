/** CBOR diagnostic notation (RFC 8949 section 8), broken over lines for people. */
import { decode } from 'cborg'
import { hex } from './format/bytes.mjs'

const WIDTH = 100

/** Diagnostic notation of deterministic CBOR; tag 18 is kept, byte strings are h'..'. */
export function diagnostic(bytes) {
  if (bytes[0] === 0xd2) return `18(${lay(decode(bytes.slice(1), { useMaps: true }), 0)})`
  return lay(decode(bytes, { useMaps: true }), 0)
}

function lay(value, depth) {
  const flat = inline(value)
  if (flat.length + 2 * depth <= WIDTH || !isContainer(value)) return flat
  const pad = '  '.repeat(depth + 1)
  const items =
    value instanceof Map
      ? [...value].map(([key, item]) => `${pad}${inline(key)}: ${lay(item, depth + 1)}`)
      : value.map((item) => pad + lay(item, depth + 1))
  const [open, close] = value instanceof Map ? '{}' : '[]'
  return `${open}\n${items.join(',\n')}\n${'  '.repeat(depth)}${close}`
}

const isContainer = (value) => Array.isArray(value) || value instanceof Map

function inline(value) {
  if (value instanceof Uint8Array) return `h'${hex(value)}'`
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${inline(k)}: ${inline(v)}`).join(', ')}}`
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** Hex in lines of 32 bytes. */
export const hexBlock = (bytes) => (typeof bytes === 'string' ? bytes : hex(bytes)).match(/.{1,64}/g)?.join('\n') ?? ''
