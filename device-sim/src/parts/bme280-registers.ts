/** Registers of a BME280 (BST-BME280-DS002, section 5.3), and of a BMP280, which has none for humidity. */
import type { Bme280Calibration, RawSample } from './bme280-formula.ts'

/** Addresses of registers. */
export const REGISTER = {
  calibration: 0x88,
  humidityOne: 0xa1,
  id: 0xd0,
  reset: 0xe0,
  humidityRest: 0xe1,
  controlHumidity: 0xf2,
  status: 0xf3,
  control: 0xf4,
  config: 0xf5,
  pressure: 0xf7,
  temperature: 0xfa,
  humidity: 0xfd,
  dataEnd: 0xff,
} as const

/** What the converters' registers hold after a reset, or when a quantity is skipped. */
export const SKIPPED: RawSample = Object.freeze({ temperature: 0x80000, pressure: 0x80000, humidity: 0x8000 })

/** Puts the constants of a device into its memory of 256 bytes; those of humidity only `withHumidity`. */
export function writeCalibration(memory: Uint8Array, { t, p, h }: Bme280Calibration, withHumidity: boolean): void {
  for (const [i, value] of [...t, ...p].entries()) {
    memory[REGISTER.calibration + 2 * i] = value & 0xff
    memory[REGISTER.calibration + 2 * i + 1] = (value >> 8) & 0xff
  }
  if (!withHumidity) return
  const [h1, h2, h3, h4, h5, h6] = h
  memory[REGISTER.humidityOne] = h1
  // Two numbers of 12 bits share the byte at 0xe5.
  const rest = [h2 & 0xff, h2 >> 8, h3, h4 >> 4, (h4 & 0x0f) | ((h5 & 0x0f) << 4), h5 >> 4, h6]
  memory.set(
    rest.map((byte) => byte & 0xff),
    REGISTER.humidityRest,
  )
}

/** The eight bytes from 0xf7 on: pressure, temperature, humidity. */
export function dataBytes({ pressure, temperature, humidity }: RawSample): readonly number[] {
  const twenty = (raw: number): number[] => [raw >> 12, (raw >> 4) & 0xff, (raw & 0x0f) << 4]
  return [...twenty(pressure), ...twenty(temperature), humidity >> 8, humidity & 0xff]
}
