/** Bytes as one string of bits in groups of 7: how Firmata's OneWire messages carry them (08-board, Numbers). */
import { invalidMessage } from './groups.ts'

/** A packed byte string: its bits in a row, the lowest of the first byte first, 7 a group, zeros behind the last. */
export function encodePacked(bytes: Uint8Array): number[] {
  const bitAt = (at: number): number => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1
  return Array.from({ length: Math.ceil((8 * bytes.length) / 7) }, (_, group) =>
    [6, 5, 4, 3, 2, 1, 0].reduce((value, bit) => 2 * value + bitAt(7 * group + bit), 0),
  )
}

/** The whole bytes in these groups, whatever stands behind them: a board is not strict with what a host fills up with. */
export function unpack(groups: ArrayLike<number>): Uint8Array {
  const bitAt = (at: number): number => ((groups[Math.floor(at / 7)] ?? 0) >> (at % 7)) & 1
  return Uint8Array.from({ length: (7 * groups.length) >> 3 }, (_, byte) =>
    [7, 6, 5, 4, 3, 2, 1, 0].reduce((value, bit) => 2 * value + bitAt(8 * byte + bit), 0),
  )
}

/**
 * The bytes of a packed byte string, which has one spelling only.
 * @param groups data bytes below 0x80
 * @throws FieldproofError `board-message-invalid` for a group too many, or other bits than zeros behind the last byte
 */
export function decodePacked(groups: Uint8Array): Uint8Array {
  const bytes = unpack(groups)
  const again = encodePacked(bytes)
  if (again.length === groups.length && again.every((group, at) => group === groups[at])) return bytes
  throw invalidMessage('packed bytes are followed by something else than zeros')
}
