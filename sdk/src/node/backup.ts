/**
 * A backup of what cannot be made again: the machine's key under a passphrase, with the pinned gateway and the settings. Rows are not in it:
 * what the gateway has not got is lost with the card. A restored machine goes on after the newest statement that the gateway holds (HIST-30).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FieldproofError, type MachineId, machineIdOf } from '../base/index.ts'
import { thumbprint } from '../crypto/index.ts'
import { nativeHash } from '../native/index.ts'
import { parseGatewayInfo, parseJsonObject } from './gateway-info.ts'
import { openKeyFile } from './key-file.ts'
import { openLibsqlOutbox } from './libsql-outbox.ts'
import { decryptPrivateKey, encryptPrivateKey, stretch } from './pkcs8-scrypt.ts'
import { readPrivateKey, writePrivateKey } from './private-file.ts'
import { makeStationDir, markRestored, stationFiles } from './station-files.ts'
import { createWholeFile, errnoOf, fileError } from './whole-file.ts'

/** What a backup holds besides the key. */
export interface BackupContent {
  readonly machine: MachineId
  readonly hasGateway: boolean
  readonly hasSettings: boolean
}

const FORMAT = 'fieldproof-backup'
const SETTINGS = 'station.yaml'
const MAX_BYTES = 1_000_000
const TAG_BYTES = 32

/**
 * Writes a backup of a station's folder to a new file.
 * @throws FieldproofError `key-missing`, `key-exposed`, `key-exists` when there is anything at `path`, `file-unreadable`
 */
export async function backupStation(dir: string, path: string, passphrase: string): Promise<BackupContent> {
  const files = stationFiles(dir)
  const key = await encryptPrivateKey(await readPrivateKey(files.key), passphrase)
  const machine = await machineOf(files.key)
  const gateway = await textIfThere(files.gateway)
  const settings = await textIfThere(join(dir, SETTINGS))
  const parts: Parts = { machine, key, gateway, settings }
  const salt = randomBytes(16)
  const tag = await tagOf(parts, passphrase, salt)
  const content = JSON.stringify(
    { format: FORMAT, version: 1, ...parts, salt: salt.toString('hex'), tag: tag.toString('hex') },
    null,
    2,
  )
  const text = `${content}\n`
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new FieldproofError('file-unreadable', `${SETTINGS} is too large for a backup: over ${MAX_BYTES} bytes`)
  }
  try {
    await createWholeFile(path, text)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw fileError(error, path, 'write')
    throw new FieldproofError('key-exists', `${path} exists: choose another name`, { facts: { path } })
  }
  return { machine, hasGateway: gateway !== null, hasSettings: settings !== null }
}

/**
 * Makes a station's folder from a backup, with an empty outbox.
 * @throws FieldproofError `key-invalid` for another passphrase or a damaged file, `key-exists` unless the folder is empty or new,
 * `message-invalid`, `file-unreadable`
 */
export async function restoreStation(path: string, dir: string, passphrase: string): Promise<BackupContent> {
  const { parts, salt, tag } = parseBackup(await readBackup(path))
  const { machine, gateway, settings } = parts
  // Before the key: what a stranger has written would say how long opening it takes.
  if (!timingSafeEqual(tag, await tagOf(parts, passphrase, salt))) throw unopened()
  const key = decryptPrivateKey(parts.key, passphrase)
  if (gateway !== null) parseGatewayInfo(gateway)
  await makeEmpty(dir)
  const files = stationFiles(dir)
  // The key last: a folder without one is no station yet, whatever else a power cut left in it.
  const outbox = await openLibsqlOutbox(files.outbox, { create: true })
  await outbox.close()
  try {
    await markRestored(dir)
    if (gateway !== null) await createWholeFile(files.gateway, gateway)
    if (settings !== null) await createWholeFile(join(dir, SETTINGS), settings)
  } catch (error) {
    throw fileError(error, dir, 'write')
  }
  await writePrivateKey(files.key, key)
  if ((await machineOf(files.key)) !== machine) throw damaged()
  return { machine, hasGateway: gateway !== null, hasSettings: settings !== null }
}

interface Parts {
  readonly machine: MachineId
  /** Encrypted PKCS#8 PEM. */
  readonly key: string
  readonly gateway: string | null
  readonly settings: string | null
}

/** Whoever alters the pin would have the machine trust another log: the whole content is checked, under the passphrase. */
async function tagOf(
  { machine, key, gateway, settings }: Parts,
  passphrase: string,
  salt: Uint8Array,
): Promise<Buffer> {
  const content = JSON.stringify([FORMAT, 1, machine, key, gateway, settings])
  return createHmac('sha256', await stretch(passphrase, salt, TAG_BYTES))
    .update(content)
    .digest()
}

function parseBackup(text: string): { readonly parts: Parts; readonly salt: Buffer; readonly tag: Buffer } {
  const fields = parseJsonObject(text, 'backup')
  const { format, version, machine, key, gateway, settings, salt, tag } = fields
  if (format !== FORMAT || version !== 1) {
    throw new FieldproofError('message-invalid', 'no backup of a station, or one of a later version')
  }
  const isText = (value: unknown): value is string => typeof value === 'string'
  const isHex = (value: unknown, bytes: number): value is string =>
    isText(value) && new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(value)
  const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)
  if (!isText(machine) || !isText(key) || !isTextOrNull(gateway) || !isTextOrNull(settings)) throw damaged()
  if (!isHex(salt, 16) || !isHex(tag, TAG_BYTES)) throw damaged()
  const parts = { machine: machine as MachineId, key, gateway, settings }
  return { parts, salt: Buffer.from(salt, 'hex'), tag: Buffer.from(tag, 'hex') }
}

async function readBackup(path: string): Promise<string> {
  try {
    const { size } = await stat(path) // before it is read: it may be of any size
    if (size > MAX_BYTES) throw damaged()
    return await readFile(path, 'utf8')
  } catch (error) {
    throw error instanceof FieldproofError ? error : fileError(error, path, 'read')
  }
}

async function makeEmpty(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw fileError(error, dir, 'read')
  })
  if (names.length > 0) {
    throw new FieldproofError('key-exists', `${dir} is not empty: restore into a new folder`, { facts: { path: dir } })
  }
  await makeStationDir(dir)
}

async function machineOf(keyFile: string): Promise<MachineId> {
  return machineIdOf(thumbprint(await openKeyFile(keyFile), nativeHash))
}

async function textIfThere(path: string): Promise<string | null> {
  if (!existsSync(path)) return null
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, path, 'read')
  })
}

function unopened(): FieldproofError {
  return new FieldproofError(
    'key-invalid',
    'the backup does not open: another passphrase, or it was changed or is damaged',
  )
}

function damaged(): FieldproofError {
  return new FieldproofError('key-invalid', 'the backup was changed or is damaged: nothing in it can be trusted')
}
