/**
 * A station's folder: its key, its outbox, and the gateway that it pinned. Made by `fieldproof init` and by nothing else:
 * a key that appears by accident is a machine that nobody enrolled.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FieldproofError, type MachineId, machineIdOf, toHex } from '../base/index.ts'
import { encodeCoseKey, type Signer, thumbprint } from '../crypto/index.ts'
import { enrolmentDigest } from '../evm/index.ts'
import { nativeHash } from '../native/index.ts'
import { fetchGatewayInfo, fetchText, type GatewayInfo, parseGatewayInfo, sameGateway } from './gateway-info.ts'
import { createKeyFile, openKeyFile } from './key-file.ts'

/** Paths inside a station's folder. */
export interface StationFiles {
  readonly key: string
  readonly outbox: string
  readonly gateway: string
}

const ENROL_WITHIN_S = 600

/** Where a station keeps what. */
export function stationFiles(dir: string): StationFiles {
  return { key: join(dir, 'machine.key'), outbox: join(dir, 'outbox.db'), gateway: join(dir, 'gateway.json') }
}

/** What {@link initStation} did. */
export interface InitResult {
  readonly machine: MachineId
  readonly created: boolean
  readonly gateway: GatewayInfo
}

/**
 * Creates a station's folder with a new P-256 key, pins the gateway and, when the gateway enrols machines, enrols it. Doing
 * it again changes nothing, but enrols where an earlier attempt did not get so far.
 * @throws FieldproofError `key-exposed`, `link-failed`, `enrol-refused`, …
 */
export async function initStation(dir: string, gatewayUrl: string, nowMs: number): Promise<InitResult> {
  const files = stationFiles(dir)
  const gateway = await fetchGatewayInfo(gatewayUrl)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const created = await createKeyUnlessThere(files.key)
  const signer = await openKeyFile(files.key)
  await pinGateway(files.gateway, gateway)
  if (gateway.enrolOwner !== null) await enrol(gatewayUrl, gateway, gateway.enrolOwner, signer, nowMs)
  return { machine: machineIdOf(thumbprint(signer, nativeHash)), created, gateway }
}

/**
 * The gateway that a station pinned, with the address it has now.
 * @throws FieldproofError `key-missing` when the folder was not made; `gateway-changed` when another log answers there
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

async function pinGateway(path: string, gateway: GatewayInfo): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(toJson(gateway), null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    assertSame(parseGatewayInfo(await readFile(path, 'utf8')), gateway, path)
  }
}

function assertSame(pinned: GatewayInfo, current: GatewayInfo, where: string): void {
  if (sameGateway(pinned, current)) return
  throw new FieldproofError(
    'gateway-changed',
    `${where} is pinned to log ${pinned.vkey}, but ${current.vkey} answers; a machine cannot tell two logs two histories`,
  )
}

async function enrol(
  url: string,
  gateway: GatewayInfo,
  owner: Uint8Array,
  signer: Signer,
  nowMs: number,
): Promise<void> {
  const deadline = Math.floor(nowMs / 1000) + ENROL_WITHIN_S
  const { chainId, registry, logId: homeLog } = gateway
  const print = thumbprint(signer, nativeHash)
  const digest = enrolmentDigest({ chainId, registry, owner, homeLog, thumbprint: print, nonce: 0, deadline })
  const body = {
    key: toHex(encodeCoseKey(signer)),
    owner: `0x${toHex(owner)}`,
    deadline,
    signature: toHex(await signer.sign(digest)),
  }
  const headers = { 'content-type': 'application/json' }
  try {
    await fetchText(url, '/v1/enrol', { method: 'POST', body: JSON.stringify(body), headers })
  } catch (cause) {
    throw new FieldproofError('enrol-refused', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function toJson(g: GatewayInfo): Record<string, string | number | null> {
  return {
    origin: g.origin,
    vkey: g.vkey,
    chainId: g.chainId,
    registry: `0x${toHex(g.registry)}`,
    logId: `0x${toHex(g.logId)}`,
    mqttUrl: g.mqttUrl,
    enrolOwner: g.enrolOwner && `0x${toHex(g.enrolOwner)}`,
  }
}
