/** Intel HEX, as `avr-objcopy` writes it: data, end, and a start address that says nothing to an AVR; flash of 32 KiB needs no other. */
import { FieldproofError } from '@fieldproof/sdk/base'

const RECORD = /^:((?:[0-9A-Fa-f]{2}){5,})$/
const DATA = 0
const END = 1
const START_ADDRESS = 3
const ERASED = 0xff

/**
 * Image of a flash memory of `sizeBytes`, erased (0xff) where the file says nothing.
 * @throws FieldproofError `hex-invalid` for a bad record, checksum or address, or when the end record is missing
 */
export function readIntelHex(text: string, sizeBytes: number): Uint8Array {
  const image = new Uint8Array(sizeBytes).fill(ERASED)
  const lines = text.split('\n').map((line) => line.trim())
  for (const [i, line] of lines.entries()) {
    if (line === '') continue
    const record = readRecord(line, i + 1)
    const type = record[3]
    if (type === END) return image
    if (type === START_ADDRESS) continue
    if (type !== DATA) throw invalid(i + 1, `a record of type ${type}`)
    const address = ((record[1] ?? 0) << 8) | (record[2] ?? 0)
    const bytes = record.subarray(4, -1)
    if (address + bytes.length > sizeBytes) throw invalid(i + 1, `an address beyond ${sizeBytes} bytes`)
    image.set(bytes, address)
  }
  throw invalid(lines.length, 'no end record')
}

/** Length, address (2), type, data, checksum. */
function readRecord(line: string, at: number): Uint8Array {
  const digits = RECORD.exec(line)?.[1]
  if (digits === undefined) throw invalid(at, 'not a record')
  const record = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  if (record[0] !== record.length - 5) throw invalid(at, 'a wrong length')
  if ((record.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) throw invalid(at, 'a wrong checksum')
  return record
}

function invalid(line: number, detail: string): FieldproofError {
  return new FieldproofError('hex-invalid', `line ${line} of the Intel HEX file: ${detail}`, { facts: { line } })
}
