/**
 * From raw numbers to Celsius, pascal and percent: the double-precision formulas of the data sheet (BST-BME280-DS001, appendix A
 * "Compensation formulas in double precision"), which are those of the BMP280 too. Only sums, products and quotients, so every machine computes
 * the same. Names of trimming values are the data sheet's (table 16).
 */

/** Trimming values of temperature and pressure. */
export interface BarometerTrim {
  /** dig_T1 to dig_T3. */
  readonly t: readonly [number, number, number]
  /** dig_P1 to dig_P9. */
  readonly p: readonly [number, number, number, number, number, number, number, number, number]
}

/** dig_H1 to dig_H6. */
export type HumidityTrim = readonly [number, number, number, number, number, number]

/** Trimming values from the 24 bytes of registers 0x88 to 0x9F. */
export function barometerTrim(bytes: Uint8Array): BarometerTrim {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 24)
  const unsigned = (at: number): number => view.getUint16(at, true)
  const signed = (at: number): number => view.getInt16(at, true)
  return {
    t: [unsigned(0), signed(2), signed(4)],
    p: [unsigned(6), signed(8), signed(10), signed(12), signed(14), signed(16), signed(18), signed(20), signed(22)],
  }
}

/**
 * Trimming values of humidity. H4 and H5 are 12 bits that share a byte.
 * @param first the byte of register 0xA1
 * @param rest the 7 bytes of registers 0xE1 to 0xE7
 */
export function humidityTrim(first: number, rest: Uint8Array): HumidityTrim {
  const view = new DataView(rest.buffer, rest.byteOffset, 7)
  const shared = view.getUint8(4)
  return [
    first,
    view.getInt16(0, true),
    view.getUint8(2),
    view.getInt8(3) * 16 + (shared & 0x0f),
    view.getInt8(5) * 16 + (shared >> 4),
    view.getInt8(6),
  ]
}

/** Temperature at a resolution that the other two formulas need: Celsius times 5120. */
export function fineTemperature({ t: [t1, t2, t3] }: BarometerTrim, raw: number): number {
  const linear = (raw / 16384 - t1 / 1024) * t2
  return linear + (raw / 131072 - t1 / 8192) ** 2 * t3
}

/** Celsius. */
export function celsius(fine: number): number {
  return fine / 5120
}

/** Pressure in Pa; null when the trimming values would divide by zero. */
export function pascal(
  { p: [p1, p2, p3, p4, p5, p6, p7, p8, p9] }: BarometerTrim,
  fine: number,
  raw: number,
): number | null {
  const half = fine / 2 - 64000
  const offset = ((half * half * p6) / 32768 + half * p5 * 2) / 4 + p4 * 65536
  const slope = (1 + ((p3 * half * half) / 524288 + p2 * half) / 524288 / 32768) * p1
  if (slope === 0) return null
  const first = ((1048576 - raw - offset / 4096) * 6250) / slope
  return first + ((p9 * first * first) / 2147483648 + (first * p8) / 32768 + p7) / 16
}

/** Relative humidity in %, held to 0 to 100 by the data sheet's own formula. */
export function relativeHumidity([h1, h2, h3, h4, h5, h6]: HumidityTrim, fine: number, raw: number): number {
  const heat = fine - 76800
  const wet = raw - (h4 * 64 + (h5 / 16384) * heat)
  const percent = wet * ((h2 / 65536) * (1 + (h6 / 67108864) * heat * (1 + (h3 / 67108864) * heat)))
  return Math.min(100, Math.max(0, percent * (1 - (h1 * percent) / 524288)))
}
