/**
 * Wetness from a capacitive soil probe. Copies of these probes differ, so each has its own two points: in air and in water. The
 * percentage lies between those points; it is not volumetric water content.
 */
import { FieldproofError } from '@fieldproof/sdk/base'

/** Readings of one probe, in counts of its converter. Output usually falls as wetness rises: dry is above wet. */
export interface SoilCalibration {
  readonly dry: number
  readonly wet: number
}

/** DFRobot SEN0193 at 10 bits, from its wiki: a start, not a calibration. */
export const SEN0193_EXAMPLE: SoilCalibration = { dry: 520, wet: 260 }

/** Temperature and age move a probe that is connected by less than this part of the distance between its two points. */
const DISCONNECTED_MARGIN = 0.15

/**
 * 100 (dry - raw) / (dry - wet), between 0 and 100.
 * @returns %; null for a reading that is further outside the two points than 15 % of their distance: a probe without wire or supply
 * @throws FieldproofError `config-invalid` for two points that are one
 */
export function soilPercent(raw: number, { dry, wet }: SoilCalibration): number | null {
  if (!Number.isFinite(dry - wet) || dry === wet) {
    throw new FieldproofError('config-invalid', `soil probe: dry ${dry} and wet ${wet} must differ`, {
      facts: { dry, wet },
    })
  }
  const part = (dry - raw) / (dry - wet)
  if (!(part >= -DISCONNECTED_MARGIN && part <= 1 + DISCONNECTED_MARGIN)) return null
  return 100 * Math.min(1, Math.max(0, part))
}
