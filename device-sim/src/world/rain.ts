/**
 * Rain within a day: one to four wet spells, drawn for the day, in slots of five minutes. Amounts are whole micrometres
 * that are apportioned by their running sum, so the day's total is the recorded one exactly and not to rounding. The last
 * half hour is dry: a station that samples at any step that divides 30 minutes then reads the whole total before midnight.
 */
import type { DailyRecord } from './daily.ts'
import { DAY_MS } from './daily.ts'
import { draw32, type Key, smoothNoise, subkey, uniform } from './rng.ts'

/** Rain of one day at `ms` after local midnight, 0 <= ms < {@link DAY_MS}. */
export interface RainDay {
  /** Rate, mm/h, constant within five minutes. */
  readonly rate: (ms: number) => number
  /** Fallen since local midnight, mm, a multiple of 0.001. */
  readonly fallen: (ms: number) => number
}

const SLOT_MS = 300_000
const SLOTS = DAY_MS / SLOT_MS
const SLOTS_AN_HOUR = 12
const USABLE_SLOTS = SLOTS - 6
const MAX_WET_SLOTS = 20 * SLOTS_AN_HOUR
const MIN_WET_SLOTS = 2
const MAX_SPELLS = 4
/** A spell takes half an hour to reach its strength, and as long to fade. */
const RAMP_SLOTS = 6

/** Rain of one day. */
export function rainDay(key: Key, day: DailyRecord): RainDay {
  const dayKey = subkey(subkey(key, 'rain'), day.startMs)
  const fallenUm = apportion(Math.round(day.precipitationMm * 1000), weights(dayKey, day.precipitationMm))
  const before = (slot: number): number => fallenUm[slot] ?? 0
  return {
    rate: (ms) => {
      const slot = Math.floor(ms / SLOT_MS)
      return ((before(slot + 1) - before(slot)) * SLOTS_AN_HOUR) / 1000
    },
    fallen: (ms) => {
      const slot = Math.floor(ms / SLOT_MS)
      const share = (ms - slot * SLOT_MS) / SLOT_MS
      return (before(slot) + Math.floor((before(slot + 1) - before(slot)) * share)) / 1000
    },
  }
}

/** Running sum of `total` micrometres shared out by integer weights; entry s is what fell before slot s. */
function apportion(total: number, weight: readonly number[]): readonly number[] {
  const whole = weight.reduce((sum, w) => sum + w, 0)
  const running = [0]
  let sum = 0
  for (const w of weight) {
    sum += w
    running.push(whole === 0 ? 0 : Math.floor((total * sum) / whole))
  }
  return running
}

/** How strongly it rains in each slot, as integers; all zero on a dry day. */
function weights(key: Key, precipitationMm: number): readonly number[] {
  const weight = new Array<number>(SLOTS).fill(0)
  if (precipitationMm === 0) return weight
  const wet = wetSlots(key, precipitationMm)
  const spells = Math.min(MAX_SPELLS, 1 + Math.floor((uniform(key, 1) * wet) / 9))
  const lengths = split(subkey(key, 'lengths'), wet - spells * MIN_WET_SLOTS, spells)
  const gaps = split(subkey(key, 'gaps'), USABLE_SLOTS - wet, spells + 1)
  const strengths = subkey(key, 'strengths')
  let slot = 0
  for (let s = 0; s < spells; s++) {
    slot += gaps[s] ?? 0
    const length = (lengths[s] ?? 0) + MIN_WET_SLOTS
    const strength = 2 + (draw32(strengths, -1 - s) & 3)
    for (let i = 0; i < length; i++, slot++) {
      const ramp = Math.min(i + 1, length - i, RAMP_SLOTS)
      weight[slot] = ramp * strength * burst(strengths, slot)
    }
  }
  return weight
}

/** Wet slots of a day: its amount at a drawn mean rate of 0.5 to 2 mm/h, more on a day with much rain. */
function wetSlots(key: Key, precipitationMm: number): number {
  const rate = (0.5 + 1.5 * uniform(key, 0)) * (1 + precipitationMm / 15)
  const slots = Math.round((precipitationMm / rate) * SLOTS_AN_HOUR)
  return Math.min(MAX_WET_SLOTS, Math.max(MIN_WET_SLOTS, slots))
}

/** 64 to 703: rain swells and eases over about an hour, and flickers from slot to slot. */
function burst(key: Key, slot: number): number {
  const swell = Math.floor(256 * smoothNoise(subkey(key, 'swell'), slot, 10))
  return 256 + 64 + swell + (draw32(key, slot) & 127)
}

/** `total` cut at random into `parts` integers, each >= 0. */
function split(key: Key, total: number, parts: number): readonly number[] {
  const cuts = [0, total]
  for (let i = 1; i < parts; i++) cuts.push(Math.floor(uniform(key, i) * (total + 1)))
  cuts.sort((a, b) => a - b)
  return cuts.slice(1).map((cut, i) => cut - (cuts[i] ?? 0))
}
