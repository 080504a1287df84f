/**
 * Compensation of a BME280 as its data sheet gives it (BST-BME280-DS002, section 4.2.3: 32-bit integers for temperature and
 * humidity, 64-bit for pressure), and the way back: the raw values that a driver turns into wanted ones.
 */

/** Constants of one device, as its memory holds them (table 16). */
export interface Bme280Calibration {
  /** dig_T1 to dig_T3 */
  readonly t: readonly [number, number, number]
  /** dig_P1 to dig_P9 */
  readonly p: readonly [number, number, number, number, number, number, number, number, number]
  /** dig_H1 to dig_H6 */
  readonly h: readonly [number, number, number, number, number, number]
}

/** Converter values: temperature and pressure of 20 bits, humidity of 16. */
export interface RawSample {
  readonly temperature: number
  readonly pressure: number
  readonly humidity: number
}

/** What a driver makes of raw values. */
export interface ClimateSample {
  /** Cel, in steps of 0.01. */
  readonly celsius: number
  /** hPa, in steps of 1/25600. */
  readonly hectopascal: number
  /** %, in steps of 1/1024. */
  readonly percent: number
}

/** Ordinary constants; those of T and P are the example of Bosch's BMP280 data sheet, section 3.12. */
export const CALIBRATION: Bme280Calibration = Object.freeze({
  t: [27_504, 26_435, -1000],
  p: [36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000],
  h: [75, 355, 0, 338, 50, 30],
} as const)

const RAW_20_MAX = 2 ** 20 - 1
const RAW_16_MAX = 2 ** 16 - 1

/** What a driver makes of raw values. */
export function compensate(calibration: Bme280Calibration, raw: RawSample): ClimateSample {
  const fine = fineTemperature(calibration, raw.temperature)
  return {
    celsius: centiCelsius(fine) / 100,
    hectopascal: pascal256(calibration, fine, raw.pressure) / 25_600,
    percent: percent1024(calibration, fine, raw.humidity) / 1024,
  }
}

/** The raw values that come nearest; what is beyond the converters becomes their end. */
export function rawOf(calibration: Bme280Calibration, { celsius, hectopascal, percent }: ClimateSample): RawSample {
  const temperature = nearest(RAW_20_MAX, celsius * 100, (raw) => centiCelsius(fineTemperature(calibration, raw)))
  const fine = fineTemperature(calibration, temperature)
  // Pressure falls as its raw value rises.
  const pressure =
    RAW_20_MAX - nearest(RAW_20_MAX, hectopascal * 25_600, (raw) => pascal256(calibration, fine, RAW_20_MAX - raw))
  const humidity = nearest(RAW_16_MAX, percent * 1024, (raw) => percent1024(calibration, fine, raw))
  return { temperature, pressure, humidity }
}

/** t_fine: 1/5120 Cel. */
function fineTemperature({ t: [t1, t2, t3] }: Bme280Calibration, raw: number): number {
  const coarse = ((((raw >> 3) - (t1 << 1)) * t2) >> 11) | 0
  const square = (((raw >> 4) - t1) * ((raw >> 4) - t1)) >> 12
  return coarse + ((square * t3) >> 14)
}

/** 0.01 Cel. */
function centiCelsius(fine: number): number {
  return (fine * 5 + 128) >> 8
}

/** 1/256 Pa. */
function pascal256({ p: [p1, p2, p3, p4, p5, p6, p7, p8, p9] }: Bme280Calibration, fine: number, raw: number): number {
  const t = BigInt(fine) - 128_000n
  const offset = t * t * BigInt(p6) + ((t * BigInt(p5)) << 17n) + (BigInt(p4) << 35n)
  const slope = ((t * t * BigInt(p3)) >> 8n) + ((t * BigInt(p2)) << 12n)
  const scale = (((1n << 47n) + slope) * BigInt(p1)) >> 33n
  if (scale === 0n) return 0
  const straight = (((BigInt(RAW_20_MAX + 1 - raw) << 31n) - offset) * 3125n) / scale
  const square = (BigInt(p9) * (straight >> 13n) * (straight >> 13n)) >> 25n
  const bent = straight + square + ((BigInt(p8) * straight) >> 19n)
  return Number((bent >> 8n) + (BigInt(p7) << 4n))
}

/** 1/1024 %. */
function percent1024({ h: [h1, h2, h3, h4, h5, h6] }: Bme280Calibration, fine: number, raw: number): number {
  const t = fine - 76_800
  const wet = ((raw << 14) - (h4 << 20) - h5 * t + 16_384) >> 15
  const warm = (((t * h6) >> 10) * (((t * h3) >> 11) + 32_768)) >> 10
  const straight = wet * (((warm + 2_097_152) * h2 + 8192) >> 14)
  const bent = straight - (((((straight >> 15) * (straight >> 15)) >> 7) * h1) >> 4)
  return Math.min(Math.max(bent, 0), 419_430_400) >> 12
}

/** Raw value from 0 to `max` at which a function that never falls comes nearest to `wanted`. */
function nearest(max: number, wanted: number, of: (raw: number) => number): number {
  let low = 0
  let high = max
  while (low < high) {
    const middle = (low + high) >> 1
    if (of(middle) >= wanted) high = middle
    else low = middle + 1
  }
  return low > 0 && wanted - of(low - 1) < of(low) - wanted ? low - 1 : low
}
