/** Every case of every vector file, with both engines; browser/vectors.services.test.ts runs the same in Chromium. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pureHash, pureSuites } from '../../src/crypto/index.ts'
import { nativeHash, nativeSuites } from '../../src/native/index.ts'
import { allVectorFiles, loadVectorFiles, RUN_ELSEWHERE } from './files.ts'
import { judgeCase, staleExceptions } from './judge.ts'
import type { Context } from './runner.ts'
import { RUNNERS } from './runners/index.ts'

const FILES = loadVectorFiles()
const ENGINES: Readonly<Record<string, Omit<Context, 'file'>>> = {
  pure: { hash: pureHash, suites: pureSuites },
  native: { hash: nativeHash, suites: nativeSuites },
}

describe('vector files', () => {
  it('have a runner each, and no runner is without its file', () => {
    expect([...Object.keys(RUNNERS), ...Object.keys(RUN_ELSEWHERE)].sort()).toEqual(allVectorFiles())
  })

  it.each(Object.entries(RUN_ELSEWHERE))('%s: is read by the test of the package that has its format', (name, test) => {
    const source = readFileSync(new URL(`../../../${test}`, import.meta.url), 'utf8')
    expect(source).toContain(`schemas/vectors/${name}.json', import.meta.url`)
  })

  it.each(Object.entries(RUNNERS))('%s: exceptions name cases that are there', (name, runner) => {
    expect(staleExceptions(runner, FILES[name]?.cases ?? [])).toEqual([])
  })
})

describe('runners', () => {
  it('import pure layers only, so that a browser can run them', () => {
    const here = new URL('./', import.meta.url)
    const sources = [
      'judge.ts',
      'runner.ts',
      ...readdirSync(new URL('runners/', here)).map((name) => `runners/${name}`),
    ]
    const imports = sources.flatMap((name) =>
      [...readFileSync(new URL(name, here), 'utf8').matchAll(/\bfrom '([^']+)'|\bimport\(/g)].map(
        ([, specifier]) => `${name}: ${specifier}`,
      ),
    )
    const allowed =
      /: (\.\/[\w-]+\.ts|\.\.\/(runner|judge)\.ts|(\.\.\/)+src\/(base|wire|crypto|merkle|evm|verify)\/[\w-]+\.ts|tweetnacl)$/
    expect(imports.length).toBeGreaterThan(sources.length)
    expect(imports.filter((line) => !allowed.test(line))).toEqual([])
  })
})

for (const [engine, engines] of Object.entries(ENGINES)) {
  for (const [name, file] of Object.entries(FILES)) {
    describe(`${name} vectors, ${engine}`, () => {
      let executed = 0
      for (const item of file.cases) {
        const kind = item.kind === undefined ? '' : `${item.kind}: `
        it(`${item.valid ? 'accepts' : 'refuses'} ${kind}${item.name}`, async () => {
          const runner = RUNNERS[name] ?? expect.fail(`no runner for ${name}.json`)
          const { problems } = await judgeCase(runner, item, { file, ...engines })
          executed++
          expect(problems).toEqual([])
        })
      }

      it('are all run', () => {
        expect(executed).toBe(file.cases.length)
      })
    })
  }
}
