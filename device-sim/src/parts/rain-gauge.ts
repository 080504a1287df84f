/**
 * Tipping-bucket rain gauge (SparkFun weather meters): a bucket tips for every 0.2794 mm, and closes a reed contact while it
 * swings past. Rain that comes faster than the bucket can tip waits in the funnel, as the total must not lose any.
 */
import type { Uno } from '../avr/index.ts'
import { mix32, subkey, uniform } from '../world/rng.ts'
import { type Contact, type ContactFault, createContact } from './contact.ts'
import type { Part, Signal } from './part.ts'
import { createTruth } from './truth.ts'

/** Rain of a tip, mm. */
export const MM_PER_TIP = 0.2794

/** A rain gauge. It says `tips`: how often it has tipped since it was connected, where anybody could hear it. */
export interface RainGauge extends Part<ContactFault> {
  /** Tips so far, heard or not. */
  readonly tips: () => number
}

/** Of a rain gauge. */
export interface RainGaugeOptions {
  /** Rain fallen so far, mm; what fell before the gauge is connected does not count. */
  readonly fallenMm: Signal
  /** Default 2. */
  readonly pin?: number
  /** Of contact times and bounces; default 1. */
  readonly seed?: number
}

const DEFAULT_PIN = 2
/** Rain is looked at this often, ms. */
const LOOK_MS = 500
const CLOSED_MS = [60, 100] as const
/** The contact is open at least this long between two tips, ms. */
const SWING_BACK_MS = 70
const BOUNCE = { ms: [1, 5], pairs: 3 } as const

/** A rain gauge with an empty bucket. */
export function rainGauge({ fallenMm, pin = DEFAULT_PIN, seed = 1 }: RainGaugeOptions): RainGauge {
  const key = subkey(mix32(seed), 'rain gauge')
  const truth = createTruth()
  let tips = 0
  let broken: ContactFault | undefined
  let contact: Contact | undefined

  const begin = (uno: Uno): void => {
    const emptyMm = fallenMm(uno.nowMs())
    const look = (): void => {
      const nowMs = uno.nowMs()
      const dueMm = emptyMm + (tips + 1) * MM_PER_TIP
      const tipMs = whenAtLeast(fallenMm, dueMm, nowMs, nowMs + LOOK_MS)
      uno.at(tipMs ?? nowMs + LOOK_MS, tipMs === undefined ? look : tip)
    }
    const tip = (): void => {
      const nowMs = uno.nowMs()
      tips++
      if (broken === undefined) truth.say(nowMs, 'tips', tips)
      contact?.set(true)
      const openMs = nowMs + CLOSED_MS[0] + (CLOSED_MS[1] - CLOSED_MS[0]) * uniform(key, tips)
      uno.at(openMs, () => contact?.set(false))
      uno.at(openMs + SWING_BACK_MS, look)
    }
    look()
  }
  return {
    truth,
    tips: () => tips,
    fail: (fault) => {
      broken = fault
      contact?.fail(fault)
    },
    connect: (uno) => {
      contact = createContact(uno, pin, key, BOUNCE)
      contact.fail(broken)
      begin(uno)
    },
  }
}

/** When a rising signal reaches a value, to a millisecond, or undefined when not within the time. */
function whenAtLeast(signal: Signal, value: number, fromMs: number, toMs: number): number | undefined {
  if (signal(fromMs) >= value) return fromMs
  if (!(signal(toMs) >= value)) return undefined
  let early = fromMs
  let late = toMs
  while (late - early > 1) {
    const middle = (early + late) / 2
    if (signal(middle) >= value) late = middle
    else early = middle
  }
  return late
}
