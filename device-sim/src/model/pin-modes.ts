/** Modes, levels and reports of the pins that are open to Firmata (08-board, BOARD-2 to BOARD-5). */
import { encodeNumber, FIRMATA, PIN_MODES, SAMPLING_MS } from '@fieldproof/boards/protocol'
import { ANALOG_COUNT, PIN_COUNT } from '../avr/pins.ts'
import type { Wires } from '../avr/wires.ts'
import { type BoardTime, CYCLES_PER_MS } from './board-time.ts'
import { COUNTER_PINS } from './counters.ts'

/** Pin of the valve. */
export const VALVE_PIN = 7
/** First of the pins with an analog channel. */
export const FIRST_ANALOG_PIN = 14
const SDA_PIN = 18
const RESERVED: readonly number[] = [0, 1, ...COUNTER_PINS, VALVE_PIN]
const PORT_COUNT = 3
const DEFAULT_SAMPLING_MS = 19
const MAX_VALUE = 1023
const REFERENCE_VOLTS = 5

/** A mode, as the line numbers it. */
export type PinMode = (typeof PIN_MODES)[keyof typeof PIN_MODES]

/** Modes that a pin has; none for the board's own. */
export function modesOf(pin: number): readonly PinMode[] {
  if (RESERVED.includes(pin) || pin < 0 || pin >= PIN_COUNT) return []
  const analog = pin >= FIRST_ANALOG_PIN ? [PIN_MODES.analog] : []
  const i2c = pin >= SDA_PIN ? [PIN_MODES.i2c] : []
  const oneWire = pin < FIRST_ANALOG_PIN ? [PIN_MODES['one-wire']] : []
  return [PIN_MODES.input, PIN_MODES.output, ...analog, ...i2c, ...oneWire, PIN_MODES['pull-up']]
}

/** The open pins. */
export interface PinModes {
  readonly mode: (pin: number) => PinMode | undefined
  /** True when the pin has the mode, which it then is in. */
  readonly setMode: (pin: number, mode: number) => boolean
  readonly write: (pin: number, isHigh: boolean) => void
  /** Pulls a pin in 1-Wire mode low, or lets go of it. */
  readonly pull: (pin: number, isLow: boolean) => void
  /** Level that a pin has now, whoever drives it. */
  readonly levelOf: (pin: number) => boolean
  /** Something outside has changed at a pin. */
  readonly refresh: (pin: number) => void
  readonly reportAnalog: (channel: number, isOn: boolean) => void
  readonly reportDigital: (port: number, isOn: boolean) => void
  readonly setSampling: (ms: number) => void
  /** Every pin is an input again, and nothing is reported (BOARD-5). */
  readonly reset: () => void
}

/** Pins after a reset. */
export function createPinModes(time: BoardTime, wires: Wires, say: (bytes: Iterable<number>) => void): PinModes {
  const modes = new Map<number, PinMode>()
  const outputs = new Set<number>()
  const pulled = new Set<number>()
  const channels = new Set<number>()
  const ports = new Map<number, number>()
  let samplingMs = DEFAULT_SAMPLING_MS
  let sampling = 0
  let isReading = false

  const levelOf = (pin: number): boolean => {
    const mode = modes.get(pin)
    if (mode === PIN_MODES.output) return outputs.has(pin)
    if (pulled.has(pin)) return false
    return wires.driven(pin) ?? mode === PIN_MODES['pull-up']
  }
  const levelsOf = (port: number): number => {
    let levels = 0
    for (let bit = 0; bit < 8; bit++) {
      const mode = modes.get(8 * port + bit)
      const isInput = mode === PIN_MODES.input || mode === PIN_MODES['pull-up']
      if (isInput && levelOf(8 * port + bit)) levels |= 1 << bit
    }
    return levels
  }
  const reportPort = (port: number): void => {
    const levels = levelsOf(port)
    ports.set(port, levels)
    say([FIRMATA.digital | port, ...encodeNumber(levels, 2)])
  }
  // Inputs are read once a millisecond: planned only when one may have changed.
  const readPorts = (): void => {
    isReading = false
    for (const [port, levels] of ports) if (levelsOf(port) !== levels) reportPort(port)
  }
  const refresh = (pin: number): void => {
    wires.setLevel(pin, levelOf(pin))
    if (isReading || ports.size === 0) return
    isReading = true
    const sinceReset = time.nowCycles() - time.resetCycles
    time.plan(time.resetCycles + (Math.floor(sinceReset / CYCLES_PER_MS) + 1) * CYCLES_PER_MS, readPorts)
  }
  const sample = (): void => {
    for (const channel of [...channels].sort((a, b) => a - b)) {
      const value = Math.min(Math.floor((wires.volts(channel) / REFERENCE_VOLTS) * (MAX_VALUE + 1)), MAX_VALUE)
      say([FIRMATA.analog | channel, ...encodeNumber(value, 2)])
    }
  }
  const restartSampling = (): void => {
    const current = ++sampling
    const again = (): void => {
      if (sampling !== current || channels.size === 0) return
      sample()
      time.plan(time.nowCycles() + samplingMs * CYCLES_PER_MS, again)
    }
    if (channels.size > 0) time.plan(time.nowCycles() + samplingMs * CYCLES_PER_MS, again)
  }
  const setMode = (pin: number, mode: number): boolean => {
    const allowed = modesOf(pin).find((one) => one === mode)
    if (allowed === undefined) return false
    modes.set(pin, allowed)
    outputs.delete(pin)
    pulled.delete(pin)
    refresh(pin)
    return true
  }
  const reset = (): void => {
    channels.clear()
    ports.clear()
    samplingMs = DEFAULT_SAMPLING_MS
    sampling++
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      setMode(pin, pin < FIRST_ANALOG_PIN ? PIN_MODES.input : PIN_MODES.analog)
    }
  }
  reset()
  return {
    mode: (pin) => modes.get(pin),
    setMode,
    write: (pin, isHigh) => {
      if (modes.get(pin) !== PIN_MODES.output) return
      if (isHigh) outputs.add(pin)
      else outputs.delete(pin)
      refresh(pin)
    },
    pull: (pin, isLow) => {
      if (isLow) pulled.add(pin)
      else pulled.delete(pin)
      refresh(pin)
    },
    levelOf,
    refresh,
    reportAnalog: (channel, isOn) => {
      if (channel >= ANALOG_COUNT) return
      const wasIdle = channels.size === 0
      if (isOn) channels.add(channel)
      else channels.delete(channel)
      if (isOn) setMode(FIRST_ANALOG_PIN + channel, PIN_MODES.analog)
      if (isOn && wasIdle) restartSampling()
    },
    reportDigital: (port, isOn) => {
      if (port >= PORT_COUNT) return
      if (isOn) reportPort(port)
      else ports.delete(port)
    },
    setSampling: (ms) => {
      samplingMs = Math.max(ms, SAMPLING_MS.min)
      restartSampling()
    },
    reset,
  }
}
