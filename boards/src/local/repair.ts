/**
 * The end of a CSV file after a power cut. Only the one line that was being written is ever cut off: a file that a person has edited, or
 * that is damaged in its middle, is left as it is.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { errnoOf } from '@fieldproof/sdk/node'

/** What {@link repair} found. */
export interface Repaired {
  /** Whether rows may be added; a file that others wrote stays theirs. */
  readonly isOurs: boolean
  /** Bytes of the file, after the repair. */
  readonly size: number
}

const CHUNK = 65_536
/** A line that was torn is one line, and a short one. */
const MAX_TORN = 65_536
/** Another row inside of what seems torn: then it is not a tear, but a quote that somebody wrote. */
const MORE_ROWS = /[\r\n]\d{4}-\d\d-\d\d/
const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d]

/** Cuts off a torn line. Reads piece by piece: a day may be larger than the memory. */
export async function repair(path: string): Promise<Repaired> {
  let file: FileHandle
  try {
    file = await open(path, 'r+')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { isOurs: true, size: 0 }
    throw error
  }
  try {
    const { size, endsAt, isForeign } = await scan(file)
    if (isForeign || size - endsAt > MAX_TORN) return { isOurs: false, size }
    if (size === endsAt) return { isOurs: true, size }
    const tail = Buffer.alloc(size - endsAt)
    await file.read(tail, 0, tail.length, endsAt)
    if (MORE_ROWS.test(tail.toString('latin1'))) return { isOurs: false, size }
    await file.truncate(endsAt)
    return { isOurs: true, size: endsAt }
  } finally {
    await file.close()
  }
}

/** Whether a file begins with these bytes. */
export async function beginsWith(path: string, text: string): Promise<boolean> {
  const wanted = Buffer.from(text)
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted.length), 0, wanted.length, 0)
    return bytesRead === wanted.length && buffer.equals(wanted)
  } finally {
    await file.close()
  }
}

/** Size, end of the last whole record, and whether lines end in another way than ours do. */
async function scan(file: FileHandle): Promise<{ size: number; endsAt: number; isForeign: boolean }> {
  const buffer = Buffer.alloc(CHUNK)
  let [size, endsAt, before] = [0, 0, 0]
  let isQuoted = false
  let isForeign = false
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, size)
    if (bytesRead === 0) return { size, endsAt, isForeign }
    for (let i = 0; i < bytesRead; i++) {
      const byte = buffer[i] ?? 0
      if (byte === QUOTE) isQuoted = !isQuoted
      else if (byte === LF && !isQuoted) {
        if (before !== CR) isForeign = true
        endsAt = size + i + 1
      }
      before = byte
    }
    size += bytesRead
  }
}
