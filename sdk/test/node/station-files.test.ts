/** A station's pin: it says in what the gateway that answers differs from the one that was pinned. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { FieldproofError } from '../../src/base/index.ts'
import { pureHash } from '../../src/crypto/index.ts'
import { encodeVerifierKey } from '../../src/merkle/index.ts'
import { initStation, pinnedGateway, stationFiles } from '../../src/node/index.ts'
import { namedSigner } from '../../src/testing/index.ts'
import { withFetch } from '../fuzz/scratch.ts'

const hex = (byte: string, length: number): string => `0x${byte.repeat(length)}`
const vkeyOf = (signer: string): string =>
  encodeVerifierKey('example.org/log', namedSigner(signer, -19).publicKey, pureHash)
const INFO = {
  origin: 'example.org/log',
  vkey: vkeyOf('log'),
  chainId: 31_337,
  registry: hex('aa', 20),
  logId: hex('cc', 32),
  mqttUrl: 'mqtt://127.0.0.1:1883',
}
const URL_OF_GATEWAY = 'http://gateway.invalid'
const root = mkdtempSync(join(tmpdir(), 'station-files-'))
let dir: string
let folders = 0

beforeEach(() => {
  dir = join(root, String(folders++))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Runs a task while a gateway answers with these fields, and relays no enrolment. */
function answering<T>(info: object, task: () => Promise<T>): Promise<T> {
  const none = (): Response => new Response(JSON.stringify({ code: 'not-found', detail: 'none' }), { status: 404 })
  return withFetch((path) => (path === '/v1/info' ? new Response(JSON.stringify(info)) : none()), task)
}

async function errorOf(task: Promise<unknown>): Promise<FieldproofError> {
  const error: unknown = await task.then(
    () => expect.fail('accepted'),
    (thrown: unknown) => thrown,
  )
  return error instanceof FieldproofError ? error : expect.fail(String(error))
}

const init = (info: object): Promise<unknown> => answering(info, () => initStation(dir, URL_OF_GATEWAY, 0))
const open = (info: object): Promise<unknown> => answering(info, () => pinnedGateway(dir, URL_OF_GATEWAY))

describe('a station whose gateway changed', () => {
  it.each([
    ['vkey', vkeyOf('another log')],
    ['chainId', 1],
    ['registry', hex('ab', 20)],
    ['logId', hex('cd', 32)],
  ])('names %s, as it was and as it is, and keeps its pin', async (field, value) => {
    await init(INFO)
    const pin = readFileSync(stationFiles(dir).gateway, 'utf8')
    const changed = { ...INFO, [field]: value }
    for (const attempt of [open, init]) {
      const error = await errorOf(attempt(changed))
      expect(error).toMatchObject({ code: 'gateway-changed', facts: { fields: field } })
      const before = String(INFO[field as keyof typeof INFO])
      expect(error.message).toContain(`: ${field} ${before} is pinned, ${value} answers. `)
    }
    expect(readFileSync(stationFiles(dir).gateway, 'utf8')).toBe(pin)
  })

  it('names all that differs and nothing else', async () => {
    await init(INFO)
    const error = await errorOf(open({ ...INFO, registry: hex('ab', 20), logId: hex('cd', 32) }))
    expect(error.facts).toEqual({ fields: 'registry,logId' })
    expect(error.message).not.toContain('vkey')
  })

  it('takes another spelling of the same bytes, and another address of the broker, for the same gateway', async () => {
    await init(INFO)
    const moved = { ...INFO, registry: INFO.registry.toUpperCase().replace('0X', '0x'), mqttUrl: 'mqtts://example.org' }
    expect(await open(moved)).toMatchObject({ mqttUrl: 'mqtts://example.org' })
  })

  it('is marked when init makes it another outbox: the one that is gone held its history', async () => {
    await init(INFO)
    expect(existsSync(stationFiles(dir).restored)).toBe(false)
    rmSync(stationFiles(dir).outbox)
    await init(INFO)
    expect(existsSync(stationFiles(dir).restored)).toBe(true)
  })

  it('keeps what a person told git', async () => {
    mkdirSync(dir)
    writeFileSync(join(dir, '.gitignore'), 'node_modules\n')
    await init(INFO)
    expect(readFileSync(join(dir, '.gitignore'), 'utf8')).toBe('node_modules\n')
  })

  it('refuses a pin that is damaged', async () => {
    await init(INFO)
    writeFileSync(stationFiles(dir).gateway, '{}')
    expect((await errorOf(open(INFO))).code).toBe('message-invalid')
  })
})
