/** Every case of every vector file in a real browser, under a policy that forbids eval. */
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadVectorFiles } from '../vectors/files.ts'
import { launchChromium, type PageLog, runPage } from './chromium.ts'
import type { PageResult } from './page.ts'

const FILES = loadVectorFiles()

describe('the verifier in Chromium', () => {
  let browser: Browser
  let program: string
  let log: PageLog
  let result: PageResult

  beforeAll(async () => {
    program = await bundle(fileURLToPath(new URL('page.ts', import.meta.url)))
    browser = await launchChromium()
    const vectors = `globalThis.vectors = ${JSON.stringify(FILES)}`
    const modules = { 'vectors.js': vectors, 'program.js': program }
    ;({ log, said: result } = await runPage<PageResult>(await browser.newPage(), modules))
  }, 120_000)

  afterAll(() => browser?.close())

  it.each(Object.entries(FILES))('runs every case of %s', (name, { cases }) => {
    expect(result.failure).toBeUndefined()
    expect(result.files[name]?.problems).toEqual([])
    expect(result.files[name]?.executed).toBe(cases.length)
  })

  it('prints no error and asks for nothing', () => {
    expect(log).toEqual({ errors: [], requests: [] })
  })

  it("finds none of Node's globals, and needs none", () => {
    expect(result.nodeGlobals).toEqual([])
    // Feature tests (`typeof Buffer`) remain; a use would have thrown above, unless it hides in code that no vector reaches.
    const uses = program.match(/(?<!typeof )\b(?:Buffer|process)\b\s*\.|\brequire\(/g) ?? []
    expect(uses).toEqual([])
  })

  it('decodes by the small walk, and leaves cbor-x out', () => {
    expect(program).not.toContain('Unknown CBOR token') // as cbor-x says
  })

  it('runs under a policy that does block eval', async () => {
    const attempt =
      "let said = 'ran'; try { new Function('return 1')() } catch (error) { said = error.name }; report(said)"
    expect(await runPage<string>(await browser.newPage(), { 'eval.js': attempt })).toMatchObject({ said: 'EvalError' })
  })
})

/** One module with everything that `entry` needs. */
async function bundle(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    // As a bundler for browsers, and our own files from their sources, as the tests import them.
    resolve: { conditions: ['@fieldproof/source', 'browser', 'module', 'import', 'default'] },
    build: { write: false, target: 'es2022', rollupOptions: { input: entry, output: { format: 'es' } } },
  })
  const chunks = [output].flat().flatMap((one) => ('output' in one ? one.output : []))
  const [chunk, ...rest] = chunks
  if (chunk?.type !== 'chunk' || rest.length > 0) throw new Error(`want one file, not ${chunks.length}`)
  return chunk.code
}
