/** What `fieldproof proof --output` may write over, and who may read it. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { machineIdOf } from '../../src/base/index.ts'
import { pureHash, thumbprint } from '../../src/crypto/index.ts'
import { createKeyFile } from '../../src/node/key-file.ts'
import { createRecipientKey } from '../../src/node/recipient-key.ts'
import { encodePlace } from '../../src/verify/index.ts'
import { MAX_BUNDLE_BYTES } from '../../src/wire/index.ts'
import { makeWorld, signerOf, type World } from '../verify/fixture.ts'
import { type Ran, run } from './cli-kit.ts'

const root = mkdtempSync(join(tmpdir(), 'output-'))
const readerKey = join(root, 'reader.key')
const machine = machineIdOf(thumbprint(signerOf(7), pureHash))
let world: World
let server: Server
let gateway: string
let asked = 0
let dir: string
let folders = 0

beforeAll(async () => {
  const { publicKey } = await createRecipientKey(readerKey)
  world = await makeWorld(7, [publicKey])
  server = createServer((request, response) => {
    asked++
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://gateway')
    if (pathname === '/v1/proof') response.end(world.bytes)
    else if (pathname === '/v1/place') response.end(encodePlace(world.place, pureHash))
    else response.end(world.batches.find(({ sequence }) => String(sequence) === searchParams.get('sequence'))?.message)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await new Promise((done) => server.close(done))
  rmSync(root, { recursive: true })
})

beforeEach(() => {
  dir = join(root, String(folders++))
  mkdirSync(dir)
  asked = 0
})

/** Fetches the row that the gateway's proof shows. */
const fetchTo = (output: string): Promise<Ran> =>
  run('proof', '--gateway', gateway, '--at', `${machine}:1:2`, '--output', output)

/** Opens a row of each batch; the second is sealed. */
const openTo = (output: string): Promise<Ran> => {
  const rows = ['--at', `${machine}:1:1`, '--at', `${machine}:2:1`]
  return run('proof', '--gateway', gateway, ...rows, '--open-with', readerKey, '--output', output)
}

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('fieldproof proof --output', () => {
  it('writes a new file and leaves nothing beside it', async () => {
    const path = join(dir, 'new.fpproof')
    expect((await fetchTo(path)).code).toBe(0)
    expect(new Uint8Array(readFileSync(path))).toEqual(world.bytes)
    expect(readdirSync(dir)).toEqual(['new.fpproof'])
  })

  it('replaces a proof with a new file, so that whoever has the old one open still reads it whole', async () => {
    const path = join(dir, 'old.fpproof')
    expect(await fetchTo(path)).toMatchObject({ code: 0, err: '' })
    const before = statSync(path).ino
    expect(await fetchTo(path)).toMatchObject({ code: 0, err: '' })
    expect(statSync(path).ino).not.toBe(before)
    expect(readdirSync(dir)).toEqual(['old.fpproof'])
  })

  it('replaces the proof that a link leads to, not the link', async () => {
    const path = join(dir, 'real.fpproof')
    writeFileSync(path, world.bytes)
    symlinkSync('real.fpproof', join(dir, 'link.fpproof'))
    const before = statSync(path).ino
    expect(await fetchTo(join(dir, 'link.fpproof'))).toMatchObject({ code: 0, err: '' })
    expect(lstatSync(join(dir, 'link.fpproof')).isSymbolicLink()).toBe(true)
    expect(statSync(path).ino).not.toBe(before)
  })

  it.each<[string, (path: string) => unknown]>([
    ['a key', (path) => createKeyFile(path)],
    ['a text', (path) => writeFileSync(path, 'notes')],
    ['an empty file', (path) => writeFileSync(path, '')],
    ['a proof with a byte too many', (path) => writeFileSync(path, Buffer.concat([world.bytes, Buffer.of(0)]))],
    ['a file longer than any proof', (path) => writeFileSync(path, Buffer.alloc(MAX_BUNDLE_BYTES + 1))],
    ['a link that leads nowhere', (path) => symlinkSync('nowhere', path)],
  ])('refuses to replace %s, before it asks the gateway', async (_name, make) => {
    const path = join(dir, 'there')
    await make(path)
    const content = (): Buffer => (lstatSync(path).isSymbolicLink() ? Buffer.from('link') : readFileSync(path))
    const before = content()
    const { code, err } = await fetchTo(path)
    expect(code).toBe(2)
    expect(err).toContain('usage: --output')
    expect(content().equals(before)).toBe(true)
    expect(readdirSync(dir)).toEqual(['there'])
    expect(asked).toBe(0)
  })

  it('refuses a folder and a device', async () => {
    for (const path of [dir, '/dev/null']) {
      const { code, err } = await fetchTo(path)
      expect([code, err]).toEqual([2, expect.stringContaining('usage: --output')])
    }
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it('says that the folder is missing, and makes none', async () => {
    const { code, err } = await fetchTo(join(dir, 'missing', 'new.fpproof'))
    expect(code).toBe(2)
    expect(err).toContain('file-unreadable')
    expect(readdirSync(dir)).toEqual([])
  })

  it('keeps opened rows for their owner alone, also where a proof was that all could read', async () => {
    const before = process.umask(0o022)
    const path = join(dir, 'opened.fpproof')
    try {
      expect(await fetchTo(path)).toMatchObject({ code: 0, err: '' })
      expect(modeOf(path)).toBe(0o644)
      chmodSync(path, 0o666)
      expect(await openTo(path)).toMatchObject({ code: 0, err: '' })
    } finally {
      process.umask(before)
    }
    expect(modeOf(path)).toBe(0o600)
  })
})
