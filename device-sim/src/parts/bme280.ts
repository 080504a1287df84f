/**
 * BME280 (or BMP280) on the two-wire bus. Reading goes on from register to register; writing does not: after a register's
 * value comes the next register's name. While a read is under way its data do not change (shadowing), so that a burst holds
 * one measurement, and single reads may mix two. Filter and resolution per oversampling are not modelled.
 */
import type { TwoWireDevice, Uno } from '../avr/index.ts'
import { CALIBRATION, compensate, type RawSample, rawOf } from './bme280-formula.ts'
import { createMeasuring, type Measurement } from './bme280-measuring.ts'
import { dataBytes, REGISTER, SKIPPED, writeCalibration } from './bme280-registers.ts'
import type { Part, Signal } from './part.ts'
import { createTruth } from './truth.ts'

/**
 * `absent`: does not acknowledge; `holds`: holds the clock line; `zeros`: every register reads 0; `frozen`: measures, and its data
 * do not change; `silentAfterBytes`: after that many more bytes of reading it lets go of the line (which then reads 0xff), and is
 * absent from there on.
 */
export type Bme280Fault = 'absent' | 'holds' | 'zeros' | 'frozen' | { readonly silentAfterBytes: number }

/**
 * A BME280. It says `airTemperature` (Cel), `pressure` (hPa) and `relativeHumidity` (%), each at the moment at which its last
 * byte was read.
 */
export interface Bme280 extends Part<Bme280Fault> {
  /** What `connect` plugs into the bus. */
  readonly device: TwoWireDevice
  /** Power is lost and comes back: settings and data are gone, as when the board's cable is pulled. */
  readonly powerCycle: () => void
}

/** Of a BME280. */
export interface Bme280Options {
  readonly celsius: Signal
  readonly percent: Signal
  readonly hectopascal: Signal
  /** Default 0x76. */
  readonly address?: number
  /** Default 0x60; 0x58 makes it a BMP280, which is often sold in its place. */
  readonly chipId?: 0x60 | 0x58
}

const BME280_ID = 0x60
const DEFAULT_ADDRESS = 0x76
const RESET_WORD = 0xb6
/** After a reset the constants are copied for this long, ms (table 1: start-up time). */
const START_UP_MS = 2
const MEASURING_BIT = 8
const COPYING_BIT = 1
const FLOATING = 0xff
const QUANTITIES = ['airTemperature', 'pressure', 'relativeHumidity']
const LAST_BYTES: ReadonlyMap<number, keyof RawSample> = new Map([
  [REGISTER.temperature - 1, 'pressure'],
  [REGISTER.humidity - 1, 'temperature'],
  [REGISTER.dataEnd - 1, 'humidity'],
])

/** A BME280 that was powered just now. */
export function bme280(options: Bme280Options): Bme280 {
  const { address = DEFAULT_ADDRESS, chipId = BME280_ID } = options
  const hasHumidity = chipId === BME280_ID
  const truth = createTruth()
  const memory = new Uint8Array(256)
  let nowMs = (): number => 0
  let measuring = createMeasuring()
  let resetMs = 0
  let raw = SKIPPED
  let broken: Bme280Fault | undefined
  let bytesLeft = Number.POSITIVE_INFINITY
  let pointer = 0
  let named = false

  const reset = (): void => {
    memory.fill(0)
    memory[REGISTER.id] = chipId
    writeCalibration(memory, CALIBRATION, hasHumidity)
    measuring = createMeasuring()
    resetMs = nowMs()
    raw = SKIPPED
    memory.set(dataBytes(raw), REGISTER.pressure)
  }
  const measured = ({ startMs, temperature, pressure, humidity }: Measurement): RawSample => {
    const all = rawOf(CALIBRATION, {
      celsius: options.celsius(startMs),
      hectopascal: options.hectopascal(startMs),
      percent: options.percent(startMs),
    })
    return {
      temperature: temperature ? all.temperature : SKIPPED.temperature,
      pressure: pressure ? all.pressure : SKIPPED.pressure,
      humidity: humidity && hasHumidity ? all.humidity : SKIPPED.humidity,
    }
  }
  /** Brings the registers up to date, which a read in progress must not see. */
  const refresh = (): void => {
    const finished = measuring.finished(nowMs())
    if (finished !== undefined && broken !== 'frozen') raw = measured(finished)
    memory.set(dataBytes(raw), REGISTER.pressure)
    memory[REGISTER.status] =
      (measuring.isBusy(nowMs()) ? MEASURING_BIT : 0) | (nowMs() - resetMs < START_UP_MS ? COPYING_BIT : 0)
    memory[REGISTER.control] = ((memory[REGISTER.control] ?? 0) & ~3) | measuring.mode(nowMs())
  }
  const write = (register: number, byte: number): void => {
    if (register === REGISTER.reset && byte === RESET_WORD) reset()
    if (register === REGISTER.controlHumidity && hasHumidity) memory[register] = byte & 7
    if (register === REGISTER.config) memory[register] = byte
    if (register !== REGISTER.control) return
    refresh()
    memory[register] = byte
    const controlHumidity = memory[REGISTER.controlHumidity] ?? 0
    measuring.command({ controlHumidity, control: byte, config: memory[REGISTER.config] ?? 0 }, nowMs())
  }
  /** Notes what the last byte of a quantity has completed. What was skipped says nothing. */
  const say = (register: number): void => {
    const quantity = LAST_BYTES.get(register)
    if (quantity === undefined || raw.temperature === SKIPPED.temperature || raw[quantity] === SKIPPED[quantity]) return
    const climate = compensate(CALIBRATION, raw)
    if (quantity === 'pressure') truth.say(nowMs(), 'pressure', climate.hectopascal)
    else if (quantity === 'temperature') truth.say(nowMs(), 'airTemperature', climate.celsius)
    else truth.say(nowMs(), 'relativeHumidity', climate.percent)
  }
  const isAbsent = (): boolean => broken === 'absent' || bytesLeft <= 0
  reset()

  const device: TwoWireDevice = {
    address,
    start: (isWrite) => {
      if (isAbsent()) return 'nack'
      if (broken === 'holds') return 'hold'
      if (isWrite) named = false
      else refresh()
      return 'ack'
    },
    write: (byte) => {
      if (isAbsent()) return false
      if (named) write(pointer, byte)
      else pointer = byte
      named = !named
      return true
    },
    read: () => {
      if (isAbsent()) return FLOATING
      bytesLeft--
      const register = pointer
      pointer = (pointer + 1) & 0xff
      if (broken === 'zeros') return 0
      say(register)
      return memory[register] ?? 0
    },
  }
  return {
    truth,
    device,
    fail: (fault) => {
      broken = fault
      bytesLeft = typeof fault === 'object' ? fault.silentAfterBytes : Number.POSITIVE_INFINITY
      for (const quantity of fault === undefined || fault === 'frozen' ? [] : QUANTITIES) {
        truth.say(nowMs(), quantity, null)
      }
    },
    connect: (uno: Uno) => {
      nowMs = uno.nowMs
      reset()
      uno.plugTwoWire(device)
    },
    powerCycle: reset,
  }
}
