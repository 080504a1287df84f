import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex, utf8 } from '@fieldproof/sdk/base'
import { nativeEd25519 } from '@fieldproof/sdk/native'
import { afterAll, describe, expect, it } from 'vitest'
import { accountOf, devPrivateKey } from '../../src/anchor/index.ts'
import { eventLog } from '../../src/cli/log.ts'
import { main } from '../../src/cli/main.ts'
import type { GatewayEvent } from '../../src/index.ts'
import { openLogKey, parseConfig } from '../../src/index.ts'
import { TestMachine } from '../gateway/machine-kit.ts'

const directory = mkdtempSync(join(tmpdir(), 'fieldproof-config-'))
afterAll(() => rmSync(directory, { recursive: true }))
const LEAST = { origin: 'example.org/log', dataDir: '/var/lib/fieldproof' }
const invalid = (detail: string) =>
  expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining(detail) })

describe('configuration', () => {
  it('fills in every default', () => {
    expect(parseConfig(LEAST)).toEqual({
      ...LEAST,
      logKeyFile: null,
      predecessor: null,
      chain: null,
      mqtt: { host: '127.0.0.1', port: 1883, passwordKeyFile: null, publicUrl: null },
      http: { host: '127.0.0.1', port: 8080 },
      ingest: { messagesPerSecond: 200, messageBurst: 2_000, maxInFlight: 20_000 },
      keys: { refreshMs: 60_000, retryMs: 2_000 },
      anchor: {
        everyMs: 600_000,
        minBatches: 1,
        maxDelayMs: 3_600_000,
        maxFeePerGasWei: null,
        bumpAfterMs: 20_000,
        pollMs: 5_000,
        beaconMs: 10_000,
      },
    })
  })

  it('is frozen, down to its parts', () => {
    const config = parseConfig(LEAST)
    expect(Object.isFrozen(config) && Object.isFrozen(config.mqtt)).toBe(true)
  })

  it('names every fault with its path in one message', () => {
    const bad = {
      ...LEAST,
      origin: 'has space',
      colour: 'red',
      mqtt: { port: 99_999, prot: 1 },
      anchor: { everyMs: 1.5 },
    }
    for (const part of ['origin', 'colour', 'mqtt.port', 'prot', 'anchor.everyMs']) {
      expect(() => parseConfig(bad)).toThrowError(invalid(part))
    }
  })

  it('refuses a broker that strangers can reach without passwords', () => {
    expect(() => parseConfig({ ...LEAST, mqtt: { host: '0.0.0.0' } })).toThrowError(invalid('mqtt.passwordKeyFile'))
    expect(parseConfig({ ...LEAST, mqtt: { host: '0.0.0.0', passwordKeyFile: 'k' } }).mqtt.host).toBe('0.0.0.0')
  })

  it('refuses what is no configuration at all', () => {
    for (const input of [null, [], 'x', 7]) expect(() => parseConfig(input)).toThrowError(invalid('configuration'))
  })
})

describe('log key', () => {
  it('is made only when that is asked for, and then kept', () => {
    const path = join(directory, 'a.pem')
    expect(() => openLogKey(path)).toThrowError(expect.objectContaining({ code: 'key-missing' }))
    const { publicKey } = openLogKey(path, { create: true })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(openLogKey(path, { create: true }).publicKey).toEqual(publicKey)
    expect(openLogKey(path).publicKey).toEqual(publicKey)
  })

  it('signs what its public key verifies, the same way each time', async () => {
    const { publicKey, sign } = openLogKey(join(directory, 'a.pem'), { create: true })
    const signature = sign(utf8('head'))
    expect(await nativeEd25519.verify(publicKey, utf8('head'), signature)).toBe(true)
    expect(sign(utf8('head'))).toEqual(signature)
  })

  it('is refused when others may read it, and its text is in no error', () => {
    const path = join(directory, 'b.pem')
    openLogKey(path, { create: true })
    chmodSync(path, 0o640)
    expect(() => openLogKey(path)).toThrowError(expect.objectContaining({ code: 'key-exposed' }))
    writeFileSync(path, 'not a key', { mode: 0o600 })
    chmodSync(path, 0o600)
    expect(() => openLogKey(path)).toThrowError(expect.objectContaining({ code: 'key-invalid' }))
    expect(() => openLogKey(path)).toThrowError(expect.not.stringContaining('not a key'))
  })
})

