/**
 * A watered plot: the soil of a site, and what irrigation has added to it. The addition leaves the upper layer within a day,
 * partly into the lower one, which keeps it for days. It is computed in closed form from one watering to the next, so that
 * asking more often changes nothing.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { exponential } from './exponential.ts'
import type { Site } from './site.ts'
import { DEEP_MM, SATURATION, SHALLOW_MM, type SoilWater } from './soil.ts'

/** A plot. It has a memory: waterings must come in the order of time. */
export interface Plot {
  /**
   * Water arrives.
   * @param recordedMs recorded time, not before the watering before
   * @param mm >= 0
   * @throws FieldproofError `out-of-range`
   */
  readonly irrigate: (recordedMs: number, mm: number) => void
  /** Water at a recorded time, m3/m3; before the last watering: as of that watering. */
  readonly moisture: (recordedMs: number) => SoilWater
}

const HOUR_MS = 3_600_000
const SHALLOW_KEEPS_MS = 18 * HOUR_MS
const DEEP_KEEPS_MS = 96 * HOUR_MS
/** Of what leaves the upper layer, what reaches the lower one; plants take the rest. */
const SEEPS = 0.6

/** A plot of a site that nobody has watered yet. */
export function createPlot(site: Site): Plot {
  let addedMs = Number.NEGATIVE_INFINITY
  let shallowMm = 0
  let deepMm = 0
  const left = (recordedMs: number): { readonly shallowMm: number; readonly deepMm: number } => {
    if (shallowMm === 0 && deepMm === 0) return { shallowMm, deepMm }
    const ms = Math.max(0, recordedMs - addedMs)
    const a = exponential(-ms / SHALLOW_KEEPS_MS)
    const b = exponential(-ms / DEEP_KEEPS_MS)
    const arriving = ((SEEPS * DEEP_KEEPS_MS) / (DEEP_KEEPS_MS - SHALLOW_KEEPS_MS)) * shallowMm * (b - a)
    return { shallowMm: shallowMm * a, deepMm: deepMm * b + arriving }
  }
  return {
    irrigate: (recordedMs, mm) => {
      if (!(mm >= 0 && recordedMs >= addedMs)) {
        throw new FieldproofError('out-of-range', `${mm} mm of water at ${recordedMs} ms`, {
          facts: { recordedMs, mm },
        })
      }
      const now = left(recordedMs)
      shallowMm = now.shallowMm + mm
      deepMm = now.deepMm
      addedMs = recordedMs
    },
    moisture: (recordedMs) => {
      const natural = site.soilWater(recordedMs)
      const added = left(recordedMs)
      return {
        shallow: Math.min(SATURATION, natural.shallow + added.shallowMm / SHALLOW_MM),
        deep: Math.min(SATURATION, natural.deep + added.deepMm / DEEP_MM),
      }
    },
  }
}
