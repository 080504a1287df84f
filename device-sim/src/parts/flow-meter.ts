/**
 * Flow meter (YF-S201) behind the valve: 450 pulses a litre while the board holds the valve pin high and the tap has pressure.
 * Water takes 200 ms to reach its flow, and as long to stop. The output is an open collector, which does not bounce.
 */
import type { Uno } from '../avr/index.ts'
import { type Contact, type ContactFault, createContact } from './contact.ts'
import type { Part, Signal } from './part.ts'
import { startRotor } from './rotor.ts'
import { createTruth } from './truth.ts'

/** Pulses of a litre. */
export const PULSES_PER_LITRE = 450

/**
 * `no-pressure`: nobody has opened the tap; `leak`: the valve lets a tenth through while it is closed; `jammed`: water flows
 * and the wheel does not turn; and the faults of a contact.
 */
export type FlowMeterFault = 'no-pressure' | 'leak' | 'jammed' | ContactFault

/** A flow meter. It says `pulses`: how many, since it was connected, anybody could hear. */
export interface FlowMeter extends Part<FlowMeterFault> {
  /** Water that has flowed, whatever the meter says of it, in steps of a pulse. */
  readonly litres: () => number
}

/** Of a flow meter. */
export interface FlowMeterOptions {
  /** Flow through the open valve, l/min; at most 30. */
  readonly litresPerMinute: Signal
  /** Told of every pulse's worth of water. */
  readonly onWater?: (litres: number, ms: number) => void
  /** Default 4. */
  readonly pin?: number
  /** Default 7, high is open. */
  readonly valvePin?: number
}

const DEFAULT_PIN = 4
const DEFAULT_VALVE_PIN = 7
const RUN_UP_MS = 200
const LEAK_SHARE = 0.1
const MAX_LITRES_PER_MINUTE = 30

/** A flow meter in a dry pipe. */
export function flowMeter(options: FlowMeterOptions): FlowMeter {
  const { litresPerMinute, onWater, pin = DEFAULT_PIN, valvePin = DEFAULT_VALVE_PIN } = options
  const truth = createTruth()
  let flowed = 0
  let pulses = 0
  let broken: FlowMeterFault | undefined
  let contact: Contact | undefined
  let wake = (): void => undefined

  const begin = (uno: Uno): void => {
    let isOpen = uno.level(valvePin)
    let changedMs = Number.NEGATIVE_INFINITY
    let shareThen = 0
    const share = (ms: number): number => {
      const run = (ms - changedMs) / RUN_UP_MS
      return isOpen ? Math.min(1, shareThen + run) : Math.max(0, shareThen - run)
    }
    const pulsesPerSecond: Signal = (ms) => {
      if (broken === 'no-pressure') return 0
      const through = Math.max(share(ms), broken === 'leak' ? LEAK_SHARE : 0)
      return (through * Math.min(MAX_LITRES_PER_MINUTE, litresPerMinute(ms)) * PULSES_PER_LITRE) / 60
    }
    // The wheel makes a pulse in two halves: low, then high.
    let isLow = false
    const step = (angle: number): number => {
      isLow = !isLow
      if (isLow) {
        flowed++
        onWater?.(1 / PULSES_PER_LITRE, uno.nowMs())
      }
      if (broken !== 'jammed') contact?.set(isLow)
      if (isLow && isHeard(broken)) truth.say(uno.nowMs(), 'pulses', ++pulses)
      return angle + 0.5
    }
    const rotor = startRotor(uno, pulsesPerSecond, step, 0.5)
    wake = rotor.wake
    uno.onPin(valvePin, ({ level, ms }) => {
      shareThen = share(ms)
      isOpen = level
      changedMs = ms
      rotor.wake()
    })
  }
  return {
    truth,
    litres: () => flowed / PULSES_PER_LITRE,
    fail: (fault) => {
      broken = fault
      contact?.fail(contactFault(fault))
      wake()
    },
    connect: (uno) => {
      contact = createContact(uno, pin, 0, { ms: [0, 0], pairs: 0 })
      contact.fail(contactFault(broken))
      begin(uno)
    },
  }
}

function contactFault(fault: FlowMeterFault | undefined): ContactFault | undefined {
  return fault === 'unplugged' || fault === 'stuck' ? fault : undefined
}

function isHeard(fault: FlowMeterFault | undefined): boolean {
  return fault === undefined || fault === 'leak'
}
