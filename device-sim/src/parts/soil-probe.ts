/**
 * Capacitive soil probe: its volts fall along a straight line from dry to wet, and no two probes have the same two ends. The
 * converter's last bit is unsteady.
 */
import type { Uno } from '../avr/index.ts'
import { mix32, subkey, uniform } from '../world/rng.ts'
import { followVolts, RAIL_VOLTS } from './analog-line.ts'
import type { Part, Signal } from './part.ts'
import { createTruth } from './truth.ts'

/** `floating`: unplugged, the pin picks up anything; `rail`, `ground`: its cable is shorted; `frozen`: it says the same for ever. */
export type SoilProbeFault = 'floating' | 'rail' | 'ground' | 'frozen'

/** A soil probe. It says `counts`: what a 10-bit converter makes of its volts. */
export type SoilProbe = Part<SoilProbeFault>

/** Of a soil probe. */
export interface SoilProbeOptions {
  /** 0 in air, 1 in water; beyond them counts as the end. */
  readonly wetness: Signal
  /** Analog channel. */
  readonly channel: number
  /** Counts in air, default 520. */
  readonly dryCounts?: number
  /** Counts in water, default 260. */
  readonly wetCounts?: number
  /** Of its noise; default 1. */
  readonly seed?: number
}

const DRY_COUNTS = 520
const WET_COUNTS = 260
const COUNTS = 1024
const FOLLOW_MS = 100
/** Largest error, counts. */
const NOISE_COUNTS = 0.8

/** A soil probe. */
export function soilProbe(options: SoilProbeOptions): SoilProbe {
  const { wetness, channel, dryCounts = DRY_COUNTS, wetCounts = WET_COUNTS, seed = 1 } = options
  const key = subkey(subkey(mix32(seed), 'soil probe'), channel)
  const truth = createTruth()
  let broken: SoilProbeFault | undefined
  let said = 0
  let readings = 0
  let update = (): void => undefined
  const counts = (ms: number): number => {
    const noise = NOISE_COUNTS * (2 * uniform(key, readings++) - 1)
    const wet = Math.min(1, Math.max(0, wetness(ms)))
    return dryCounts + (wetCounts - dryCounts) * wet + noise
  }
  const begin = (uno: Uno): void => {
    said = Math.floor(counts(uno.nowMs()))
    update = followVolts(uno, channel, FOLLOW_MS, (ms) => {
      const isTrue = broken === undefined || broken === 'frozen'
      if (broken === undefined) said = Math.floor(counts(ms))
      const value = isTrue ? said : null
      if (truth.latest('counts')?.value !== value) truth.say(ms, 'counts', value)
      if (isTrue) return ((said + 0.5) / COUNTS) * RAIL_VOLTS
      if (broken === 'floating') return RAIL_VOLTS * uniform(key, readings++)
      return broken === 'rail' ? RAIL_VOLTS : 0
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
