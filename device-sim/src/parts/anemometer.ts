/**
 * Cup anemometer (SparkFun weather meters): one closure of a reed contact a turn, one turn a second at 0.66667 m/s. Magnet and
 * bearings are not perfect: edges come up to 4 % of a turn off their angle, which does not add up.
 */
import type { Uno } from '../avr/index.ts'
import { mix32, subkey, uniform } from '../world/rng.ts'
import { type Contact, type ContactFault, createContact } from './contact.ts'
import type { Part, Signal } from './part.ts'
import { startRotor } from './rotor.ts'
import { createTruth } from './truth.ts'

/** Wind of one closure a second, m/s. */
export const MPS_PER_HZ: number = 2.4 / 3.6

/** An anemometer. It says `closures`: how many, since it was connected, anybody could hear. */
export interface Anemometer extends Part<ContactFault> {
  /** Closures so far, heard or not. */
  readonly closures: () => number
}

/** Of an anemometer. */
export interface AnemometerOptions {
  /** m/s */
  readonly windSpeed: Signal
  /** Default 3. */
  readonly pin?: number
  /** Of jitter and bounces; default 1. */
  readonly seed?: number
}

const DEFAULT_PIN = 3
/** What the cups survive, m/s; there a turn takes 9 ms. */
const MAX_MPS = 75
/** Part of a turn for which the magnet holds the contact. */
const CLOSED_TURNS = 0.4
const JITTER_TURNS = 0.04
const BOUNCE = { ms: [0.4, 0.9], pairs: 1 } as const

/** An anemometer that stands still. */
export function anemometer({ windSpeed, pin = DEFAULT_PIN, seed = 1 }: AnemometerOptions): Anemometer {
  const key = subkey(mix32(seed), 'anemometer')
  const truth = createTruth()
  let closures = 0
  let isClosed = false
  let broken: ContactFault | undefined
  let contact: Contact | undefined
  const jitter = (n: number): number => JITTER_TURNS * (2 * uniform(key, n) - 1)
  const begin = (uno: Uno): void => {
    const speed: Signal = (ms) => Math.min(MAX_MPS, windSpeed(ms)) / MPS_PER_HZ
    const step = (): number => {
      isClosed = !isClosed
      if (isClosed) {
        closures++
        if (broken === undefined) truth.say(uno.nowMs(), 'closures', closures)
      }
      contact?.set(isClosed)
      return isClosed ? closures + CLOSED_TURNS + jitter(2 * closures + 1) : closures + 1 + jitter(2 * closures)
    }
    startRotor(uno, speed, step, 1 + jitter(0))
  }
  return {
    truth,
    closures: () => closures,
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
