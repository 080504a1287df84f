import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../src/base/index.ts'
import { pureP256 } from '../../src/crypto/index.ts'
import { createKeyFile, openKeyFile } from '../../src/node/index.ts'
import { signerContract } from '../../src/testing/index.ts'

const dirs: string[] = []
function newPath(): string {
  const dir = mkdtempSync(join(tmpdir(), 'key-'))
  dirs.push(dir)
  return join(dir, 'machine.key')
}
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

for (const [alg, title] of [
  [-9, 'P-256'],
  [-19, 'Ed25519'],
] as const) {
  const dir = mkdtempSync(join(tmpdir(), 'key-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'machine.key')
  const made = createKeyFile(path, { alg })
  signerContract({ describe, it, expect }, `key file, ${title}`, async () => {
    await made
    return openKeyFile(path)
  })
}

/** Writes a key file of any content, for its owner only. */
function written(content: string | Buffer): string {
  const path = newPath()
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

const pem = (key: { export(options: object): string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('createKeyFile', () => {
  it('makes a P-256 key that only its owner may use, and leaves nothing else behind', async () => {
    const path = newPath()
    const signer = await createKeyFile(path)
    expect(signer.alg).toBe(-9)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(path, '..'))).toEqual(['machine.key'])
    expect((await openKeyFile(path)).publicKey).toEqual(signer.publicKey)
  })

  it('makes a file for its owner only whatever the umask is', async () => {
    const before = process.umask(0)
    const path = newPath()
    await createKeyFile(path).finally(() => process.umask(before))
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('draws another key each time', async () => {
    const [a, b] = await Promise.all([createKeyFile(newPath()), createKeyFile(newPath())])
    expect(a.publicKey).not.toEqual(b.publicKey)
  })

  it('refuses to touch what is there: a key, an empty file, a dangling link', async () => {
    const key = newPath()
    await createKeyFile(key)
    const content = readFileSync(key)
    const empty = written('')
    const dangling = newPath()
    symlinkSync('/nowhere', dangling)
    for (const path of [key, empty, dangling]) {
      await expect(createKeyFile(path)).rejects.toMatchObject({ code: 'key-exists', facts: { path } })
      expect(readdirSync(join(path, '..'))).toEqual(['machine.key'])
    }
    expect(readFileSync(key)).toEqual(content)
  })

  it('lets one of two at once win', async () => {
    const path = newPath()
    const results = await Promise.allSettled([createKeyFile(path), createKeyFile(path)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const winner = results.find((result) => result.status === 'fulfilled')
    expect((await openKeyFile(path)).publicKey).toEqual(winner?.value.publicKey)
  })

  it('needs its folder to exist', async () => {
    const made = createKeyFile(join(newPath(), 'missing', 'machine.key'))
    await expect(made).rejects.toMatchObject({ code: 'file-unreadable', facts: { errno: 'ENOENT' } })
  })
})

describe('openKeyFile', () => {
  it('says what to do when there is no key, and makes none', async () => {
    const path = newPath()
    await expect(openKeyFile(path)).rejects.toMatchObject({
      code: 'key-missing',
      message: expect.stringContaining('fieldproof init'),
    })
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it('refuses a key that anyone but its owner may read, write or run, and says chmod 600', async () => {
    const path = newPath()
    await createKeyFile(path)
    for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601]) {
      chmodSync(path, mode)
      const exposed = { code: 'key-exposed', message: expect.stringContaining('chmod 600') }
      await expect(openKeyFile(path)).rejects.toMatchObject(exposed)
    }
    chmodSync(path, 0o400)
    expect((await openKeyFile(path)).alg).toBe(-9)
  })

  it('judges the file that a link leads to', async () => {
    const path = newPath()
    const signer = await createKeyFile(path)
    symlinkSync(path, `${path}.link`)
    expect((await openKeyFile(`${path}.link`)).publicKey).toEqual(signer.publicKey)
    chmodSync(path, 0o644)
    await expect(openKeyFile(`${path}.link`)).rejects.toMatchObject({ code: 'key-exposed' })
  })

  it('refuses a folder and a pipe, without waiting for a writer', async () => {
    const dir = newPath()
    mkdirSync(dir)
    await expect(openKeyFile(dir)).rejects.toMatchObject({ code: 'key-invalid' })
    const pipe = newPath()
    execFileSync('mkfifo', ['-m', '600', pipe])
    await expect(openKeyFile(pipe)).rejects.toMatchObject({ code: 'key-invalid' })
  })

  it('refuses keys of other kinds, encrypted or damaged ones, and what is no key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const contents = [
      '',
      'no key',
      pem(privateKey).slice(0, 120),
      pem(privateKey).replace(/\n[A-Za-z]/, '\n!'),
      `${pem(privateKey)}${'#'.repeat(5000)}`,
      privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey),
      pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey),
      pem(generateKeyPairSync('x25519').privateKey),
      pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
    ]
    for (const content of contents) {
      await expect(openKeyFile(written(content))).rejects.toMatchObject({ code: 'key-invalid' })
    }
  })

  it('shows no byte of the key in errors, JSON or inspection', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const text = pem(privateKey)
    const body = text.split('\n').slice(1, -2)
    const { d } = privateKey.export({ format: 'jwk' })
    const damaged = text.replace('END PRIVATE', 'END OTHER')
    const error: unknown = await openKeyFile(written(damaged)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'key-invalid' })
    const signer = await openKeyFile(written(text))
    const shown = [inspect(error, { depth: 9, showHidden: true }), inspect(signer, { depth: 9, showHidden: true })]
    shown.push(JSON.stringify(error), JSON.stringify(signer))
    const secrets = [...body, d!, Buffer.from(d!, 'base64url').toString('hex')]
    for (const secret of secrets) for (const text of shown) expect(text).not.toContain(secret)
  })

  it('signs as another implementation of the key would', async () => {
    const signer = await openKeyFile(written(pem(generateKeyPairSync('ed25519').privateKey)))
    const message = utf8('reading')
    expect(await signer.sign(message)).toEqual(await signer.sign(message))
    const p256 = await createKeyFile(newPath())
    expect(pureP256.verify(p256.publicKey, message, await p256.sign(message))).toBe(true)
  })

  it('lets root use the key of another user, and nobody else', async ({ skip }) => {
    skip(process.geteuid?.() !== 0, 'only root can give a file to another user')
    const path = newPath()
    await createKeyFile(path)
    chownSync(path, 12_345, 12_345)
    expect((await openKeyFile(path)).alg).toBe(-9)
    const me = vi.spyOn(process, 'geteuid').mockReturnValue(54_321)
    const refused = openKeyFile(path).finally(() => me.mockRestore())
    await expect(refused).rejects.toMatchObject({ code: 'key-exposed', facts: { owner: 12_345 } })
  })
})
