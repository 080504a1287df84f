/** The text of a new station.yaml, its JSON Schema, and the one change that a program makes to one later. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { z } from 'zod'
import type { StationProfile } from '../stations/index.ts'
import { COMMON_FIELDS } from './fields.ts'
import { type SettingSchema, settingLines } from './settings-text.ts'
import type { Profiles } from './station-config.ts'

/** What `fieldproof init` was told. */
export interface Choices {
  readonly port: string | null
  readonly gateway: string | null
  readonly owner: string | null
}

/** A new station.yaml. */
export function stationFileText(profile: StationProfile, choices: Choices): string {
  const common = schemaOf(COMMON_FIELDS)
  const settings = { description: 'Settings of the station.', ...schemaOf(profile.settings) }
  const properties = { ...common.properties, settings: { ...settings, description: 'Settings of the station.' } }
  const { port, gateway, owner } = choices
  const given = Object.entries({ version: 1, station: profile.name, port, gateway, owner })
  const values = Object.fromEntries(given.filter(([, value]) => value !== null))
  const head = [
    `# ${profile.title}: ${profile.summary}`,
    '# A line that begins with # has its default: take the # away to change it. Restart the station afterwards.',
  ]
  return `${[...head, ...settingLines({ properties }, values)].join('\n')}\n`
}

/**
 * The same file with a gateway in it; every other byte stays.
 * @throws FieldproofError `config-invalid` when it names one, or has no place for one
 */
export function withGateway(text: string, url: string): string {
  if (/^gateway:/m.test(text)) {
    throw new FieldproofError('config-invalid', 'station.yaml names a gateway: change it there')
  }
  const line = `gateway: ${JSON.stringify(url)}`
  const place = /^# gateway: .*$/m
  if (place.test(text)) return text.replace(place, () => line)
  return `${text.trimEnd()}\n\n${line}\n`
}

/** JSON Schema of station.yaml for editors; generated into schemas/config/station.json. */
export function stationJsonSchema(profiles: Profiles): Readonly<Record<string, unknown>> {
  const common = schemaOf(COMMON_FIELDS)
  const names = Object.keys(profiles)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'station.yaml of a Fieldproof station',
    ...common,
    properties: { ...common.properties, station: { ...common.properties?.['station'], enum: names } },
    allOf: Object.values(profiles).map((profile) => ({
      if: { properties: { station: { const: profile.name } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { settings: schemaOf(profile.settings) } },
    })),
  }
}

function schemaOf(schema: z.ZodType): SettingSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest as SettingSchema
}
