/** The check of 1-Wire: of ROM codes and of the DS18B20's scratchpad. */

const POLYNOMIAL = 0x8c // x^8 + x^5 + x^4 + 1, the lowest bit first

/**
 * CRC-8/MAXIM-DOW (Maxim application note 27). Over bytes that end in their own check it is 0; but so is it over zeros.
 * @returns 0 to 255
 */
export function crc8Maxim(bytes: Uint8Array): number {
  return bytes.reduce((crc, byte) => {
    let rest = crc ^ byte
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >> 1) ^ POLYNOMIAL : rest >> 1
    return rest
  }, 0)
}
