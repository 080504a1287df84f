/**
 * Wind vane (SparkFun weather meters): eight reed contacts at 45 degrees, each with a resistor of its own to ground, behind a
 * pull-up of 10 kΩ. The magnet is wide enough to hold two neighbours half-way between them, and both resistors are then in
 * parallel: that gives the eight positions in between.
 */
import type { Uno } from '../avr/index.ts'
import { dividerVolts, followVolts } from './analog-line.ts'
import type { Part, Signal } from './part.ts'
import { createTruth } from './truth.ts'

/** `unplugged`: only the pull-up is left; `frozen`: ice holds the vane where it is. */
export type WindVaneFault = 'unplugged' | 'frozen'

/** A wind vane. It says `direction`: one of 16, degrees clockwise from north. */
export type WindVane = Part<WindVaneFault>

/** Of a wind vane. */
export interface WindVaneOptions {
  /** Degrees clockwise from north, any finite number. */
  readonly windDirection: Signal
  /** Analog channel, default 0. */
  readonly channel?: number
}

/** Resistor of the contact at 0, 45, ... 315 degrees, Ω. */
const OHMS = [33_000, 8200, 1000, 2200, 3900, 16_000, 120_000, 64_900]
const POSITION_DEG = 22.5
const PULL_UP_OHMS = 10_000
const FOLLOW_MS = 50

/** A wind vane. */
export function windVane({ windDirection, channel = 0 }: WindVaneOptions): WindVane {
  const truth = createTruth()
  let broken: WindVaneFault | undefined
  let position = 0
  let update = (): void => undefined
  const begin = (uno: Uno): void => {
    update = followVolts(uno, channel, FOLLOW_MS, (ms) => {
      if (broken !== 'frozen') position = positionOf(windDirection(ms))
      const value = broken === 'unplugged' ? null : position * POSITION_DEG
      if (truth.latest('direction')?.value !== value) truth.say(ms, 'direction', value)
      return vaneVolts(broken === 'unplugged' ? undefined : position)
    })
  }
  return {
    truth,
    fail: (fault) => {
      broken = fault
      update()
    },
    connect: begin,
  }
}

/**
 * Volts of a position.
 * @param position 0 to 15, in steps of 22.5 degrees from north; undefined when no contact is closed
 */
export function vaneVolts(position: number | undefined): number {
  if (position === undefined) return dividerVolts(Number.POSITIVE_INFINITY, PULL_UP_OHMS)
  const own = OHMS[Math.floor(position / 2) % 8] ?? Number.POSITIVE_INFINITY
  const next = OHMS[Math.floor((position + 1) / 2) % 8] ?? Number.POSITIVE_INFINITY
  const ohms = position % 2 === 0 ? own : 1 / (1 / own + 1 / next)
  return dividerVolts(ohms, PULL_UP_OHMS)
}

function positionOf(degrees: number): number {
  const position = Math.round(degrees / POSITION_DEG) % 16
  return position < 0 ? position + 16 : position
}
