/**
 * An Arduino Uno that executes a firmware image in virtual time: the clock advances only in `run`, so that two runs with
 * the same stimuli give the same bytes at the same cycles. What the world does (levels, volts, bytes) happens at exact
 * times through `at`. No bootloader: the program starts at once.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { type Chip, CPU_HZ, EEPROM_BYTES, FLASH_BYTES, type ResetCause, startChip } from './chip.ts'
import { readIntelHex } from './intel-hex.ts'
import { ANALOG_COUNT, FIRST_PIN, PIN_COUNT, portBit } from './pins.ts'
import { createSchedule } from './schedule.ts'
import type { TwoWireDevice } from './two-wire.ts'

/** What an Uno is made of. */
export interface UnoOptions {
  /** Intel HEX text of the firmware. */
  readonly hex: string
  /** 1024 bytes, kept by the caller from one Uno to the next and written in place; erased (0xff) when left out. */
  readonly eeprom?: Uint8Array
  /** Devices on A4 (SDA) and A5 (SCL). */
  readonly twoWire?: readonly TwoWireDevice[]
  /** What `send` transmits at; default 57600. */
  readonly baudRateBps?: number
}

/** A pin changed its level. */
export interface PinChange {
  readonly pin: number
  readonly level: boolean
  /** Virtual time, ms since the Uno was made, with fractions. */
  readonly ms: number
}

/** A byte that the board has sent. */
export interface SerialByte {
  readonly byte: number
  /** Virtual time at the end of the byte, ms. */
  readonly ms: number
}

/** An emulated Uno. */
export interface Uno {
  /** Virtual time since it was made, ms; a reset does not set it back. */
  readonly nowMs: () => number
  /** Executes `ms` of virtual time. */
  readonly run: (ms: number) => void
  /** Does something at a virtual time, which must not be past, during a later `run`. */
  readonly at: (ms: number, action: () => void) => void
  /** Queues bytes on the line to the board. What arrives while its receiver is off, or overruns it, is lost. */
  readonly send: (bytes: Uint8Array) => void
  /** Hears every byte from the board. Returns a function that ends it. */
  readonly onSerial: (listener: (sent: SerialByte) => void) => () => void
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
  /** Reset button, or loss of power. Bytes on the line to the board stay on it. */
  readonly reset: (cause: Exclude<ResetCause, 'watchdog'>) => void
}

const CYCLES_PER_MS = CPU_HZ / 1000
const BITS_PER_BYTE = 10
const DEFAULT_BAUD_RATE_BPS = 57_600
const MAX_VOLTS = 5

/**
 * Powers an Uno up.
 * @throws FieldproofError `hex-invalid` for a firmware that is not Intel HEX, `wrong-length` for an EEPROM of another size;
 * its methods throw `out-of-range` for pins, channels, volts and times that it has not
 */
export function createUno(options: UnoOptions): Uno {
  const flash = readIntelHex(options.hex, FLASH_BYTES)
  const eeprom = options.eeprom ?? new Uint8Array(EEPROM_BYTES).fill(0xff)
  if (eeprom.length !== EEPROM_BYTES) {
    throw new FieldproofError('wrong-length', `an EEPROM of ${eeprom.length} bytes, want ${EEPROM_BYTES}`)
  }
  const byteCycles = Math.round((BITS_PER_BYTE * CPU_HZ) / (options.baudRateBps ?? DEFAULT_BAUD_RATE_BPS))
  const schedule = createSchedule()
  const driven: (boolean | null)[] = new Array(PIN_COUNT).fill(null)
  const levels: boolean[] = new Array(PIN_COUNT).fill(false)
  const volts: number[] = new Array(ANALOG_COUNT).fill(0)
  const pinListeners = new Set<{ readonly pin: number; readonly listener: (change: PinChange) => void }>()
  const serialListeners = new Set<(sent: SerialByte) => void>()
  let chip: Chip | undefined
  let resetCycles = 0
  let lineFreeCycles = 0
  let lost = 0

  const nowCycles = (): number => resetCycles + (chip?.cycles() ?? 0)
  const nowMs = (): number => nowCycles() / CYCLES_PER_MS

  const plan = (cycles: number, action: () => void): void => {
    schedule.add(cycles, action)
    chip?.endBy(cycles - resetCycles)
  }
  const setLevel = (pin: number, level: boolean): void => {
    if (levels[pin] === level) return
    levels[pin] = level
    const change = { pin, level, ms: nowMs() }
    for (const { pin: wanted, listener } of pinListeners) if (wanted === pin) listener(change)
  }
  const readLevels = (port: number, value: number, direction: number): void => {
    const first = FIRST_PIN[port] ?? 0
    for (let pin = first; pin < (FIRST_PIN[port + 1] ?? PIN_COUNT); pin++) {
      const mask = 1 << (pin - first)
      const own = (value & mask) !== 0 // of an input: its pull-up
      setLevel(pin, (direction & mask) !== 0 ? own : (driven[pin] ?? own))
    }
  }
  const start = (cause: ResetCause): void => {
    const at = nowCycles()
    const wiring = {
      flash,
      eeprom,
      devices: options.twoWire ?? [],
      volts: (channel: number) => volts[channel] ?? 0,
      driven: (port: number, bit: number) => driven[(FIRST_PIN[port] ?? 0) + bit] ?? null,
      onPort: readLevels,
      onTransmit: (byte: number) => {
        const sent = { byte, ms: nowMs() }
        for (const listener of serialListeners) listener(sent)
      },
      onWatchdog: () => start('watchdog'),
    }
    resetCycles = at
    chip = undefined
    chip = startChip(wiring, cause)
    for (const port of FIRST_PIN.keys()) readLevels(port, 0, 0) // a reset lets go of every pin
  }
  start('power')

  return {
    nowMs,
    run: (ms) => {
      if (!(ms >= 0)) throw new FieldproofError('out-of-range', `a run of ${ms} ms`)
      const end = nowCycles() + Math.round(ms * CYCLES_PER_MS)
      for (;;) {
        schedule.runDue(nowCycles())
        const target = Math.min(end, schedule.nextAt())
        if (nowCycles() >= end) return
        chip?.runTo(target - resetCycles)
      }
    },
    at: (ms, action) => {
      const cycles = Math.round(ms * CYCLES_PER_MS)
      if (!(cycles >= nowCycles())) throw new FieldproofError('out-of-range', `${ms} ms is past, it is ${nowMs()} ms`)
      plan(cycles, action)
    },
    send: (bytes) => {
      for (const byte of bytes) {
        lineFreeCycles = Math.max(lineFreeCycles, nowCycles()) + byteCycles
        plan(lineFreeCycles, () => {
          if (chip?.receive(byte) === false) lost++
        })
      }
    },
    onSerial: (listener) => subscribe(serialListeners, listener),
    lostBytes: () => lost,
    setPin: (pin, level) => {
      const { port, bit } = portBit(pin)
      driven[pin] = level
      chip?.refresh(port, bit)
      setLevel(pin, chip?.level(port, bit) ?? false)
    },
    setAnalog: (channel, value) => {
      if (!Number.isInteger(channel) || channel < 0 || channel >= ANALOG_COUNT || !(value >= 0 && value <= MAX_VOLTS)) {
        throw new FieldproofError('out-of-range', `no ${value} V at channel ${channel}`, { facts: { channel } })
      }
      volts[channel] = value
    },
    level: (pin) => {
      const { port, bit } = portBit(pin)
      return chip?.level(port, bit) ?? false
    },
    onPin: (pin, listener) => {
      portBit(pin)
      return subscribe(pinListeners, { pin, listener })
    },
    reset: start,
  }
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
