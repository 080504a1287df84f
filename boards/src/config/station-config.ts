/** station.yaml: parsed once, at start; all faults in one message with their paths; nothing adjusted; the result frozen. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorLine, FieldproofError } from '@fieldproof/sdk/base'
import { errnoOf, fileError } from '@fieldproof/sdk/node'
import { type Document, parseDocument } from 'yaml'
import type { StationDefinition } from '../station/definition.ts'
import type { StationProfile } from '../stations/index.ts'
import { COMMON_FIELDS, type CommonConfig } from './fields.ts'

/** Kinds of station by name. */
export type Profiles = Readonly<Record<string, StationProfile>>

/** A station's configuration, and the station that it makes. */
export interface StationConfig extends Omit<CommonConfig, 'settings' | 'station'> {
  readonly profile: StationProfile
  readonly definition: StationDefinition
}

/** What may be set from outside of the file; nothing else is. */
export interface Overrides {
  readonly port?: string | undefined
  readonly gateway?: string | undefined
}

const FILE_NAME = 'station.yaml'
/** Documented in the file itself, beside what they override. */
const ENVIRONMENT = { port: 'FIELDPROOF_PORT', gateway: 'FIELDPROOF_GATEWAY' } as const

/** Path of a station's configuration. */
export function configPath(dir: string): string {
  return join(dir, FILE_NAME)
}

/** What the environment overrides; an empty variable overrides nothing. */
export function environmentOverrides(env: Readonly<Record<string, string | undefined>>): Overrides {
  return { port: env[ENVIRONMENT.port] || undefined, gateway: env[ENVIRONMENT.gateway] || undefined }
}

/**
 * Reads a station's configuration.
 * @throws FieldproofError `config-invalid` naming every fault with its path, `file-unreadable`
 */
export async function readConfig(dir: string, profiles: Profiles, overrides: Overrides = {}): Promise<StationConfig> {
  const path = configPath(dir)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw fileError(error, path, 'read')
    throw new FieldproofError('file-unreadable', `no ${path}; make a station with: fieldproof init ${dir}`, {
      facts: { path, errno: 'ENOENT' },
    })
  })
  return parseConfig(text, profiles, overrides)
}

/** Configuration from the text of a station.yaml. @throws FieldproofError `config-invalid` naming every fault with its path */
export function parseConfig(text: string, profiles: Profiles, overrides: Overrides = {}): StationConfig {
  const given = parseYaml(text)
  const set = Object.entries(overrides).filter(([, value]) => value !== undefined)
  const result = COMMON_FIELDS.safeParse({ ...given, ...Object.fromEntries(set) })
  const name = given['station']
  const profile = typeof name === 'string' && Object.hasOwn(profiles, name) ? profiles[name] : undefined
  const faults = result.success ? [] : result.error.issues.map(describe)
  if (profile === undefined) faults.push(`station: want one of ${Object.keys(profiles).join(', ')}`)
  const definition = profile && defined(profile, given['settings'] ?? {}, faults)
  if (!result.success || profile === undefined || definition === undefined || faults.length > 0) {
    return refuse(faults.join('; '))
  }
  const { settings: _, station: __, ...common } = result.data
  return Object.freeze({ ...common, profile, definition })
}

function defined(profile: StationProfile, settings: unknown, faults: string[]): StationDefinition | undefined {
  try {
    return profile.define(settings)
  } catch (error) {
    if (!(error instanceof FieldproofError)) throw error
    faults.push(error.message.replace(/^config-invalid: /, '').replaceAll(`${profile.name}.`, 'settings.'))
    return undefined
  }
}

function parseYaml(text: string): Record<string, unknown> {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true })
  const [fault] = [...document.errors, ...document.warnings]
  if (fault !== undefined) return refuse(errorLine(fault).split('\n')[0] ?? 'no YAML')
  const value = contentOf(document)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return withoutNulls(value) as Record<string, unknown>
  }
  return refuse('want a mapping, as `fieldproof init` writes one')
}

function contentOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    return refuse(errorLine(error)) // an alias
  }
}

function refuse(why: string): never {
  throw new FieldproofError('config-invalid', `${FILE_NAME}: ${why}`)
}

/** A section or a setting with nothing behind it (`settings:` over comments) is null to YAML: it has its default. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const kept = Object.entries(value).filter(([, one]) => one !== null)
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutNulls(one)]))
}

function describe(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return `${issue.path.map(String).join('.') || 'file'}: ${issue.message}`
}
