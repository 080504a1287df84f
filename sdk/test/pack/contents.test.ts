/** The check of packed files finds what it is for: each package here is wrong in one way. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../../scripts/pack/check.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'fieldproof-pack-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MANIFEST = {
  name: '@fieldproof/some',
  version: '1.0.0',
  description: 'some',
  license: 'Apache-2.0',
  engines: { node: '>=20.19' },
  files: ['dist', 'src'],
  bin: { some: 'dist/a.js' },
  exports: { '.': { '@fieldproof/source': './src/a.ts', types: './dist/a.d.ts', default: './dist/a.js' } },
}
const GOOD = {
  'package.json': JSON.stringify(MANIFEST),
  'README.md': 'some',
  LICENSE: 'some',
  'src/a.ts': 'export const a = 1\n',
  'dist/a.js': '#!/usr/bin/env node\nexport const a = 1\n//# sourceMappingURL=a.js.map\n',
  'dist/a.js.map': '{"version":3,"sourceRoot":"","sources":["../src/a.ts"],"mappings":""}',
  'dist/a.d.ts': 'export declare const a = 1;\n',
}

let packages = 0

/** Findings on the good package with some files changed; `null` takes one away. */
function findings(changes: Readonly<Record<string, string | null>>): string[] {
  const root = join(folder, String(packages++))
  for (const [path, text] of Object.entries<string | null>({ ...GOOD, ...changes })) {
    if (text === null) continue
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, '--unpacked', root], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const lines = stdout.split('\n').filter((line) => line !== '')
  expect(status).toBe(lines.length === 0 ? 0 : 1)
  return lines
}

/** package.json with some fields changed. */
function manifest(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...MANIFEST, ...fields })
}

/** A text that is a secret, put together here so that this file holds none. */
const SECRETS = {
  key: ['-----BEGIN', 'PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHKh'].join(' '),
  token: `npm${'_'}${'a'.repeat(36)}`,
}

describe('the check of what is in a package', () => {
  it('lets pass a package that has all it names', () => {
    expect(findings({})).toEqual([])
  })

  it('lets pass a map that brings its sources along', () => {
    const map = '{"version":3,"sources":["../lib/b.ts"],"sourcesContent":["export {}"],"mappings":""}'
    expect(findings({ 'dist/a.js.map': map })).toEqual([])
  })

  it('lets pass a private package without README and LICENSE', () => {
    const changes = { 'package.json': manifest({ private: true }), 'README.md': null, LICENSE: null }
    expect(findings(changes)).toEqual([])
  })

  it.each([
    ['a missing README', { 'README.md': null }, ['has no README.md']],
    ['a missing licence text', { LICENSE: null }, ['has no LICENSE']],
    ['no engines', { 'package.json': manifest({ engines: undefined }) }, ['package.json has no "engines"']],
    [
      'the target of an export that was left behind',
      { 'dist/a.d.ts': null },
      ['package.json names dist/a.d.ts, which is not in the package'],
    ],
    ['a program without its first line', { 'dist/a.js': 'export {}\n' }, ['dist/a.js: a program without a #! line']],
    ['a test', { 'src/a.test.ts': '' }, ['src/a.test.ts: is not for users']],
    ['a folder of tests', { 'test/a.ts': '' }, ['test/a.ts: is not for users']],
    ['the settings of a compiler', { 'src/tsconfig.json': '{}' }, ['src/tsconfig.json: is not for users']],
    ['the state of a build', { 'dist/.tsbuildinfo/a': '' }, ['dist/.tsbuildinfo/a: is not for users']],
    ['a file named like a secret', { '.npmrc': '' }, ['.npmrc: has the name of a secret']],
    ['a private key', { 'README.md': SECRETS.key }, ['README.md: holds a private key']],
    ['a token', { 'README.md': SECRETS.token }, ['README.md: holds a registry token']],
    [
      'a path of this computer',
      { 'README.md': `see ${join(homedir(), 'notes')}` },
      ['README.md: names a path of this computer'],
    ],
    [
      'a map that leads out of the package',
      { 'dist/a.js.map': '{"version":3,"sources":["../../other/a.ts"],"mappings":""}' },
      ['dist/a.js.map: its source ../../other/a.ts is not in the package'],
    ],
    ['a map that is not there', { 'dist/a.js.map': null }, ['dist/a.js: its map a.js.map is not in the package']],
    [
      'what is left of a source that is gone',
      { 'dist/b.js': 'export {}\n' },
      ['dist/b.js: is built from a source that is gone: remove dist and build again'],
    ],
    [
      'a package grown over its limit',
      { 'src/big.txt': 'x'.repeat(2_000_001) },
      [expect.stringMatching(/^\d+ bytes unpacked, over 2000000 /)],
    ],
  ])('finds %s', (_name, changes, expected) => {
    expect(findings(changes)).toEqual(expected)
  })
})
