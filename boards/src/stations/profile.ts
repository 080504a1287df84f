/** A kind of station that an owner can choose: its settings as a schema, and the station that they make. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { z } from 'zod'
import type { StationDefinition } from '../station/definition.ts'

/** A kind of station. */
export interface StationProfile {
  /** kebab-case; what `fieldproof init` is given. */
  readonly name: string
  readonly title: string
  /** One sentence: what is bought and measured. */
  readonly summary: string
  /** Every setting with default, range, unit and description: the source of the commented file and of its JSON Schema. */
  readonly settings: z.ZodType
  /**
   * The station with these settings. Each call makes drivers with a memory of their own.
   * @throws FieldproofError `config-invalid` with every fault and its path
   */
  define(settings: unknown): StationDefinition
}

/** Puts a kind of station together. */
export function stationProfile<Settings>(
  about: Pick<StationProfile, 'name' | 'title' | 'summary'>,
  settings: z.ZodType<Settings>,
  define: (settings: Settings) => StationDefinition,
): StationProfile {
  return { ...about, settings, define: (value) => define(parseSettings(settings, value, about.name)) }
}

/**
 * Settings with their defaults, frozen.
 * @throws FieldproofError `config-invalid` with every fault and its path
 */
export function parseSettings<Settings>(schema: z.ZodType<Settings>, value: unknown, where: string): Settings {
  const parsed = schema.safeParse(value)
  if (parsed.success) return Object.freeze(parsed.data)
  const faults = parsed.error.issues.map(({ path, message }) => `${[where, ...path].join('.')}: ${message}`)
  throw new FieldproofError('config-invalid', faults.join('; '))
}
