/** A board in virtual time: an emulated or modelled Uno, its serial port, and fake timers for everything on the host. */
import type { Uno } from '@fieldproof/device-sim/avr'
import { installVirtualTime } from '@fieldproof/device-sim/lab'
import { unoLine } from '@fieldproof/device-sim/line'
import { systemClock } from '@fieldproof/sdk/node'
import type { BoardHands, BoardPlace } from '../../../src/testing/index.ts'

const MAX_MS = 60_000
/** Contact times that every counter's debounce lets through. */
const PULSE_MS = [120, 5, 2] as const
const COUNTER_PINS = [2, 3, 4] as const

/** A place around an Uno that was just made. */
export function virtualPlace(uno: Uno): BoardPlace {
  const line = unoLine(uno)
  let inject: (bytes: Uint8Array) => void = () => undefined
  const time = installVirtualTime({ startMs: Date.UTC(2026, 0, 1), run: line.step })
  const pass = (ms: number): Promise<void> => time.pass(ms)
  const hands: BoardHands = {
    setAnalog: uno.setAnalog,
    pulse: async (counter, times) => {
      const pin = COUNTER_PINS[counter]
      for (let i = 0; i < times; i++) {
        uno.setPin(pin, false)
        await pass(PULSE_MS[counter])
        uno.setPin(pin, true)
        await pass(PULSE_MS[counter])
      }
    },
    setPin: uno.setPin,
    level: uno.level,
    plugDevice: device(uno),
    reset: () => uno.reset('external'),
    hang: uno.hang,
    unplug: line.unplug,
    plug: line.plug,
    inject: (bytes) => inject(bytes),
  }
  for (const pin of COUNTER_PINS) uno.setPin(pin, true)
  return {
    open: async (handlers) => {
      inject = handlers.onData
      return await line.open(handlers)
    },
    clock: systemClock(),
    hands,
    until: (promise) => time.until(promise, MAX_MS),
    pass,
    close: async () => time.end(),
  }
}

/** A device of one register. */
function device(uno: Uno): (isThere: boolean) => void {
  let unplug: (() => void) | null = null
  return (isThere) => {
    unplug?.()
    unplug = isThere
      ? uno.plugTwoWire({ address: 0x40, start: () => 'ack', write: () => true, read: () => 0x60 })
      : null
  }
}
