/** `npm run check` finds what it is for: each check runs on a small repository that is wrong in one way. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../../scripts/check.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'fieldproof-checks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let repositories = 0

/** Findings of one check on a new repository with these files. */
function findings(check: string, files: Readonly<Record<string, string>>): string[] {
  const root = join(folder, String(repositories++))
  const all = { 'package.json': '{}', 'README.md': '', 'sdk/package.json': SDK, ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  spawnSync('git', ['init', '--quiet', root])
  const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, check, '--root', root], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const lines = stdout.split('\n').filter((line) => line.startsWith(`${check}: `))
  expect(status).toBe(lines.length === 0 ? 0 : 1)
  return lines.map((line) => line.slice(check.length + 2))
}

const SDK =
  '{ "name": "@fieldproof/sdk", "version": "1.0.0", "private": true, "devDependencies": { "vitest": "4.0.0" } }'
const GATEWAY = '{ "name": "@fieldproof/gateway", "version": "1.0.0", "dependencies": { "hono": "4.0.0" } }'

/** Findings on the imports of one file, without its name. */
function importFindings(path: string, text: string): string[] {
  const lines = findings('imports', { 'gateway/package.json': GATEWAY, [path]: text })
  return lines.map((line) => line.replace(`${path}:`, ''))
}

describe('the check of imports', () => {
  it.each([
    ['a layer above', 'sdk/src/merkle/a.ts', "import { x } from '../base/index.ts'"],
    ['a pure package', 'sdk/src/crypto/a.ts', "import { x } from '@noble/curves/nist.js'"],
    ['Node at the edge', 'sdk/src/node/a.ts', "import { x } from 'node:fs'"],
    ['a dev dependency in a test', 'sdk/test/a.test.ts', "import { x } from 'vitest'"],
    ['a published subpath', 'gateway/src/a.ts', "import { x } from '@fieldproof/sdk/verify'"],
    ['a declared dependency', 'gateway/src/a.ts', "import { x } from 'hono/cors'"],
    [
      'an import that a comment shows',
      'sdk/src/base/a.ts',
      "/**\n * import { x } from 'node:fs'\n */\n// import('mqtt')",
    ],
  ])('lets pass %s', (_name, path, text) => {
    expect(importFindings(path, text)).toEqual([])
  })

  it.each([
    [
      'a layer below',
      'sdk/src/merkle/a.ts',
      "import { x } from '../verify/index.ts'",
      '1: imports ../verify/index.ts: ',
    ],
    [
      'a type of a layer below',
      'sdk/src/wire/a.ts',
      "import type { X } from '../evm/rpc.ts'",
      '1: imports ../evm/rpc.ts: ',
    ],
    ['Node in a pure layer', 'sdk/src/machine/a.ts', "import 'node:fs'", '1: imports node:fs: '],
    ['Node in the fakes', 'sdk/src/testing/a.ts', "import { x } from 'node:fs'", '1: imports node:fs: '],
    ['another package in a pure layer', 'sdk/src/wire/a.ts', "export { x } from 'mqtt'", '1: imports mqtt: '],
    [
      'what the gateway never uses',
      'gateway/src/a.ts',
      "import { x } from '@fieldproof/sdk/machine'",
      '1: imports @field',
    ],
    [
      'the root of the SDK in the gateway',
      'gateway/src/a.ts',
      "import { x } from '@fieldproof/sdk'",
      '1: imports @fieldproof/sdk: ',
    ],
    [
      'sources of another package',
      'gateway/src/a.ts',
      "import { x } from '../../sdk/src/base/index.ts'",
      '1: imports ../../sdk',
    ],
    ['a package that is not declared', 'gateway/src/a.ts', "import { x } from 'vitest'", '1: imports vitest: '],
    [
      'itself by name',
      'sdk/src/node/a.ts',
      "import { x } from '@fieldproof/sdk/base'",
      '1: imports @fieldproof/sdk/base: ',
    ],
    ['an absolute path', 'sdk/src/node/a.ts', "import { x } from '/etc/x.js'", '1: imports /etc/x.js: '],
    [
      'anything of ours in the contract',
      'schemas/generate/a.mjs',
      "import '@fieldproof/sdk/wire'",
      '1: imports @fieldproof/sdk',
    ],
  ])('refuses %s', (_name, path, text, finding) => {
    expect(importFindings(path, text)).toEqual([expect.stringContaining(finding)])
  })

  it.each([
    ['over several lines with comments', "import {\n  x, // from 'here'\n  y,\n} from 'mqtt'", '4: imports mqtt: '],
    ['with a default and a namespace', "import d, * as all from 'mqtt'", '1: imports mqtt: '],
    ['an export of everything', "\nexport * from 'mqtt'", '2: imports mqtt: '],
    ['a dynamic import', "const x = await import('mqtt')", '1: imports mqtt: '],
    ['a type import', "type X = import('mqtt').X", '1: imports mqtt: '],
    ['require', "const x = require('mqtt')", '1: imports mqtt: '],
    ['a computed import', 'const x = await import(name)', '1: a computed import'],
    ['an import that the check cannot read', 'import x = mqtt.y', '1: an import that cannot be read'],
  ])('sees %s', (_name, text, finding) => {
    expect(importFindings('sdk/src/wire/a.ts', text)).toEqual([expect.stringContaining(finding)])
  })

  it('refuses a source file that stands in no room', () => {
    expect(importFindings('extra/a.ts', 'export {}')).toEqual([expect.stringContaining('stands in no room')])
  })
})

