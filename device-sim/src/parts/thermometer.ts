/** A DS18B20 on a pin of an Uno, as a part that can be broken and remembers what it measured. */
import { connectOneWire, type OneWireBus } from '../avr/index.ts'
import { ds18b20, ds18b20Rom } from './ds18b20.ts'
import type { Part, Signal } from './part.ts'
import { createTruth } from './truth.ts'

/** `absent`: unplugged, from the next reset pulse on; `shorted`: the line is held low; `corrupt`: a bit of each reading falls over. */
export type ThermometerFault = 'absent' | 'shorted' | 'corrupt'

/** A thermometer. It says `celsius`, at the moment at which it begins to measure, in steps of its 12 bits. */
export type Thermometer = Part<ThermometerFault>

/** Of a thermometer. */
export interface ThermometerOptions {
  readonly celsius: Signal
  /** Default 8. */
  readonly pin?: number
  /** Serial number, default 1. */
  readonly serial?: number
}

const DEFAULT_PIN = 8
const STEPS_PER_CELSIUS = 16

/** A thermometer that was powered just now. */
export function thermometer({ celsius, pin = DEFAULT_PIN, serial = 1 }: ThermometerOptions): Thermometer {
  const truth = createTruth()
  let nowMs = (): number => 0
  let broken: ThermometerFault | undefined
  let bus: OneWireBus | undefined
  const measure = (): number => {
    const value = celsius(nowMs())
    truth.say(nowMs(), 'celsius', Math.round(value * STEPS_PER_CELSIUS) / STEPS_PER_CELSIUS)
    return value
  }
  return {
    truth,
    fail: (fault) => {
      broken = fault
      bus?.hold(fault === 'shorted')
      if (fault !== undefined) truth.say(nowMs(), 'celsius', null)
    },
    connect: (uno) => {
      nowMs = uno.nowMs
      const device = ds18b20({
        rom: ds18b20Rom(serial),
        celsius: measure,
        nowMs,
        present: () => broken !== 'absent',
        corrupt: () => broken === 'corrupt',
      })
      bus = connectOneWire(uno, pin, [device])
      bus.hold(broken === 'shorted')
    },
  }
}
