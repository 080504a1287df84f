/**
 * A machine from its folder: key file, libsql outbox, and the pinned gateway over MQTT or none. Which rows it gets, and when, is up to
 * whoever opens it.
 */
import { constants, existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { FieldproofError } from '../base/index.ts'
import {
  type Clock,
  type Machine,
  type MachineListener,
  type MachineOptions,
  type MachineTiming,
  type StreamOptions,
  startMachine,
} from '../machine/index.ts'
import { nativeHash, nativeSuites } from '../native/index.ts'
import type { GatewayInfo } from './gateway-info.ts'
import { openKeyFile } from './key-file.ts'
import { openLibsqlOutbox } from './libsql-outbox.ts'
import { mqttLink } from './mqtt-link.ts'
import { noLink } from './no-link.ts'
import { pinnedGateway, stationFiles } from './station-files.ts'
import { systemEntropy } from './system-entropy.ts'
import { errnoOf, fileError } from './whole-file.ts'

/** Options of {@link openMachine}. */
export interface OpenMachineOptions {
  /** Folder made by `fieldproof init`. */
  readonly dir: string
  /** Base URL of the gateway that the folder pinned; null for a machine on its own. */
  readonly gateway: string | null
  readonly streams: readonly StreamOptions[]
  readonly clock: Clock
  /** Name and version of the software, for people. */
  readonly software: string
  /** Cap on the bytes that the outbox holds; default 256 MiB. */
  readonly maxBytes?: number
  readonly timing?: Partial<MachineTiming>
  readonly onEvent?: MachineListener
  readonly onRow?: NonNullable<MachineOptions['onRow']>
}

/**
 * Opens and starts a machine.
 * @throws FieldproofError `key-missing` with the command that makes a station, `gateway-changed`, `config-invalid` with every fault, …
 */
export async function openMachine(options: OpenMachineOptions): Promise<Machine> {
  const { dir, streams, clock, software, maxBytes, timing, onEvent, onRow } = options
  const files = stationFiles(dir)
  const gateway = options.gateway === null ? null : await pinnedGateway(dir, options.gateway)
  const signer = await openKeyFile(files.key)
  const link = gateway === null ? noLink() : await linkTo(gateway, files.password, onEvent)
  const outbox = await openLibsqlOutbox(files.outbox, { create: false, ...(maxBytes !== undefined && { maxBytes }) })
  return await startMachine({
    signer,
    gateway,
    isRestored: existsSync(files.restored) && (await outbox.head()) === null,
    streams,
    outbox,
    link,
    clock,
    entropy: systemEntropy,
    hash: nativeHash,
    suites: nativeSuites,
    software,
    ...(timing && { timing }),
    ...(onEvent && { onEvent }),
    ...(onRow && { onRow }),
  })
}

async function linkTo(
  gateway: GatewayInfo,
  passwordFile: string,
  onEvent: MachineListener | undefined,
): Promise<MachineOptions['link']> {
  const password = await readPassword(passwordFile)
  return mqttLink({
    url: gateway.mqttUrl,
    ...(password !== undefined && { password }),
    onWarning: (detail) => onEvent?.({ event: 'fault', code: 'link-failed', detail }),
  })
}

/** Undefined when there is no such file. */
async function readPassword(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (((await file.stat()).mode & 0o077) !== 0) {
        throw new FieldproofError('key-exposed', `others may read ${path}: run chmod 600 on it`, { facts: { path } })
      }
      return (await file.readFile('utf8')).trim()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error instanceof FieldproofError ? error : fileError(error, path, 'read')
  }
}
