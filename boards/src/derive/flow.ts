/** Water through a turbine whose pulses are counted. */

/**
 * Pulses of a YF-S201 for one litre: f[Hz] = 7.5 Q[l/min]. It is good to 10 %; a bucket and a scale make it better. Pages that
 * say 7.5 pulses a litre are wrong by 60.
 */
export const YF_S201_PULSES_PER_LITRE = 450

/** Litres of so many pulses. @param pulsesPerLitre by data sheet or calibration, above 0 */
export function litres(pulses: number, pulsesPerLitre: number = YF_S201_PULSES_PER_LITRE): number {
  return pulses / pulsesPerLitre
}

/**
 * Mean flow over a time.
 * @returns l/s; null for no time
 */
export function litresPerSecond(
  pulses: number,
  elapsedMs: number,
  pulsesPerLitre: number = YF_S201_PULSES_PER_LITRE,
): number | null {
  return elapsedMs > 0 ? litres(pulses, pulsesPerLitre) / (elapsedMs / 1000) : null
}
