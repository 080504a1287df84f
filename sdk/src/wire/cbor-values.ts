/** Strict decoding: the gate, then cbor-x. A bundler for browsers takes cbor-values-small.ts instead (package.json, `imports`). */
import { Decoder } from 'cbor-x/decode-no-eval'
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
 * Decodes one deterministic item. Byte strings are copies.
 * @throws FieldproofError `too-large`, `malformed` or `not-deterministic`
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): CborValue {
  const marked: Range[] = []
  assertDeterministic(bytes, limits, (start, end) => {
    if (end - start > LONG_TEXT && isMarked(bytes, start)) marked.push({ start, end })
  })
  // A view of our own: cbor-x leaves a property on what it reads, and gives Buffers for a Buffer.
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  return decoder.decode(marked.length === 0 ? own : withSecondMarks(bytes, marked))
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