describe('the check of the lock file and paths', () => {
  it('finds addresses of a registry and paths of one computer', () => {
    const host = ['registry', 'npmjs', 'org'].join('.')
    const found = findings('lock', {
      'package-lock.json': `{\n  "resolved": "http://example.org/a.tgz"\n}`,
      'a.md': `Get it from ${host}.`,
      'b.ts': `const path = '${['', 'home', 'me', 'key'].join('/')}'`,
      '.npmrc': 'registry=http://example.org',
    })
    expect(found.map((line) => line.replace(/: .*/, ''))).toEqual([
      '.npmrc:1',
      'a.md:1',
      'b.ts:1',
      'package-lock.json:2',
    ])
  })

  it('lets pass relative paths and other addresses', () => {
    expect(findings('lock', { 'a.md': 'see https://example.org/home/me and ./work/x and src/root/index.ts' })).toEqual(
      [],
    )
  })
})

describe('the check of published packages', () => {
  const published = (fields: object): Record<string, string> => ({
    'gateway/package.json': JSON.stringify({ name: '@fieldproof/gateway', version: '1.0.0', ...fields }),
  })

  it('finds an export or a program that is not there, or would not be shipped', () => {
    const exports = { '.': { types: './dist/a.d.ts', default: './dist/a.js' }, './b': { default: './lib/b.js' } }
    const files = {
      ...published({ exports, bin: { x: 'bin/x.js' }, files: ['dist'] }),
      'gateway/dist/a.js': '',
      'gateway/lib/b.js': '',
    }
    expect(findings('exports', files)).toEqual([
      'gateway: ./dist/a.d.ts does not exist (after npm run build)',
      'gateway: bin/x.js does not exist (after npm run build)',
      'gateway: export ./b has no types',
      'gateway: ./lib/b.js is not among "files"',
      'gateway: bin/x.js is not among "files"',
    ])
  })

  it('finds versions that are not pinned, and dependencies that no table in README.md names', () => {
    const dependencies = { hono: '^4.0.0', zod: '4.0.0', viem: '2.0.0', pino: '10.0.0', '@fieldproof/sdk': '0.9.0' }
    const readme = '| `zod`, [viem](https://example.org) | why |\n| x | pino |\n\nAlso `pino`.'
    expect(findings('exports', { ...published({ dependencies }), 'README.md': readme })).toEqual([
      'gateway: hono is not pinned to one version (^4.0.0)',
      'gateway: @fieldproof/sdk is at 1.0.0 here, not 0.9.0',
      'README.md: no table says why hono is a dependency',
      'README.md: no table says why pino is a dependency',
    ])
  })
})

describe('the check of MUSTs', () => {
  it('finds an id given twice, a MUST without one, and an id that nobody gave', () => {
    const id = (number: number): string => ['WIRE', number].join('-')
    const found = findings('spec-ids', {
      'schemas/spec/a.md': `- **${id(1)}** A MUST b.\n- **${id(1)}** C MUST d.\nE MUST f.\nSee ${id(2)}.`,
      'sdk/test/a.test.ts': `it('does b (${id(1)})'); it('does g (${id(3)})'); it('uses SHA-256')`,
    })
    expect(found).toEqual([
      `schemas/spec/a.md:2: ${id(1)} is given already, at schemas/spec/a.md:1`,
      'schemas/spec/a.md:3: a MUST without an id',
      `schemas/spec/a.md:4: names ${id(2)}, which the specification has not`,
      `sdk/test/a.test.ts:1: names ${id(3)}, which the specification has not`,
    ])
  })

  it('finds that there is no specification at all', () => {
    expect(findings('spec-ids', {})).toEqual(['schemas/spec holds no specification'])
  })
})

describe('the check of sizes', () => {
  it('finds a file of 401 lines and lets pass one of 400', () => {
    const found = findings('size', { 'sdk/src/a.ts': 'x\n'.repeat(401), 'sdk/src/b.ts': 'x\n'.repeat(400) })
    const own = found.filter((line) => line.startsWith('sdk/src/')) // the rest are reasons for files of this repository
    expect(own).toEqual([expect.stringContaining('sdk/src/a.ts: 401 lines')])
  })
})
