import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const schemas = new URL('../', import.meta.url)
const main = fileURLToPath(new URL('generate/main.mjs', schemas))
const files = readdirSync(new URL('vectors/', schemas)).filter((name) => name.endsWith('.json'))

interface Vectors {
  description: string
  spec: string
  rules: string[]
  cases: { name: string; valid: boolean; error?: string; check?: string }[]
}
const load = (name: string): Vectors => JSON.parse(readFileSync(new URL(`vectors/${name}`, schemas), 'utf8')) as Vectors

describe('vectors', () => {
  it('are what the generator writes, and so are the worked examples of the specification', async () => {
    await expect(promisify(execFile)(process.execPath, [main, '--check'])).resolves.toMatchObject({ stderr: '' })
  })

  it.each(files)('%s says what it is, which page and which rules it is for', (name) => {
    const file = load(name)
    expect(file.description.length).toBeGreaterThan(20)
    expect(readFileSync(new URL(file.spec.replace('schemas/', ''), schemas), 'utf8')).toMatch(/^# 0/)
    expect(file.rules.length).toBeGreaterThan(0)
  })

  it.each(files)('%s names each case once, and why a bad one is bad', (name) => {
    const { cases } = load(name)
    expect(new Set(cases.map((item) => item.name)).size).toBe(cases.length)
    for (const item of cases) expect(item.valid, item.name).toBe(item.error === undefined && item.check === undefined)
  })

  it('hold only codes that errors.md describes', () => {
    const known = readFileSync(new URL('errors.md', schemas), 'utf8')
    const codes = new Set(files.flatMap((name) => load(name).cases.flatMap(({ error }) => error ?? [])))
    expect([...codes].filter((code) => !known.includes(`\n### ${code}\n`))).toEqual([])
  })
})

describe('generator', () => {
  it('imports nothing of the SDK', () => {
    const sources = readdirSync(new URL('generate/', schemas), { recursive: true, encoding: 'utf8' })
    const imports = sources
      .filter((name) => name.endsWith('.mjs'))
      .flatMap((name) => [...readFileSync(new URL(`generate/${name}`, schemas), 'utf8').matchAll(/from '([^']+)'/g)])
      .map(([, specifier]) => specifier ?? '')
    const foreign = new Set(imports.filter((specifier) => !/^\.\.?\/([\w-]+\/)?[\w-]+\.mjs$/.test(specifier)))
    expect([...foreign].sort()).toEqual(['@noble/hashes/sha3.js', 'cborg', 'node:crypto', 'node:fs', 'tweetnacl'])
  })
})
