/** Registers of BME280 and BMP280, and what a burst of them may say (BST-BME280-DS001, chapters 4 and 5; BST-BMP280-DS001, chapter 4). */
import { equalBytes, FieldproofError, toHex } from '@fieldproof/sdk/base'
import type { BoardSession } from '../board/ports.ts'

/** What the register 0xD0 says. */
export const CHIP_IDS = { BME280: 0x60, BMP280: 0x58 } as const
/** A sensor of the family. */
export type Chip = keyof typeof CHIP_IDS
/** I2C address: SDO to ground, or to the supply. */
export type Address = 0x76 | 0x77

/** Addresses of the registers. */
export const REGISTER = {
  trim: 0x88,
  humidityTrim1: 0xa1,
  id: 0xd0,
  reset: 0xe0,
  humidityTrim: 0xe1,
  ctrlHum: 0xf2,
  status: 0xf3,
  ctrlMeas: 0xf4,
} as const
/** Written to `reset`, it is a power-on reset (5.4.2). */
export const RESET_WORD = 0xb6
/** Humidity sampled once. */
export const HUMIDITY_ONCE = 0x01
/** Temperature and pressure sampled once, then sleep; the mode bits fall back to 0 when it is done. */
export const SAMPLED_ONCE = 0x24
/** The same with the mode "forced", which starts a measurement. */
export const FORCED_ONCE = 0x25

const MEASURING = 0x08
const COPYING_TRIM = 0x01
const SKIPPED_20_BITS = 0x80000
const SKIPPED_16_BITS = 0x8000

/** One burst from ctrl_hum or status to the last data register; a burst is shadowed, so its parts belong together (4.1). */
export interface Burst {
  /** 0 on a BMP280, which has no such register. */
  readonly ctrlHum: number
  readonly ctrlMeas: number
  readonly config: number
  /** A measurement runs, or trimming values are being copied. */
  readonly isBusy: boolean
  readonly temperature: number
  readonly pressure: number
  /** Null on a BMP280. */
  readonly humidity: number | null
  /** The data registers are as a reset leaves them: nothing was measured since. */
  readonly isReset: boolean
  readonly bytes: Uint8Array
}

/** Reads a burst. @throws FieldproofError `sensor-silent`; `sensor-invalid` when every byte is 00 or every byte is ff */
export async function readBurst(session: BoardSession, address: Address, chip: Chip): Promise<Burst> {
  const hasHumidity = chip === 'BME280'
  const bytes = hasHumidity
    ? await readBytes(session, address, REGISTER.ctrlHum, 13)
    : await readBytes(session, address, REGISTER.status, 10)
  const at = (i: number): number => bytes[i + (hasHumidity ? 1 : 0)] ?? 0 // i counts from the status register
  const word20 = (i: number): number => at(i) * 4096 + at(i + 1) * 16 + (at(i + 2) >> 4)
  const pressure = word20(4)
  const temperature = word20(7)
  const humidity = hasHumidity ? at(10) * 256 + at(11) : null
  return {
    ctrlHum: hasHumidity ? (bytes[0] ?? 0) & 0x07 : 0,
    ctrlMeas: at(1),
    config: at(2),
    isBusy: (at(0) & (MEASURING | COPYING_TRIM)) !== 0,
    temperature,
    pressure,
    humidity,
    isReset:
      temperature === SKIPPED_20_BITS &&
      pressure === SKIPPED_20_BITS &&
      (humidity ?? SKIPPED_16_BITS) === SKIPPED_16_BITS,
    bytes,
  }
}

/** Whether one of the numbers is what a register holds when its quantity was not measured, or is at an end of the converter. */
export function hasSkipped({ temperature, pressure, humidity }: Burst): boolean {
  const is20 = (raw: number): boolean => raw === SKIPPED_20_BITS || raw === 0 || raw === 0xfffff
  return is20(temperature) || is20(pressure) || humidity === SKIPPED_16_BITS || humidity === 0 || humidity === 0xffff
}

/**
 * Bytes from a register. A bus whose line hangs reads as all ones or all zeros, which must not become a value.
 * @throws FieldproofError `sensor-silent`; `sensor-invalid`
 */
export async function readBytes(
  session: BoardSession,
  address: Address,
  register: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = await session.i2cRead(address, register, length)
  if (bytes.length !== length)
    throw invalid(address, `${bytes.length} bytes from register ${toHex(Uint8Array.of(register))}, want ${length}`)
  if (length > 1 && (bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff))) {
    throw invalid(
      address,
      `every byte from register ${toHex(Uint8Array.of(register))} on is ${toHex(bytes.subarray(0, 1))}`,
    )
  }
  return bytes
}

/** Reads twice and compares: for what is used for a whole session. @throws FieldproofError `sensor-silent`; `sensor-invalid` */
export async function readTwice(
  session: BoardSession,
  address: Address,
  register: number,
  length: number,
): Promise<Uint8Array> {
  const first = await readBytes(session, address, register, length)
  const second = await readBytes(session, address, register, length)
  if (!equalBytes(first, second)) throw invalid(address, 'two readings of its trimming values differ')
  return first
}

/** The error for an answer that cannot be a measurement. */
export function invalid(address: Address, detail: string): FieldproofError {
  const at = `0x${address.toString(16)}`
  return new FieldproofError('sensor-invalid', `I2C address ${at}: ${detail}`, { facts: { address: at } })
}
