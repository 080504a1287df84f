/** What an Uno looks like from outside: its pins, its serial line, its two-wire bus, its power and its clock. */
import type { ResetCause } from './chip.ts'
import type { TwoWireDevice } from './two-wire.ts'

/** A pin changed its level. */
export interface PinChange {
  readonly pin: number
  readonly level: boolean
  /** Virtual time, ms since the Uno was made, with fractions. */
  readonly ms: number
}

/** A byte that the host hears from the board. */
export interface SerialByte {
  readonly byte: number
  /** Virtual time at the end of the byte, ms. */
  readonly ms: number
}

/** An Uno in virtual time, whatever it is made of. */
export interface Uno {
  /** Virtual time since it was made, ms; a reset does not set it back. */
  readonly nowMs: () => number
  /** Lets `ms` of virtual time pass. */
  readonly run: (ms: number) => void
  /** Does something at a virtual time, which must not be past, during a later `run`. */
  readonly at: (ms: number, action: () => void) => void
  /** Queues bytes on the line to the board. What arrives while its receiver is off, or overruns it, is lost. */
  readonly send: (bytes: Uint8Array) => void
  /** Forgets the bytes of `send` that are not on the line yet. */
  readonly unsend: () => void
  /** Hears every byte from the board, as the host's receiver gets it. Returns a function that ends it. */
  readonly onSerial: (listener: (sent: SerialByte) => void) => () => void
  /** Rate of the host's end of the line, bit/s. Another one than the program's garbles both directions. */
  readonly setBaudRate: (bps: number) => void
  /** Bytes to the board that were lost. */
  readonly lostBytes: () => number
  /** Drives a pin from outside; null lets go of it. The board's own output wins. */
  readonly setPin: (pin: number, level: boolean | null) => void
  /** Volts at A0 to A5 (channel 0 to 5). */
  readonly setAnalog: (channel: number, volts: number) => void
  /** Level at a pin. An undriven input without pull-up is low, as a relay input with a pull-down is. */
  readonly level: (pin: number) => boolean
  /** Hears every change of a pin. Returns a function that ends it. */
  readonly onPin: (pin: number, listener: (change: PinChange) => void) => () => void
  /** Connects a device to A4 (SDA) and A5 (SCL). Returns a function that takes it off again. */
  readonly plugTwoWire: (device: TwoWireDevice) => () => void
  /** Resets the chip. What is on the line to the board stays on it, what the board was sending is cut off. */
  readonly reset: (cause: Exclude<ResetCause, 'watchdog'>) => void
  /** What a host does to the board when it opens the port: a pulse through 100 nF to RESET. */
  readonly dtr: () => void
  /** The chip stops for good, with its outputs as they are and no watchdog: only a reset, or its power, revives it. */
  readonly hang: () => void
  /** Takes power away: pins float, bytes are lost. EEPROM stays, and the clock goes on. */
  readonly powerOff: () => void
  /** Gives power back; nothing when it is there. */
  readonly powerOn: () => void
}

/** What any Uno is wired to. */
export interface WiringOptions {
  /** 1024 bytes, kept by the caller from one Uno to the next and written in place; erased (0xff) when left out. */
  readonly eeprom?: Uint8Array
  /** Devices on A4 (SDA) and A5 (SCL) from the start. */
  readonly twoWire?: readonly TwoWireDevice[]
  /** Rate of the host's end of the line until `setBaudRate`; default 57600. */
  readonly baudRateBps?: number
}
