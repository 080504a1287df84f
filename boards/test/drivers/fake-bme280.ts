/** Registers of a BME280 that a test can break: enough of the data sheet for a forced measurement, no analog world. */
import type { Script } from './fake-session.ts'
import { silent } from './fake-session.ts'

/** Trimming values of the worked example in the BMP280's data sheet (3.12); humidity's are a plausible set. */
const T = [27504, 26435, -1000]
const P = [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000]
const H1 = 75
const HUMIDITY = [0x6a, 0x01, 0x00, 0x13, 0x29, 0x03, 0x1e] // H2 362, H3 0, H4 313, H5 50, H6 30

/** Numbers that its converters give. */
export interface Raw {
  readonly temperature: number
  readonly pressure: number
  readonly humidity: number
}

/** The example's: 25.08 Cel, 100653 Pa. */
export const EXAMPLE: Raw = { temperature: 519888, pressure: 415148, humidity: 0x7000 }

/** Ways to be broken; each may be switched between two calls. */
export interface Bme280Faults {
  id?: number
  absent?: boolean
  /** Keeps its registers whatever it is told. */
  frozen?: boolean
  /** Loses this many of the next commands. */
  lostWrites?: number
  /** Does not end its measurement. */
  neverReady?: boolean
  /** Says that it is busy although its mode is back. */
  stuckBusy?: boolean
  /** Looks that it takes to be ready. */
  looks?: number
  /** Writes `ctrl_meas` with this instead. */
  garbledMode?: number
  /** Every byte reads as this. */
  stuck?: number
  /** Changes a trimming value between two readings. */
  unsteadyTrim?: boolean
  raw?: Raw
}

/** The I2C half of a session with such a sensor at an address. */
export function fakeBme280(address: number, faults: Bme280Faults): Script & { readonly registers: Uint8Array } {
  const registers = new Uint8Array(256)
  const view = new DataView(registers.buffer)
  const reset = (): void => {
    registers.fill(0, 0xf2, 0xf6)
    registers.set([0x80, 0, 0, 0x80, 0, 0, 0x80, 0], 0xf7)
  }
  for (const [i, value] of [...T, ...P].entries()) view.setInt16(0x88 + 2 * i, value, true)
  registers[0xa1] = H1
  registers.set(HUMIDITY, 0xe1)
  reset()
  let measuring = 0
  const finish = (): void => {
    const { temperature, pressure, humidity } = faults.raw ?? EXAMPLE
    const word20 = (raw: number): number[] => [raw >> 12, (raw >> 4) & 0xff, (raw & 0x0f) << 4]
    registers.set([...word20(pressure), ...word20(temperature), humidity >> 8, humidity & 0xff], 0xf7)
    registers[0xf3] = faults.stuckBusy === true ? 0x08 : 0
    registers[0xf4] = (registers[0xf4] ?? 0) & 0xfc
  }
  const write = (register: number, value: number): void => {
    if (register === 0xe0 && value === 0xb6) reset()
    else if (register === 0xf4) {
      registers[0xf4] = faults.garbledMode ?? value
      registers[0xf3] = 0x08
      measuring = faults.looks ?? 1
    } else registers[register] = value
  }
  const assertThere = (at: number): void => {
    if (at !== address || faults.absent === true) throw silent()
  }
  return {
    registers,
    i2cWrite: async (at, bytes) => {
      assertThere(at)
      if (faults.frozen === true) return
      if ((faults.lostWrites ?? 0) > 0) {
        faults.lostWrites = (faults.lostWrites ?? 0) - 1
        return
      }
      for (let i = 0; i + 1 < bytes.length; i += 2) write(bytes[i] ?? 0, bytes[i + 1] ?? 0)
    },
    i2cRead: async (at, register, length) => {
      assertThere(at)
      registers[0xd0] = faults.id ?? 0x60
      if (faults.unsteadyTrim === true) view.setUint8(0x88, view.getUint8(0x88) ^ 1)
      const isLooking = register >= 0xf2 && (registers[0xf3] ?? 0) !== 0
      if (isLooking && faults.neverReady !== true && measuring-- <= 0) finish()
      const bytes = registers.slice(register, register + length)
      return faults.stuck === undefined || register === 0xd0 ? bytes : bytes.fill(faults.stuck)
    },
  }
}
