/** A DS18B20 thermometer with a supply of its own, as its data sheet (19-7487) has it. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { OneWireDevice } from '../avr/one-wire.ts'
import type { Signal } from './part.ts'
import { createTruth, type Truth } from './truth.ts'

/** A thermometer on a 1-Wire bus. It says `celsius`, when its scratchpad is read. */
export interface Ds18b20 extends OneWireDevice {
  readonly truth: Truth
}

/** What a DS18B20 measures, and what is wrong with it. */
export interface Ds18b20Options {
  /** 8 bytes; `ds18b20Rom` makes one. */
  readonly rom: Uint8Array
  /** Temperature of the probe, Cel. */
  readonly celsius: Signal
  /** Virtual time, ms: `uno.nowMs`. */
  readonly nowMs: () => number
  /** Whether it is plugged in; always, when left out. Plugged in again it starts at 85 Cel. */
  readonly present?: () => boolean
  /** Whether a bit of the scratchpad that is now read falls over on the cable; never, when left out. */
  readonly corrupt?: () => boolean
}

const FAMILY = 0x28
const CONVERT = 0x44
const WRITE_SCRATCHPAD = 0x4e
const READ_SCRATCHPAD = 0xbe
const READ_POWER_SUPPLY = 0xb4
const CONVERSION_MS = 750 // at 12 bits; half for every bit less
const POWER_UP_CELSIUS = 85
const POWER_UP_REGISTERS = [0x4b, 0x46, 0x7f]
const CORRUPTED_BIT = 0x04

/**
 * A DS18B20 for `connectOneWire`. A scratchpad read before a conversion is over has the value before.
 * @throws FieldproofError `wrong-length` for a ROM that has not 8 bytes
 */
export function ds18b20(options: Ds18b20Options): Ds18b20 {
  const { rom, celsius, nowMs, present = (): boolean => true, corrupt = (): boolean => false } = options
  if (rom.length !== 8) throw new FieldproofError('wrong-length', `a ROM of ${rom.length} bytes, want 8`)
  const truth = createTruth()
  let registers = [...POWER_UP_REGISTERS] // alarms high and low, configuration
  let raw = rawOf(POWER_UP_CELSIUS, 12)
  let conversion: { readonly endMs: number; readonly raw: number } | undefined
  let command = 0
  let written: number[] = []
  let answer: number[] = []

  const finish = (): void => {
    if (conversion === undefined || nowMs() < conversion.endMs) return
    raw = conversion.raw
    conversion = undefined
  }
  const resolutionBits = (): number => 9 + (((registers[2] ?? 0) >> 5) & 3)
  const obey = (byte: number): void => {
    command = byte
    written = []
    answer = []
    finish()
    if (byte === CONVERT && conversion === undefined) {
      const bits = resolutionBits()
      conversion = { endMs: nowMs() + CONVERSION_MS / 2 ** (12 - bits), raw: rawOf(celsius(nowMs()), bits) }
    }
    if (byte !== READ_SCRATCHPAD) return
    answer = damaged(scratchpad(raw, registers), corrupt())
    truth.say(nowMs(), 'celsius', ((raw << 16) >> 16) / 16)
  }
  const busy = (): number => {
    finish()
    return conversion === undefined ? 0xff : 0
  }
  return {
    rom,
    truth,
    present: () => {
      if (present()) return true
      registers = [...POWER_UP_REGISTERS]
      raw = rawOf(POWER_UP_CELSIUS, 12)
      conversion = undefined
      return false
    },
    reset: () => {
      command = 0
    },
    command: (byte) => {
      if (command !== WRITE_SCRATCHPAD) return obey(byte)
      if (written.push(byte) <= 3) registers = [...written, ...registers.slice(written.length)]
    },
    read: () => {
      if (command === READ_SCRATCHPAD) return answer.shift() ?? 0xff
      if (command === CONVERT) return busy()
      return command === READ_POWER_SUPPLY ? 0xff : null
    },
  }
}

/** ROM of a DS18B20 with a serial number of up to 48 bits. */
export function ds18b20Rom(serial: number): Uint8Array {
  const bytes = [FAMILY, ...Array.from({ length: 6 }, (_, i) => Math.floor(serial / 256 ** i) % 256)]
  return Uint8Array.of(...bytes, crc8(bytes))
}

/** CRC-8 of 1-Wire: polynomial 0x31, reflected, start 0. The sensor's own, so that a driver's mistake does not check itself. */
export function crc8(bytes: readonly number[]): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) === 0 ? 0 : 0x8c)
  }
  return crc
}

/** Sixteenths of a degree, two's complement; bits below the resolution are 0. */
function rawOf(celsius: number, bits: number): number {
  const sixteenths = Math.round(Math.min(Math.max(celsius, -55), 125) * 16)
  return sixteenths & (0xffff << (12 - bits)) & 0xffff
}

function scratchpad(raw: number, registers: readonly number[]): number[] {
  const bytes = [raw & 0xff, raw >> 8, ...registers, 0xff, 0x0c, 0x10]
  return [...bytes, crc8(bytes)]
}

function damaged(bytes: number[], isDamaged: boolean): number[] {
  return isDamaged ? [(bytes[0] ?? 0) ^ CORRUPTED_BIT, ...bytes.slice(1)] : bytes
}
