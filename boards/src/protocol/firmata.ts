/** The few words of Firmata 2.5 that Fieldproof itself speaks (08-board, Firmata 2.5, a subset); Johnny-Five's io speaks the rest. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { createGroupReader, encodeBytes, encodeNumber, type GroupReader, invalidMessage } from './groups.ts'
import { SYSEX_END, SYSEX_START } from './splitter.ts'

/** First data byte of a sysex of Fieldproof's own feature. */
export const FEATURE_ID = 0x01

/** Status bytes, and first data bytes of a sysex, by their meaning. */
export const FIRMATA = {
  analog: 0xe0,
  digital: 0x90,
  reportAnalog: 0xc0,
  reportDigital: 0xd0,
  pinMode: 0xf4,
  pinLevel: 0xf5,
  version: 0xf9,
  reset: 0xff,
  oneWire: 0x73,
  i2cRequest: 0x76,
  i2cReply: 0x77,
  i2cConfig: 0x78,
  firmware: 0x79,
  samplingInterval: 0x7a,
} as const

/** Modes of a pin, as the line numbers them. */
export const PIN_MODES = { input: 0, output: 1, analog: 2, i2c: 6, 'one-wire': 7, 'pull-up': 11 } as const

/** Bounds of a sampling interval, in ms (BOARD-2). */
export const SAMPLING_MS: { readonly min: number; readonly max: number } = { min: 10, max: 16_383 }
/** Most bytes that one I2C request writes or reads (BOARD-30). */
export const MAX_I2C_BYTES = 32

const I2C_READ_ONCE = 0x08

const message = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const sysex = (...data: number[]): Uint8Array => message(SYSEX_START, ...data, SYSEX_END)

/** @throws FieldproofError `out-of-range` */
function within(value: number, min: number, max: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new FieldproofError('out-of-range', `${what} is ${value}, want ${min} to ${max}`, { facts: { what, value } })
}

/** Asks for the version, which the board answers with `version`; any live board does. */
export function encodeVersionQuery(): Uint8Array {
  return message(FIRMATA.version)
}

/** Asks for the firmware's name. */
export function encodeFirmwareQuery(): Uint8Array {
  return sysex(FIRMATA.firmware)
}

/** Makes the board forget modes and reports and close its valve; counts stay (BOARD-5, BOARD-10, BOARD-22). */
export function encodeReset(): Uint8Array {
  return message(FIRMATA.reset)
}

/**
 * Gives a pin, 0 to 127, a mode.
 * @throws FieldproofError `out-of-range`
 */
export function encodePinMode(pin: number, mode: keyof typeof PIN_MODES): Uint8Array {
  return message(FIRMATA.pinMode, within(pin, 0, 127, 'pin'), PIN_MODES[mode])
}

/**
 * Sets an output pin, 0 to 127, high or low.
 * @throws FieldproofError `out-of-range`
 */
export function encodePinLevel(pin: number, isHigh: boolean): Uint8Array {
  return message(FIRMATA.pinLevel, within(pin, 0, 127, 'pin'), isHigh ? 1 : 0)
}

/**
 * Has an analog channel, 0 to 15, reported every sampling interval, or no more.
 * @throws FieldproofError `out-of-range`
 */
export function encodeReportAnalog(channel: number, isOn: boolean): Uint8Array {
  return message(FIRMATA.reportAnalog + within(channel, 0, 15, 'channel'), isOn ? 1 : 0)
}

/**
 * Has a port, 0 to 15, of eight digital pins reported now and at every change, or no more.
 * @throws FieldproofError `out-of-range`
 */
export function encodeReportDigital(port: number, isOn: boolean): Uint8Array {
  return message(FIRMATA.reportDigital + within(port, 0, 15, 'port'), isOn ? 1 : 0)
}

/**
 * Sets the time between two analog reports, 10 to 16383 ms.
 * @throws FieldproofError `out-of-range`
 */
