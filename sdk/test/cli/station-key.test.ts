/** `fieldproof key show|backup|restore`. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { initLocalStation } from '../../src/node/index.ts'
import { run } from './cli-kit.ts'

const root = mkdtempSync(join(tmpdir(), 'station-key-'))
const at = (name: string): string => join(root, name)
afterAll(() => rmSync(root, { recursive: true }))

function secret(name: string, text: string, mode = 0o600): string {
  writeFileSync(at(name), text, { mode })
  return at(name)
}

describe('the key of a station', () => {
  it('is shown, backed up, and restored into a new folder', async () => {
    const { machine } = await initLocalStation(at('porch'))
    const file = secret('passphrase', 'long enough a secret\n')
    const made = await run('key', 'backup', at('porch'), at('porch.backup'), '--passphrase-file', file, '--json')
    expect(JSON.parse(made.out)).toEqual({ file: at('porch.backup'), machine, hasGateway: false, hasSettings: false })
    const restored = await run('key', 'restore', at('porch.backup'), at('new'), '--passphrase-file', file)
    expect(restored).toMatchObject({ code: 0, out: `${at('new')}: machine ${machine}` })
    const shown = await run('key', 'show', at('new'))
    expect(shown).toEqual(await run('key', 'show', at('porch')))
    expect(JSON.parse((await run('key', 'show', at('new'), '--json')).out)).toMatchObject({ machine })
  })

  it('asks for no passphrase where there is no terminal', async () => {
    await initLocalStation(at('quiet'))
    const { code, err } = await run('key', 'backup', at('quiet'), at('quiet.backup'))
    expect([code, err]).toEqual([2, expect.stringContaining('--passphrase-file')])
    expect(existsSync(at('quiet.backup'))).toBe(false)
  })

  it.each([
    ['that others can read', 'long enough a secret', 0o644, 'key-exposed'],
    ['that is short', 'short', 0o600, 'at least 10'],
  ])('takes no passphrase %s', async (_, text, mode, want) => {
    await initLocalStation(at('picky'))
    const file = secret(`passphrase-${mode}`, text, mode)
    const { code, err } = await run('key', 'backup', at('picky'), at('picky.backup'), '--passphrase-file', file)
    expect(code).toBeGreaterThan(0)
    expect(err).toContain(want)
    expect(existsSync(at('picky.backup'))).toBe(false)
  })

  it('may still be a file whose name is that of an action', async () => {
    const { err } = await run('key', 'show')
    expect(err).toContain('no key at show')
  })
})
