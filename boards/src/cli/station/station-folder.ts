/** Makes a station's folder: key and outbox, settings, wiring, service. What exists is never changed, whatever it holds. */
import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MachineId } from '@fieldproof/sdk/base'
import { createWholeFile, errnoOf, fileError, initLocalStation, replaceWholeFile } from '@fieldproof/sdk/node'
import {
  type Choices,
  configPath,
  type Profiles,
  parseConfig,
  stationFileText,
  withGateway,
} from '../../config/index.ts'
import type { StationProfile } from '../../stations/index.ts'
import { wiringSvg } from '../../wiring/index.ts'
import { systemdUnit } from './systemd-unit.ts'

/** What was made. */
export interface MadeFolder {
  readonly machine: MachineId
  /** Whether the key is new. */
  readonly created: boolean
  /** Names of files that are new. */
  readonly files: readonly string[]
}

/** Makes what is not there. @throws FieldproofError `file-unreadable`, `key-exposed`, … */
export async function makeFolder(dir: string, profile: StationProfile, choices: Choices): Promise<MadeFolder> {
  const { machine, created } = await initLocalStation(dir)
  const text = stationFileText(profile, choices)
  const { definition } = parseConfig(text, { [profile.name]: profile })
  const contents = [
    ['station.yaml', text],
    ['wiring.svg', wiringSvg(definition)],
    ['fieldproof.service', unitOf(dir, profile.title)],
  ] as const
  const files: string[] = created ? ['machine.key', 'outbox.db'] : []
  for (const [name, content] of contents) if (await createUnlessThere(join(dir, name), content)) files.push(name)
  return { machine, created, files }
}

/** Writes a gateway into the settings of a station that has none. @throws FieldproofError `config-invalid` */
export async function addGateway(dir: string, url: string, profiles: Profiles): Promise<void> {
  const path = configPath(dir)
  const text = withGateway(await readFile(path, 'utf8'), url)
  parseConfig(text, profiles)
  await replaceWholeFile(path, new TextEncoder().encode(text), 0o600)
}

/** Whether something is at a path. */
export async function isThere(path: string): Promise<boolean> {
  return await access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

async function createUnlessThere(path: string, content: string): Promise<boolean> {
  try {
    await createWholeFile(path, content)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw fileError(error, path, 'write')
  }
}

function unitOf(dir: string, title: string): string {
  const program = fileURLToPath(new URL('../../../bin/fieldproof-run.js', import.meta.url))
  return systemdUnit({ title, dir: resolve(dir), node: process.execPath, program, user: userInfo().username })
}