export function encodeSamplingInterval(ms: number): Uint8Array {
  return sysex(FIRMATA.samplingInterval, ...encodeNumber(within(ms, SAMPLING_MS.min, SAMPLING_MS.max, 'interval'), 2))
}

/** Turns the I2C bus on; every I2C request before is refused. */
export function encodeI2cConfig(): Uint8Array {
  return sysex(FIRMATA.i2cConfig, ...encodeNumber(0, 2))
}

/**
 * Writes up to 32 bytes to the device with this 7-bit address.
 * @throws FieldproofError `out-of-range`
 */
export function encodeI2cWrite(address: number, data: Uint8Array): Uint8Array {
  within(data.length, 0, MAX_I2C_BYTES, 'length')
  return sysex(FIRMATA.i2cRequest, within(address, 0, 127, 'address'), 0, ...encodeBytes(data))
}

/**
 * Reads `count` bytes, 1 to 32, once, after naming a register if one is given.
 * @throws FieldproofError `out-of-range`
 */
export function encodeI2cRead(address: number, register: number | undefined, count: number): Uint8Array {
  const named = register === undefined ? [] : encodeNumber(within(register, 0, 255, 'register'), 2)
  const wanted = encodeNumber(within(count, 1, MAX_I2C_BYTES, 'count'), 2)
  return sysex(FIRMATA.i2cRequest, within(address, 0, 127, 'address'), I2C_READ_ONCE, ...named, ...wanted)
}

/** What a board reports in Firmata. */
export type FirmataReport =
  /** Raw value of the converter: 0 to 1023 on an Uno. */
  | { readonly kind: 'analog'; readonly channel: number; readonly value: number }
  /** Bit i is the level of pin 8 * port + i. */
  | { readonly kind: 'digital'; readonly port: number; readonly levels: number }
  | { readonly kind: 'version'; readonly major: number; readonly minor: number }
  | { readonly kind: 'firmware'; readonly major: number; readonly minor: number; readonly name: string }
  /** `register` is the one that was named, or 0. */
  | { readonly kind: 'i2c'; readonly address: number; readonly register: number; readonly data: Uint8Array }
  /** A message that is not for this code. */
  | { readonly kind: 'other' }

/**
 * What a whole message that is not of feature 01 says.
 * @throws FieldproofError `board-message-invalid`
 */
export function decodeFirmata(bytes: Uint8Array): FirmataReport {
  const [status = 0, id] = bytes
  if (status === SYSEX_START) {
    if (bytes.at(-1) !== SYSEX_END) throw invalidMessage('a sysex without its end')
    return decodeSysex(id, createGroupReader(bytes.subarray(2, -1)))
  }
  const low = status & 0x0f
  const reader = createGroupReader(bytes.subarray(1))
  if (status === FIRMATA.version) return ended(reader, { kind: 'version', ...versionOf(reader) })
  if (status - low === FIRMATA.analog) return ended(reader, { kind: 'analog', channel: low, value: reader.number(2) })
  if (status - low === FIRMATA.digital) return ended(reader, { kind: 'digital', port: low, levels: reader.number(2) })
  return { kind: 'other' }
}

function decodeSysex(id: number | undefined, reader: GroupReader): FirmataReport {
  if (id === FIRMATA.firmware) {
    return { kind: 'firmware', ...versionOf(reader), name: String.fromCharCode(...pairsOf(reader)) }
  }
  if (id === FIRMATA.i2cReply) {
    return { kind: 'i2c', address: reader.number(2, 127), register: reader.number(2), data: pairsOf(reader) }
  }
  return { kind: 'other' }
}

function versionOf(reader: GroupReader): { major: number; minor: number } {
  return { major: reader.number(1), minor: reader.number(1) }
}

/** All that is left, two groups a byte. */
function pairsOf(reader: GroupReader): Uint8Array {
  if (reader.left() % 2 !== 0) throw invalidMessage('half a byte at its end')
  return reader.bytes(reader.left() / 2)
}

function ended<T>(reader: GroupReader, report: T): T {
  reader.end()
  return report
}
