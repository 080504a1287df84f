/** What is left when the card dies, and what a machine does with it. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { machineIdOf } from '../../src/base/index.ts'
import { pureHash, pureSuites, thumbprint } from '../../src/crypto/index.ts'
import { type Machine, startMachine } from '../../src/machine/index.ts'
import { encodeVerifierKey } from '../../src/merkle/index.ts'
import {
  backupStation,
  createKeyFile,
  initLocalStation,
  openKeyFile,
  openLibsqlOutbox,
  restoreStation,
  stationFiles,
} from '../../src/node/index.ts'
import { createHub, createVirtualClock, seededEntropy } from '../../src/testing/index.ts'
import { encodeDefinition } from '../../src/wire/index.ts'
import { FakeGateway, GATEWAY } from '../machine/fake-gateway.ts'
import { TIMING, WEATHER } from '../machine/rig.ts'

const PASSPHRASE = 'correct horse battery staple'
const root = mkdtempSync(join(tmpdir(), 'backup-'))
let [dir, file, other] = ['', '', '']
let count = 0

const PIN = JSON.stringify({
  origin: GATEWAY.origin,
  vkey: encodeVerifierKey(GATEWAY.origin, GATEWAY.logKey, pureHash),
  chainId: 31337,
  registry: `0x${'01'.repeat(20)}`,
  logId: `0x${'02'.repeat(32)}`,
  mqttUrl: 'mqtt://127.0.0.1:1883',
})

beforeEach(async () => {
  const base = join(root, String(count++))
  mkdirSync(base)
  ;[dir, file, other] = [join(base, 'porch'), join(base, 'porch.backup'), join(base, 'new')]
  await initLocalStation(dir)
  writeFileSync(stationFiles(dir).gateway, PIN, { mode: 0o600 })
  writeFileSync(join(dir, 'station.yaml'), 'version: 1\n', { mode: 0o600 })
})
afterAll(() => rmSync(root, { recursive: true }))

const keyOf = (folder: string): string => readFileSync(stationFiles(folder).key, 'utf8')
const restore = (passphrase = PASSPHRASE): Promise<unknown> => restoreStation(file, other, passphrase)

function altered(change: (content: Record<string, unknown>) => void): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  change(content)
  rmSync(file)
  writeFileSync(file, JSON.stringify(content))
}

describe('a backup', () => {
  it('brings back key, gateway and settings, for their owner alone, with an empty outbox', async () => {
    const made = await backupStation(dir, file, PASSPHRASE)
    expect(await restore()).toEqual(made)
    expect(keyOf(other)).toBe(keyOf(dir))
    expect(readFileSync(stationFiles(other).gateway, 'utf8')).toBe(PIN)
    expect(readFileSync(join(other, 'station.yaml'), 'utf8')).toBe('version: 1\n')
    const outbox = await openLibsqlOutbox(stationFiles(other).outbox, { create: false })
    expect([await outbox.head(), await outbox.usage()]).toMatchObject([null, { rows: 0, pending: 0 }])
    await outbox.close()
    for (const path of [file, ...readdirSync(other).map((name) => join(other, name))]) {
      if (!path.endsWith('.gitignore')) expect(statSync(path).mode & 0o077, path).toBe(0)
    }
  })

  it('holds nothing of the key in the clear', async () => {
    await backupStation(dir, file, PASSPHRASE)
    const [, line = ''] = keyOf(dir).split('\n')
    const der = Buffer.from(keyOf(dir).replace(/-----.*-----|\n/g, ''), 'base64')
    const content = readFileSync(file, 'latin1')
    const { key } = JSON.parse(content) as { key: string }
    const encrypted = Buffer.from(key.replace(/-----.*-----|\n/g, ''), 'base64')
    expect(content).not.toContain(line)
    expect(encrypted.includes(der.subarray(36, 68))).toBe(false)
    expect(content).not.toContain(PASSPHRASE)
  })

  it('is never the same file twice, and never overwrites one', async () => {
    await backupStation(dir, file, PASSPHRASE)
    const first = readFileSync(file, 'utf8')
    await expect(backupStation(dir, file, PASSPHRASE)).rejects.toMatchObject({ code: 'key-exists' })
    expect(readFileSync(file, 'utf8')).toBe(first)
    await backupStation(dir, `${file}.2`, PASSPHRASE)
    expect(JSON.parse(readFileSync(`${file}.2`, 'utf8')).key).not.toBe(JSON.parse(first).key)
  })

  it('is refused for a folder that holds anything, and changes nothing there', async () => {
    await backupStation(dir, file, PASSPHRASE)
    const key = keyOf(dir)
    await expect(restoreStation(file, dir, PASSPHRASE)).rejects.toMatchObject({ code: 'key-exists' })
    expect(keyOf(dir)).toBe(key)
  })

  it.each([
    ['another passphrase', () => restore('correct horse battery stapl')],
    [
      'another gateway',
      () => {
        altered((content) => Object.assign(content, { gateway: PIN.replace('127.0.0.1', 'example.org') }))
        return restore()
      },
    ],
    [
      'other settings',
      () => {
        altered((content) => Object.assign(content, { settings: 'version: 1\nowner: x\n' }))
        return restore()
      },
    ],
    [
      'the key of another machine',
      async () => {
        const foreign = `${file}.foreign`
        const folder = `${dir}-foreign`
        await initLocalStation(folder)
        await backupStation(folder, foreign, PASSPHRASE)
        const { key } = JSON.parse(readFileSync(foreign, 'utf8'))
        altered((content) => Object.assign(content, { key }))
        return await restore()
      },
    ],
    [
      'no tag',
      () => {
        altered((content) => delete content['tag'])
        return restore()
      },
    ],
  ])('with %s is refused, and makes no folder', async (_, attempt) => {
    await backupStation(dir, file, PASSPHRASE)
    await expect(attempt()).rejects.toMatchObject({ code: 'key-invalid' })
    expect(existsSync(other)).toBe(false)
  })

  it.skipIf(process.getuid?.() === 0)(
    'says which folder it could not make (not as root, who may make any)',
    async () => {
      await backupStation(dir, file, PASSPHRASE)
      const closed = `${dir}-closed`
      mkdirSync(closed, { mode: 0o500 })
      const attempt = restoreStation(file, join(closed, 'new'), PASSPHRASE)
      await expect(attempt).rejects.toMatchObject({ code: 'file-unreadable', message: expect.stringContaining(closed) })
    },
  )

  it('of a stranger is not opened before it is known to be whole: its key may ask for hours of work', async () => {
    await backupStation(dir, file, PASSPHRASE)
    altered((content) => Object.assign(content, { key: 'no key at all' }))
    await expect(restore()).rejects.toThrow('it was changed')
  })

  it('leaves a mark, so that nothing is signed before the gateway was reached', async () => {
    await backupStation(dir, file, PASSPHRASE)
    await restore()
    expect([existsSync(stationFiles(dir).restored), existsSync(stationFiles(other).restored)]).toEqual([false, true])
  })

  it('of a folder whose settings it could not hold is not made', async () => {
    writeFileSync(join(dir, 'station.yaml'), '#'.repeat(1_000_000))
    await expect(backupStation(dir, file, PASSPHRASE)).rejects.toMatchObject({ code: 'file-unreadable' })
    expect(existsSync(file)).toBe(false)
  })

  it('that is none is refused', async () => {
    writeFileSync(file, '{"format":"else"}')
    await expect(restore()).rejects.toMatchObject({ code: 'message-invalid' })
  })

  const missing = spawnSync('openssl', ['version']).status === 0 ? '' : ': it is missing'
  it.skipIf(missing !== '')(`has a key that openssl opens without us (needs openssl${missing})`, async () => {
    await backupStation(dir, file, PASSPHRASE)
    const { key } = JSON.parse(readFileSync(file, 'utf8'))
    const opened = spawnSync('openssl', ['pkey', '-passin', `pass:${PASSPHRASE}`], { input: key, encoding: 'utf8' })
    expect(opened.stdout).toBe(keyOf(dir))
    const parsed = spawnSync('openssl', ['asn1parse'], { input: key, encoding: 'utf8' })
    expect(parsed.stdout).toMatch(/PBES2[\s\S]*scrypt[\s\S]*INTEGER +:4000[\s\S]*aes-256-cbc/)
  })

  it('keeps an Ed25519 key, too', async () => {
    const folder = `${dir}-ed25519`
    mkdirSync(folder)
    await createKeyFile(stationFiles(folder).key, { alg: -19 })
    const { machine } = await backupStation(folder, file, PASSPHRASE)
    expect(await restore()).toEqual({ machine, hasGateway: false, hasSettings: false })
  })
})

describe('a card that died', () => {
  it('is replaced by one on which the machine goes on after what the gateway holds', async () => {
    const clock = createVirtualClock()
    const hub = createHub({ clock })
    const signer = await openKeyFile(stationFiles(dir).key)
    const id = machineIdOf(thumbprint(signer, pureHash))
    const gateway = new FakeGateway(hub, id, [encodeDefinition(WEATHER)])
    const start = async (folder: string, boot: number): Promise<Machine> =>
      await startMachine({
        signer: await openKeyFile(stationFiles(folder).key),
        gateway: GATEWAY,
        streams: [{ definition: WEATHER }],
        outbox: await openLibsqlOutbox(stationFiles(folder).outbox, { create: false }),
        link: hub.link(),
        clock,
        entropy: seededEntropy(boot),
        hash: pureHash,
        suites: pureSuites,
        software: 'test',
        timing: { ...TIMING, headWaitMs: 60_000 },
      })
    const until = async (condition: () => boolean): Promise<void> => {
      for (let turns = 0; turns < 4_000 && !condition(); turns++) await clock.advance(50)
      expect(condition()).toBe(true)
    }
    await backupStation(dir, file, PASSPHRASE)
    const first = await start(dir, 1)
    for (let n = 0; n < 4; n++) await first.record('weather', { count: n })
    await until(() => gateway.logged.length === 1)
    for (let n = 4; n < 8; n++) await first.record('weather', { count: n })
    await until(() => gateway.logged.length === 2)
    await first.stop()
    rmSync(dir, { recursive: true })
    const newest = gateway.logged[1] ?? expect.fail('nothing was logged')
    hub.publish(id, 'head', newest.batch.statement, { retain: true })

    await restore()
    const second = await start(other, 2)
    for (let n = 8; n < 12; n++) await second.record('weather', { count: n })
    await until(() => gateway.logged.length === 3)
    expect(gateway.logged[2]?.signed.statement).toMatchObject({ sequence: 3, prev: newest.signed.id })
    await second.stop()
  })
})
