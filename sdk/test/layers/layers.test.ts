/**
 * The compiler refuses what a layer must not use. The layers are copied with their own tsconfigs, bad files are put beside
 * the real ones, and tsc must report each of them, and none of the good ones.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** In order: a layer sees the ones before it. Some are not built yet. */
const PURE = ['base', 'wire', 'crypto', 'merkle', 'evm', 'quality', 'decide', 'verify', 'machine'].filter(isBuilt)
const EDGE = ['native', 'node', 'testing', 'cli'].filter(isBuilt)

/** What a host offers and no pure layer may touch, with the compiler's answer. */
const HOST = {
  buffer: ['export const bad: unknown = Buffer.from([])', 'TS2591'],
  process: ['export const bad: unknown = process.env', 'TS2591'],
  module: ["import { readFileSync } from 'node:fs'\nexport const bad: unknown = readFileSync", 'TS2591'],
  timer: ['export const bad: unknown = setTimeout', 'TS2304'],
  fetch: ['export const bad: unknown = fetch', 'TS2304'],
  dom: ['export const bad: unknown = document', 'TS2584'],
} as const
const WHATS = Object.keys(HOST) as (keyof typeof HOST)[]

const NOT_IN_PROJECT = 'TS6307'
/** Every layer gets one, which nothing else imports: tsc reports a foreign file once a program, at its first importer. */
const STUB = 'zz-stub.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldproof-layers-'))
let reported: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  reported = compile(new Map([...stubs(), ...goodFiles(), ...hostFiles(), ...belowFiles()]))
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(PURE)('the layer %s', (layer) => {
  it('may use every layer above it', () => {
    expect(reported.get(goodFile(layer))).toBeUndefined()
  })

  it.each(WHATS)('does not compile with a %s of the host', (what) => {
    expect(reported.get(badFile(layer, what))).toEqual([HOST[what][1]])
  })

  it.each(below(layer))('does not see the layer %s', (other) => {
    expect(reported.get(badFile(layer, other))).toContain(NOT_IN_PROJECT)
  })
})

function isBuilt(layer: string): boolean {
  return existsSync(join(ROOT, 'sdk/src', layer, 'tsconfig.json'))
}

function above(layer: string): string[] {
  return PURE.slice(0, PURE.indexOf(layer))
}

function below(layer: string): string[] {
  return [...PURE.slice(PURE.indexOf(layer) + 1), ...EDGE]
}

function goodFile(layer: string): string {
  return `${layer}/zz-good.ts`
}

function badFile(layer: string, what: string): string {
  return `${layer}/zz-bad-${what}.ts`
}

function stubs(): [path: string, text: string][] {
  return [...PURE, ...EDGE].map((layer) => [`${layer}/${STUB}`, 'export const stub: number = 1'])
}

function goodFiles(): [path: string, text: string][] {
  return PURE.map((layer) => {
    const imports = above(layer).map((other, i) => `export { stub as stub${i} } from '../${other}/${STUB}'`)
    return [goodFile(layer), ['export const good: number = 1', ...imports].join('\n')]
  })
}

function hostFiles(): [path: string, text: string][] {
  return PURE.flatMap((layer) => WHATS.map((what): [string, string] => [badFile(layer, what), HOST[what][0]]))
}

function belowFiles(): [path: string, text: string][] {
  return PURE.flatMap((layer) =>
    below(layer).map((other): [string, string] => [
      badFile(layer, other),
      `export { stub } from '../${other}/${STUB}'`,
    ]),
  )
}

/** Codes that tsc reports on a copy of the layers with `files` added, by path below sdk/src. */
function compile(files: ReadonlyMap<string, string>): Map<string, string[]> {
  mkdirSync(join(folder, 'sdk'))
  for (const path of ['tsconfig.base.json', 'sdk/package.json', 'sdk/src']) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of files) writeFileSync(join(folder, 'sdk/src', path), `${text}\n`)
  const args = ['-b', '--pretty', 'false', ...PURE.map((layer) => join('sdk/src', layer))]
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), args, { cwd: folder, encoding: 'utf8' })
  const codes = new Map<string, string[]>()
  for (const [, path = '', code = ''] of stdout.matchAll(/^sdk\/src\/(\S+?)\(\d+,\d+\): error (TS\d+)/gm)) {
    codes.set(path, [...(codes.get(path) ?? []), code])
  }
  return codes
}
