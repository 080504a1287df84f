/**
 * A station's folder: its key, its outbox, and the gateway that it pinned. Made by `fieldproof init` and by nothing else:
 * a key that appears by accident is a machine that nobody enrolled.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  equalBytes,
  errorLine,
  expectLength,
  FieldproofError,
  fieldproofErrorOf,
  fromHex,
  type Hash32,
  hash32,
  type MachineId,
  machineIdOf,
  toHex,
} from '../base/index.ts'
import { type Signer, thumbprint } from '../crypto/index.ts'
import { enrolmentDigest } from '../evm/index.ts'
import { nativeHash } from '../native/index.ts'
import {
  fetchGatewayInfo,
  fetchText,
  type GatewayInfo,
  gatewayDifferences,
  parseGatewayInfo,
  parseJsonObject,
} from './gateway-info.ts'
import { createKeyFile, openKeyFile } from './key-file.ts'
import { openLibsqlOutbox } from './libsql-outbox.ts'

/** Paths inside a station's folder. */
export interface StationFiles {
  readonly key: string
  readonly outbox: string
  readonly gateway: string
}

/** Longest life of an enrolment signature that a machine agrees to, in seconds. */
const ENROL_WITHIN_S = 7200

/** Where a station keeps what. */
export function stationFiles(dir: string): StationFiles {
  return { key: join(dir, 'machine.key'), outbox: join(dir, 'outbox.db'), gateway: join(dir, 'gateway.json') }
}

/** What {@link initStation} did. */
export interface InitResult {
  readonly machine: MachineId
  /** Whether the key is new. */
  readonly created: boolean
  readonly gateway: GatewayInfo
  /** `not-offered`: the gateway relays no enrolments, so the owner must enrol the machine. */
  readonly enrolment: 'enrolled' | 'already-enrolled' | 'not-offered'
}

/**
 * Creates a station's folder with a new P-256 key and an empty outbox, pins the gateway and, when the gateway enrols machines, enrols it. Doing
 * it again changes nothing, but enrols where an earlier attempt did not get so far.
 * @throws FieldproofError `key-exposed`, `link-failed`, `enrol-refused`, …
 */
export async function initStation(dir: string, gatewayUrl: string, nowMs: number): Promise<InitResult> {
  const files = stationFiles(dir)
  const gateway = await fetchGatewayInfo(gatewayUrl)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  // The folder holds a private key, and often lies inside somebody's repository.
  await writeFile(join(dir, '.gitignore'), '*\n')
  const created = await createKeyUnlessThere(files.key)
  const signer = await openKeyFile(files.key)
  await pinGateway(files.gateway, gateway)
  await createOutboxUnlessThere(files.outbox)
  const enrolment = await enrol(gatewayUrl, gateway, signer, nowMs)
  return { machine: machineIdOf(thumbprint(signer, nativeHash)), created, gateway, enrolment }
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

async function createKeyUnlessThere(path: string): Promise<boolean> {
  try {
    await createKeyFile(path, { alg: -9 })
    return true
  } catch (error) {
    if (error instanceof FieldproofError && error.code === 'key-exists') return false
    throw error
  }
}

/** Only here: an outbox that a start made by itself would hide the one that held the rows (HIST-32). */
async function createOutboxUnlessThere(path: string): Promise<void> {
  if (existsSync(path)) return // perhaps open in the running station
  const outbox = await openLibsqlOutbox(path, { create: true })
  await outbox.close()
}

async function pinGateway(path: string, gateway: GatewayInfo): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(toJson(gateway), null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
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

/**
 * Agrees to be enrolled on the gateway's terms. The machine builds the digest itself, from terms that it has checked: its
 * home is the log that it pinned, and the signature is of no use after a while.
 */
async function enrol(
  url: string,
  gateway: GatewayInfo,
  signer: Signer,
  nowMs: number,
): Promise<InitResult['enrolment']> {
  const { chainId, registry, logId } = gateway
  const print = thumbprint(signer, nativeHash)
  const offer = await fetchText(url, `/v1/enrol?publicKey=${toHex(signer.publicKey)}`).catch(reasonOf)
  if (typeof offer !== 'string') {
    return offer.reason === 'not-found' ? 'not-offered' : refused(offer.error)
  }
  const { owner, homeLog, nonce, deadline } = readOffer(offer, nowMs)
  if (!equalBytes(homeLog, logId)) refused(new Error('the gateway offers another home log than the one that is pinned'))
  const digest = enrolmentDigest({ chainId, registry, owner, homeLog, thumbprint: print, nonce, deadline })
  const signature = toHex(await signer.sign(digest))
  const body = JSON.stringify({ publicKey: toHex(signer.publicKey), deadline, signature })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetchText(url, '/v1/enrol', { method: 'POST', body, headers }).catch(refused)
  return parseJsonObject(answer, 'enrolment')['isNew'] === false ? 'already-enrolled' : 'enrolled'
}

function readOffer(
  text: string,
  nowMs: number,
): { owner: Uint8Array; homeLog: Hash32; nonce: number; deadline: number } {
  const { owner, homeLog, nonce, deadline } = parseJsonObject(text, 'enrolment offer')
  const latest = nowMs / 1000 + ENROL_WITHIN_S
  if (typeof owner !== 'string' || typeof homeLog !== 'string' || !isCount(nonce)) {
    return refused(new Error('the offer has no owner, home log or nonce'))
  }
  if (!isCount(deadline) || deadline > latest) {
    return refused(new Error(`the offer has a deadline more than ${ENROL_WITHIN_S} s away`))
  }
  return { owner: expectLength(fromHex(owner), 20, 'owner'), homeLog: hash32(fromHex(homeLog)), nonce, deadline }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function reasonOf(error: unknown): { reason: unknown; error: unknown } {
  return { reason: fieldproofErrorOf(error)?.facts['reason'], error }
}

function refused(cause: unknown): never {
  throw new FieldproofError('enrol-refused', errorLine(cause), { cause })
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
