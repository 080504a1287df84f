/**
 * The line check of the board protocol (08-board, BOARD-9): CRC-16 with polynomial 0x1021, start 0xffff, bits not reflected, no
 * final xor, which catalogues call CRC-16/IBM-3740. Over b"123456789" it is 0x29b1.
 */

/** Value before the first byte. */
export const CRC_START = 0xffff

/** The check over `bytes`, going on from the check over what stood before them. */
export function crc16(bytes: Iterable<number>, before: number = CRC_START): number {
  let crc = before
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
  }
  return crc
}
