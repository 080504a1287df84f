/** `fieldproof key` tells of every kind of key file what it is. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from './cli-kit.ts'

const dir = mkdtempSync(join(tmpdir(), 'key-command-'))
let count = 0
const fresh = (): string => join(dir, `${count++}.key`)
afterAll(() => rmSync(dir, { recursive: true }))

const ALGS = ['p256', 'ed25519', 'x25519']
const SHOWN: Readonly<Record<string, RegExp>> = {
  p256: /^machine {5}[a-z2-7]{26}\nthumbprint {2}[0-9a-f]{64}\nCOSE_Key {4}a401022001/,
  ed25519: /^machine {5}[a-z2-7]{26}\nthumbprint {2}[0-9a-f]{64}\nCOSE_Key {4}a301012006/,
  x25519: /^recipient {3}[0-9a-f]{64}$/,
}

describe('fieldproof key', () => {
  it.each(ALGS)('shows a key file for %s without being told what it holds', async (alg) => {
    const path = fresh()
    const made = await run('key', path, '--create', '--alg', alg)
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(SHOWN[alg] ?? /none/)
    expect(await run('key', path)).toEqual(made)
    expect(await run('key', path, '--alg', alg)).toEqual(made)
  })

  it('makes a P-256 key when nothing else is said', async () => {
    expect((await run('key', fresh(), '--create')).out).toMatch(SHOWN['p256'] ?? /none/)
  })

  it.each(ALGS)('refuses an --alg that contradicts a file for %s', async (alg) => {
    const path = fresh()
    await run('key', path, '--create', '--alg', alg)
    for (const other of ALGS.filter((name) => name !== alg)) {
      const { code, err } = await run('key', path, '--alg', other)
      expect(code).toBe(2)
      expect(err).toContain(`usage: --alg ${other}: ${path} holds a key for ${alg}`)
    }
  })

  it('refuses an --alg that it does not know, and makes nothing', async () => {
    const path = fresh()
    const { code, err } = await run('key', path, '--create', '--alg', 'rsa')
    expect([code, err]).toEqual([2, expect.stringContaining('want p256, ed25519, x25519')])
    expect(existsSync(path)).toBe(false)
  })

  it('never overwrites a key, of whatever kind', async () => {
    const path = fresh()
    await run('key', path, '--create')
    const before = readFileSync(path)
    for (const alg of ALGS) expect((await run('key', path, '--create', '--alg', alg)).err).toContain('key-exists')
    expect(readFileSync(path)).toEqual(before)
  })

  it('refuses a key of another kind, and names those that it takes', async () => {
    const path = fresh()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const { code, err } = await run('key', path)
    expect([code, err]).toEqual([1, expect.stringContaining('no P-256, Ed25519 or X25519 key')])
  })
})

describe('the advice when a key is missing', () => {
  it('is to make it by this command', async () => {
    const path = fresh()
    expect((await run('key', path)).err).toContain(`\`fieldproof key ${path} --create\``)
  })

  it('is to make a reader key, where one is wanted', async () => {
    const path = fresh()
    const advice = `\`fieldproof key ${path} --create --alg x25519\``
    expect((await run('key', path, '--alg', 'x25519')).err).toContain(advice)
    const proof = ['proof', '--gateway', 'http://127.0.0.1:1', '--at', `${'a'.repeat(26)}:1:1`, '--open-with', path]
    expect((await run(...proof, '--output', join(dir, 'none.fpproof'))).err).toContain(advice)
  })
})
