/** A driver for a BME280 as its data sheet's appendix gives it in floating point: independent of the formula of the part. */
import type { TwoWireDevice } from '../../src/avr/index.ts'

/** What a driver reads. */
export interface Climate {
  readonly celsius: number
  readonly hectopascal: number
  readonly percent: number
}

export const CHIP_ID = 0xd0
export const CONTROL_HUMIDITY = 0xf2
export const STATUS = 0xf3
export const CONTROL = 0xf4
export const CONFIG = 0xf5
export const DATA = 0xf7
export const DATA_BYTES = 8
/** Forced mode, everything sampled once. */
export const FORCED = 0b001_001_01

/** Reads registers in one go. */
export function readBytes(device: TwoWireDevice, register: number, count: number): number[] {
  device.start(true)
  device.write(register)
  device.start(false)
  return Array.from({ length: count }, () => device.read())
}

/** Writes pairs of register and value. */
export function writePairs(device: TwoWireDevice, ...bytes: number[]): boolean {
  return device.start(true) === 'ack' && bytes.every((byte) => device.write(byte))
}

/** Values of a burst from 0xf7 on, with the constants from 0x88 (25 and one bytes) and 0xe1 (7 bytes). */
export function decode(low: readonly number[], high: readonly number[], data: readonly number[]): Climate {
  const at = (bytes: readonly number[], i: number): number => bytes[i] ?? Number.NaN
  const u16 = (i: number): number => at(low, i) + 256 * at(low, i + 1)
  const s16 = (i: number): number => (u16(i) << 16) >> 16
  const s8 = (byte: number): number => (byte << 24) >> 24
  const [p, t] = [0, 3].map((i) => (at(data, i) << 12) | (at(data, i + 1) << 4) | (at(data, i + 2) >> 4))
  const h = (at(data, 6) << 8) | at(data, 7)
  if (p === undefined || t === undefined) throw new Error('no data')

  const t1 = (t / 16_384 - u16(0) / 1024) * s16(2)
  const t2 = (t / 131_072 - u16(0) / 8192) ** 2 * s16(4)
  const fine = t1 + t2

  const p1 = fine / 2 - 64_000
  const p2 = ((p1 * p1 * s16(16)) / 32_768 + p1 * s16(14) * 2) / 4 + s16(12) * 65_536
  const p3 = (1 + ((s16(10) * p1 * p1) / 524_288 + s16(8) * p1) / 524_288 / 32_768) * u16(6)
  const p4 = ((1_048_576 - p - p2 / 4096) * 6250) / p3
  const pascal = p4 + ((s16(22) * p4 * p4) / 2_147_483_648 + (p4 * s16(20)) / 32_768 + s16(18)) / 16

  const h4 = s8(at(high, 3)) * 16 + (at(high, 4) & 15)
  const h5 = s8(at(high, 5)) * 16 + (at(high, 4) >> 4)
  const h2 = ((at(high, 0) + 256 * at(high, 1)) << 16) >> 16
  const warm = fine - 76_800
  const scale = 1 + (s8(at(high, 6)) / 67_108_864) * warm * (1 + (at(high, 2) / 67_108_864) * warm)
  const straight = (h - (h4 * 64 + (h5 / 16_384) * warm)) * ((h2 / 65_536) * scale)
  const percent = straight * (1 - (at(low, 25) * straight) / 524_288)
  return { celsius: fine / 5120, hectopascal: pascal / 100, percent: Math.min(100, Math.max(0, percent)) }
}

/** Constants and data of a device, as a driver reads them. */
export function readClimate(device: TwoWireDevice): Climate {
  return decode(readBytes(device, 0x88, 26), readBytes(device, 0xe1, 7), readBytes(device, DATA, DATA_BYTES))
}
