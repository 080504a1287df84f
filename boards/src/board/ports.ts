/**
 * What sensor drivers and stations see of a board. One session is one connection: it ends with the first unplug, reset, silence or
 * garbled message, and what comes after it is another session with another epoch. Every answer arrived after the question: a
 * session keeps no value, so it cannot give an old one.
 */

import type { FieldproofError } from '@fieldproof/sdk/base'
import type { FirmataIo } from './firmata-io.ts'
import type { Board as JohnnyFiveBoard } from './johnny-five.ts'

/** Firmware as Firmata reports it. */
export interface FirmwareName {
  readonly name: string
  readonly major: number
  readonly minor: number
}

/** What our own firmware says of itself (schemas/spec/08-board.md, reply `40`). */
export interface BoardIdentity {
  /** 16 hex digits; boards/firmware/manifest.json maps it to sources and hex. */
  readonly buildId: string
  /** Counts every reset of the chip. */
  readonly boots: number
  /** Bits: 1 power, 2 external, 4 brown-out, 8 watchdog. */
  readonly resetCause: number
}

/** Pulse counters of the board, all from one moment. */
export interface CounterReading {
  /** Pulses since the reset, modulo 2^32: rain (D2), wind (D3), flow (D4). */
  readonly pulses: readonly [rain: number, wind: number, flow: number]
  /** The board's own milliseconds since its reset: rates need no clock of ours. */
  readonly boardMs: number
}

/** What the valve really does. */
export interface ValveReading {
  /** Level read back from the pin. */
  readonly isOpen: boolean
  /** Until the board closes it by itself, in ms. */
  readonly remainingMs: number
  readonly state: 'never-opened' | 'closed-by-host' | 'time-over' | 'closed-by-reset' | 'open'
}

/** One connection to a board. Methods reject with the session's reason once it is over. */
export interface BoardSession {
  /** Grows with every connection of this process. */
  readonly epoch: number
  readonly firmware: FirmwareName
  /** Null when the board runs somebody else's firmware: no counters, no valve, no 1-Wire, no line check. */
  readonly identity: BoardIdentity | null
  /** Aborted when the connection is over; its reason is the FieldproofError that says why. */
  readonly signal: AbortSignal
  /** Johnny-Five's `board.io`. */
  readonly io: FirmataIo
  /** A Johnny-Five board on this connection, for its components; always pass it as `board:`. @throws FieldproofError `config-invalid` where johnny-five is not installed */
  johnnyFive(): Promise<JohnnyFiveBoard>
  /** The next report of an analog pin: channel 0 to 5, value 0 to 1023. @throws FieldproofError `sensor-silent` */
  analogRead(channel: number): Promise<number>
  /** @throws FieldproofError `sensor-silent` when nobody acknowledges, on our firmware; a foreign one does not say */
  i2cWrite(address: number, bytes: Uint8Array): Promise<void>
  /** `length` bytes from a register, 1 to 32. @throws FieldproofError `sensor-silent` or `sensor-invalid` */
  i2cRead(address: number, register: number, length: number): Promise<Uint8Array>
  /** ROM codes (8 bytes, check digit verified) on a 1-Wire pin. @throws FieldproofError `sensor-silent`, `board-refused` */
  oneWireSearch(pin: number): Promise<readonly Uint8Array[]>
  /** Reset, select (`null` for all), write, then read `length` bytes. @throws FieldproofError `sensor-silent` */
  oneWireTransfer(pin: number, rom: Uint8Array | null, bytes: Uint8Array, length: number): Promise<Uint8Array>
  counters(): Promise<CounterReading>
  /** Debounce of counter 0 (rain), 1 (wind) or 2 (flow). */
  setDebounce(counter: 0 | 1 | 2, us: number): Promise<void>
  valve(): Promise<ValveReading>
  /** Resolves with what the board read back. @throws FieldproofError `command-failed` unless the valve is then open */
  openValve(maxMs: number): Promise<ValveReading>
  /** @throws FieldproofError `command-failed` unless the valve is then closed */
  closeValve(): Promise<ValveReading>
  /** Hears what the valve says unasked: that its time is over. Returns a function that ends it. */
  onValve(listener: (reading: ValveReading) => void): () => void
  /** Drives a digital pin and reads its state back. @throws FieldproofError `command-failed` unless the board then says the same */
  digitalWrite(pin: number, level: boolean): Promise<void>
  /**
   * Resolves when every byte since the last check is known to have arrived as the board sent it (BOARD-9). What was read since is
   * to be recorded after that, and only then. On foreign firmware there is no such check: it resolves at once.
   * @throws FieldproofError `board-garbled`
   */
  check(): Promise<void>
  /**
   * Faults of the line that this session has seen. A fault is thrown by one `check` only, whoever asks for it: what was read is whole
   * when its own `check` has resolved and this number is that of the time before the reading.
   */
  readonly lineFaults: number
}

/** A sensor's driver: what a maker writes, in one file. */
export interface SensorDriver<Quantity extends string = string> {
  /** Looks for the sensor and sets it up, at the beginning of every session. @throws FieldproofError `sensor-silent`, `sensor-mismatch`, … */
  start(session: BoardSession): Promise<StartedSensor<Quantity>>
}

/** What a sensor said, and what its driver will remember of it. */
export interface Measurement<Quantity extends string = string> {
  /** Real units; null for a quantity that the sensor cannot give at the moment. */
  readonly values: Readonly<Record<Quantity, number | null>>
  /** Moves the driver's state on (the count that a difference was taken from). Called once the reading is known to be whole, or never. */
  readonly commit?: () => void
  /** Why a quantity is null although the sensor answered: raw values are kept, and the fault goes to the health stream. */
  readonly fault?: FieldproofError
}

/** A sensor on one session. */
export interface StartedSensor<Quantity extends string = string> {
  /** Measures now, within 5 s: one that takes longer is taken for silent. @throws FieldproofError `sensor-silent`, `sensor-invalid` */
  read(): Promise<Measurement<Quantity>>
  /** For sensors that must be looked at more often than a row is made (gusts). Returns what commits the sample. */
  sample?(): Promise<() => void>
}
