/**
 * Direction from a vane of reed contacts and resistors: one resistance a position, read as a voltage under a pull-up. Tables in the wild
 * are for other dividers and do not fit each other, so the table here is computed from resistances and the pull-up in use.
 */

/** One position of a vane. */
export interface VanePosition {
  /** Where the wind comes from, deg from north. */
  readonly degrees: number
  readonly ohms: number
}

/** How a vane is read. */
export interface VaneCircuit {
  readonly positions: readonly VanePosition[]
  /** From the input to the supply that the converter measures against. */
  readonly pullUpOhms: number
  /** Highest reading of the converter: 1023 for 10 bits. */
  readonly fullScale: number
}

/** Resistances of SparkFun's weather meter (SEN-15901), from its data sheet; its voltage for 315 degrees there is an erratum. */
export const SPARKFUN_VANE: readonly VanePosition[] = [
  { degrees: 0, ohms: 33_000 },
  { degrees: 22.5, ohms: 6_570 },
  { degrees: 45, ohms: 8_200 },
  { degrees: 67.5, ohms: 891 },
  { degrees: 90, ohms: 1_000 },
  { degrees: 112.5, ohms: 688 },
  { degrees: 135, ohms: 2_200 },
  { degrees: 157.5, ohms: 1_410 },
  { degrees: 180, ohms: 3_900 },
  { degrees: 202.5, ohms: 3_140 },
  { degrees: 225, ohms: 16_000 },
  { degrees: 247.5, ohms: 14_120 },
  { degrees: 270, ohms: 120_000 },
  { degrees: 292.5, ohms: 42_120 },
  { degrees: 315, ohms: 64_900 },
  { degrees: 337.5, ohms: 21_880 },
]

/** The 10 kΩ pull-up of SparkFun's guide on a converter of 10 bits. */
export const SPARKFUN_CIRCUIT: VaneCircuit = { positions: SPARKFUN_VANE, pullUpOhms: 10_000, fullScale: 1023 }

/** Resistors may be this much off: at 5 % the nearest position is still the right one, at 10 % it is not. */
const TOLERANCE = 0.05
/** Noise and rounding of a converter, in counts. */
const NOISE_COUNTS = 2

/** What the converter says of a resistance: fullScale R / (R + pull-up), not rounded. */
export function vaneCounts(ohms: number, pullUpOhms: number, fullScale: number): number {
  return (fullScale * ohms) / (ohms + pullUpOhms)
}

/**
 * Direction of the position whose reading is nearest.
 * @param counts of the converter; may be a mean of several readings of one position
 * @returns deg from north; null when no resistor within 5 % and 2 counts gives that reading: no vane, a short, or another circuit
 */
export function vaneDegrees(counts: number, { positions, pullUpOhms, fullScale }: VaneCircuit): number | null {
  const at = (ohms: number): number => vaneCounts(ohms, pullUpOhms, fullScale)
  const distance = ({ ohms }: VanePosition): number => Math.abs(counts - at(ohms))
  const [first, ...others] = positions
  if (!first) return null
  const { degrees, ohms } = others.reduce((best, other) => (distance(other) < distance(best) ? other : best), first)
  const isNear =
    counts >= at(ohms * (1 - TOLERANCE)) - NOISE_COUNTS && counts <= at(ohms * (1 + TOLERANCE)) + NOISE_COUNTS
  return isNear ? degrees : null
}
