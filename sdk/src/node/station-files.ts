/**
 * A station's folder: its key, its outbox, and the gateway that it pinned. Made by `fieldproof init` and by nothing else:
 * a key that appears by accident is a machine that nobody enrolled.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FieldproofError, type MachineId, machineIdOf, toHex } from '../base/index.ts'
import { thumbprint } from '../crypto/index.ts'
import { nativeHash } from '../native/index.ts'
import { type EnrolResult, enrol } from './enrol.ts'
import { fetchGatewayInfo, type GatewayInfo, gatewayDifferences, parseGatewayInfo } from './gateway-info.ts'
import { createKeyFile, openKeyFile } from './key-file.ts'
import { openLibsqlOutbox } from './libsql-outbox.ts'
import { createWholeFile, errnoOf, fileError } from './whole-file.ts'

/** Paths inside a station's folder. */
export interface StationFiles {
  readonly key: string
  readonly outbox: string
  readonly gateway: string
  /** Password for the broker, one line; only where the broker wants one. */
  readonly password: string
  /** There when the outbox was made anew for a key that may have signed before. */
  readonly restored: string
}

/** Where a station keeps what. */
export function stationFiles(dir: string): StationFiles {
  return {
    key: join(dir, 'machine.key'),
    outbox: join(dir, 'outbox.db'),
    gateway: join(dir, 'gateway.json'),
    password: join(dir, 'mqtt.password'),
    restored: join(dir, 'restored'),
  }
}

/** What {@link initStation} did. */
export interface InitResult {
  readonly machine: MachineId
  /** Whether the key is new. */
  readonly created: boolean
  readonly gateway: GatewayInfo
  /** `not-offered`: the gateway relays no enrolments, so the owner must enrol the machine. */
  readonly enrolment: EnrolResult['enrolment']
  /** Who the gateway enrols machines for, 20 bytes; null when it offers none. */
  readonly owner: Uint8Array | null
}

/**
 * Creates a station's folder with a new P-256 key and an empty outbox, pins the gateway and, when the gateway enrols machines, enrols it. Doing
 * it again changes nothing, but enrols where an earlier attempt did not get so far.
 * @param owner whom the machine agrees to be enrolled for, 20 bytes; null agrees to whom the gateway names
 * @throws FieldproofError `key-exposed`, `link-failed`, `enrol-refused` also when the gateway enrols for another owner, …
 */
export async function initStation(
  dir: string,
  gatewayUrl: string,
  nowMs: number,
  owner: Uint8Array | null = null,
): Promise<InitResult> {
  const gateway = await fetchGatewayInfo(gatewayUrl)
  const local = await initLocalStation(dir)
  const files = stationFiles(dir)
  await pinGateway(files.gateway, gateway)
  const signer = await openKeyFile(files.key)
  return { ...local, gateway, ...(await enrol(gatewayUrl, gateway, signer, nowMs, owner)) }
}

/**
 * Creates a station's folder with a new P-256 key and an empty outbox, and without a gateway: {@link initStation} can add one later.
 * Doing it again changes nothing.
 * @throws FieldproofError `key-exposed`, `key-invalid`, `file-unreadable`
 */
export async function initLocalStation(
  dir: string,
): Promise<{ readonly machine: MachineId; readonly created: boolean }> {
  const files = stationFiles(dir)
  await makeStationDir(dir)
  const created = await createKeyUnlessThere(files.key)
  const signer = await openKeyFile(files.key)
  if (!created && !existsSync(files.outbox)) await markRestored(dir)
  await createOutboxUnlessThere(files.outbox)
  return { machine: machineIdOf(thumbprint(signer, nativeHash)), created }
}

/**
 * The gateway that a station pinned, with the address it has now.
 * @throws FieldproofError `key-missing` when the folder was not made; `gateway-changed` when another log, chain or registry
 * answers there, with `facts.fields`
 */
export async function pinnedGateway(dir: string, gatewayUrl: string): Promise<GatewayInfo> {
  const { gateway } = stationFiles(dir)
  const text = await readFile(gateway, 'utf8').catch((cause: unknown) => {
    throw new FieldproofError(
      'key-missing',
      `no station in ${dir}; make one with: fieldproof init ${dir} --gateway URL`,
      {
        cause,
      },
    )
  })
  const pinned = parseGatewayInfo(text)
  // The pin is enough to measure and sign; only the address must be asked for, and a gateway that is down has none.
  const current = await fetchGatewayInfo(gatewayUrl).catch(() => pinned)
  assertSame(pinned, current, dir)
  return { ...pinned, mqttUrl: current.mqttUrl }
}

/** Makes the folder. It holds a private key and often lies inside somebody's repository: git is to ignore it, unless a person said what to. */
export async function makeStationDir(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await writeFile(join(dir, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || !existsSync(join(dir, '.gitignore'))) throw fileError(error, dir, 'write')
  }
}

async function createKeyUnlessThere(path: string): Promise<boolean> {
  try {
    await createKeyFile(path, { alg: -9 })
    return true
  } catch (error) {
    if (error instanceof FieldproofError && error.code === 'key-exists') return false
    throw error
  }
}

/** Has the machine hear of its newest statement before it signs with its new outbox. */
export async function markRestored(dir: string): Promise<void> {
  const { restored } = stationFiles(dir)
  const text = 'The outbox here is not the first of this machine: it signs nothing before its gateway was reached.\n'
  await createWholeFile(restored, text).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error
  })
}

/** Only here: an outbox that a start made by itself would hide the one that held the rows (HIST-32). */
async function createOutboxUnlessThere(path: string): Promise<void> {
  if (existsSync(path)) return // perhaps open in the running station
  const outbox = await openLibsqlOutbox(path, { create: true })
  await outbox.close()
}

async function pinGateway(path: string, gateway: GatewayInfo): Promise<void> {
  try {
    await createWholeFile(path, `${JSON.stringify(toJson(gateway), null, 2)}\n`)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw fileError(error, path, 'write')
    assertSame(parseGatewayInfo(await readFile(path, 'utf8')), gateway, path)
  }
}

function assertSame(pinned: GatewayInfo, current: GatewayInfo, where: string): void {
  const differences = gatewayDifferences(pinned, current)
  if (differences.length === 0) return
  const told = differences.map((d) => `${d.field} ${d.pinned} is pinned, ${d.current} answers`).join('; ')
  throw new FieldproofError(
    'gateway-changed',
    `${where}: ${told}. A machine cannot tell two logs two histories; to start over with a new machine, choose another folder`,
    { facts: { fields: differences.map((d) => d.field).join() } },
  )
}

function toJson(g: GatewayInfo): Record<string, string | number> {
  return {
    origin: g.origin,
    vkey: g.vkey,
    chainId: g.chainId,
    registry: `0x${toHex(g.registry)}`,
    logId: `0x${toHex(g.logId)}`,
    mqttUrl: g.mqttUrl,
  }
}
