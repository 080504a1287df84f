/** Settings that more than one station has. Descriptions are comments of the settings file: what it is, its unit, when to change it. */
import { z } from 'zod'

const MIN_EVERY_MS = 1_000
const MAX_EVERY_MS = 3_600_000

/** Time between two rows. */
export const everyMs: z.ZodDefault<z.ZodInt> = z
  .int()
  .min(MIN_EVERY_MS)
  .max(MAX_EVERY_MS)
  .default(10_000)
  .describe('Time between two rows, in ms.')

/** Readings of one soil probe, in counts. */
export interface ProbeSettings {
  readonly dryRaw: number
  readonly wetRaw: number
}

/** Calibration of one soil probe. @param depth for its description */
export function probe(depth: string): z.ZodType<ProbeSettings> {
  const counts = z.int().min(0).max(1023)
  return z
    .strictObject({
      dryRaw: counts.default(520).describe('What `fieldproof sensors` shows for it in dry air: 0 to 1023.'),
      wetRaw: counts.default(260).describe('What it shows in a glass of water, up to the line.'),
    })
    .refine(({ dryRaw, wetRaw }) => dryRaw !== wetRaw, 'dryRaw and wetRaw must differ')
    .prefault({})
    .describe(`The ${depth} soil probe. Copies differ: measure both points for each.`)
}

/** History for quality rules begins anew after a pause of this, in ms: ten minutes, and never less than three rows. */
export function maxGapMs(rowMs: number): number {
  return Math.max(600_000, 3 * rowMs)
}

/** A setting as it stands in a method text: four decimals are more than any calibration has. */
export function digits(value: number): string {
  return String(Number(value.toFixed(4)))
}
