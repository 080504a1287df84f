/** Everything at an Uno's pins: what drives them from outside, their levels as they are heard, volts, and the two-wire bus. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { PinChange } from './face.ts'
import { ANALOG_COUNT, FIRST_PIN, PIN_COUNT, portBit } from './pins.ts'
import { subscribe } from './subscribe.ts'
import type { TwoWireDevice } from './two-wire.ts'

const MAX_VOLTS = 5

/** The outside of the pins. */
export interface Wires {
  /** Notes what drives a pin from outside; null is nothing. */
  readonly drive: (pin: number, level: boolean | null) => void
  readonly driven: (pin: number) => boolean | null
  /** A port's registers have these values: notes the levels of its pins. */
  readonly drivePort: (port: number, value: number, direction: number) => void
  /** Notes a pin's level; who listens hears a change. */
  readonly setLevel: (pin: number, level: boolean) => void
  readonly level: (pin: number) => boolean
  /** The board lets go of every pin. */
  readonly release: () => void
  readonly onPin: (pin: number, listener: (change: PinChange) => void) => () => void
  /** @throws FieldproofError `out-of-range` */
  readonly setVolts: (channel: number, volts: number) => void
  readonly volts: (channel: number) => number
  readonly plug: (device: TwoWireDevice) => () => void
  /** Devices on the bus at the moment. */
  readonly devices: Iterable<TwoWireDevice>
}

/** Wires with nothing at them but `twoWire`. */
export function createWires(twoWire: readonly TwoWireDevice[], nowMs: () => number): Wires {
  const driven: (boolean | null)[] = new Array(PIN_COUNT).fill(null)
  const levels: boolean[] = new Array(PIN_COUNT).fill(false)
  const volts: number[] = new Array(ANALOG_COUNT).fill(0)
  const devices = new Set(twoWire)
  const listeners = new Set<{ readonly pin: number; readonly listener: (change: PinChange) => void }>()

  const setLevel = (pin: number, level: boolean): void => {
    if (levels[pin] === level) return
    levels[pin] = level
    if (listeners.size === 0) return
    const change = { pin, level, ms: nowMs() }
    for (const { pin: wanted, listener } of listeners) if (wanted === pin) listener(change)
  }
  const drivePort = (port: number, value: number, direction: number): void => {
    const first = FIRST_PIN[port] ?? 0
    for (let pin = first; pin < (FIRST_PIN[port + 1] ?? PIN_COUNT); pin++) {
      const mask = 1 << (pin - first)
      const own = (value & mask) !== 0 // of an input: its pull-up
      setLevel(pin, (direction & mask) !== 0 ? own : (driven[pin] ?? own))
    }
  }
  return {
    drive: (pin, level) => {
      driven[pin] = level
    },
    driven: (pin) => driven[pin] ?? null,
    drivePort,
    setLevel,
    level: (pin) => levels[pin] ?? false,
    release: () => {
      for (const port of FIRST_PIN.keys()) drivePort(port, 0, 0)
    },
    onPin: (pin, listener) => {
      portBit(pin)
      return subscribe(listeners, { pin, listener })
    },
    setVolts: (channel, value) => {
      if (!Number.isInteger(channel) || channel < 0 || channel >= ANALOG_COUNT || !(value >= 0 && value <= MAX_VOLTS)) {
        throw new FieldproofError('out-of-range', `no ${value} V at channel ${channel}`, { facts: { channel } })
      }
      volts[channel] = value
    },
    volts: (channel) => volts[channel] ?? 0,
    plug: (device) => subscribe(devices, device),
    devices,
  }
}