describe('fieldproof-gateway', () => {
  async function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = ''
    let err = ''
    const code = await main(args, {
      out: (text) => {
        out += text
      },
      err: (text) => {
        err += text
      },
      stopped: Promise.resolve(),
    })
    return { code, out, err }
  }

  function configFile(name: string, more: object = {}): string {
    const path = join(directory, `${name}.json`)
    const config = {
      origin: 'example.org/cli',
      dataDir: join(directory, name),
      mqtt: { port: 0 },
      http: { port: 0 },
      ...more,
    }
    writeFileSync(path, JSON.stringify(config))
    return path
  }

  it('explains itself', async () => {
    expect(await command('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage') })
    expect(await command()).toMatchObject({ code: 2 })
    expect(await command('dance', '--config', configFile('x'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('dance'),
    })
    expect(await command('run', '--colour')).toMatchObject({ code: 2 })
  })

  it('refuses to run where nothing was made', async () => {
    const result = await command('run', '--config', configFile('nothing'))
    expect(result).toMatchObject({ code: 1, err: expect.stringContaining('key-missing') })
    expect(await command('run', '--config', join(directory, 'none.json'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('file-unreadable'),
    })
  })

  it('makes a gateway, runs it and stops it when told to', async () => {
    const config = configFile('made')
    expect(await command('init', '--config', config)).toMatchObject({ code: 0 })
    const first = await command('run', '--json', '--config', config)
    expect(first.code).toBe(0)
    const events = first.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.map(({ event }) => event)).toEqual(['listening', 'stopped'])
    expect(events[0]).toMatchObject({ level: 'info', logSize: 1, mqttUrl: expect.stringMatching(/^mqtt:/) })
    expect(await command('run', '--config', config)).toMatchObject({
      code: 0,
      out: expect.stringContaining('listening'),
    })
  })

  it('sends nothing to a chain with the key of another owner', async () => {
    const [owner, stranger] = [devPrivateKey(0), devPrivateKey(1)]
    const appenderKeyFile = join(directory, 'stranger.key')
    writeFileSync(appenderKeyFile, stranger, { mode: 0o600 })
    const address = `0x${toHex(accountOf(owner).address)}`
    // Nothing listens there: asking the chain first would fail with another code.
    const chain = { rpcUrl: 'http://127.0.0.1:9', chainId: 1, registry: address, owner: address, appenderKeyFile }
    const result = await command('init', '--config', configFile('wrong', { chain }), '--owner-key', appenderKeyFile)
    expect(result).toMatchObject({ code: 1, err: expect.stringContaining('config-invalid') })
    expect(result.err).not.toContain(stranger)
  })

  it('prints the password of a machine', async () => {
    const passwordKeyFile = join(directory, 'password.key')
    writeFileSync(passwordKeyFile, `${'42'.repeat(32)}\n`, { mode: 0o600 })
    const config = configFile('secure', { mqtt: { port: 0, passwordKeyFile } })
    const { id } = new TestMachine()
    const { code, out } = await command('password', '--config', config, '--machine', id)
    expect([code, out]).toEqual([0, expect.stringMatching(/^[a-z2-7]{52}\n$/)])
    expect(readFileSync(passwordKeyFile, 'utf8')).not.toContain(out.trim())
  })
})

describe('event log', () => {
  it('hides secrets that should never have come so far', () => {
    let line = ''
    const log = eventLog(true, (text) => {
      line = text
    })
    log({ event: 'stopped', privateKey: '0xabc', facts: { rpcUrl: 'https://key@node' } } as unknown as GatewayEvent)
    expect(line).not.toContain('0xabc')
    expect(line).not.toContain('key@node')
  })
})
