/** The reader in schemas/second, which shares nothing with this repository's other code: not even the language. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Result {
  file: string
  cases: number
  passed: number
  faults: { case: string; disagreements: string[] }[]
}
interface Vectors {
  cases: { name: string; valid: boolean }[]
}

const schemas = new URL('../', import.meta.url)
const program = fileURLToPath(new URL('second/check.py', schemas))
const vectors = fileURLToPath(new URL('vectors/', schemas))
const names = readdirSync(vectors).filter((name) => name.endsWith('.json'))
const load = (name: string): Vectors => JSON.parse(readFileSync(join(vectors, name), 'utf8')) as Vectors

/** Runs the program; exit code 1 is an answer too, anything else is not. */
function check(files: string[]): Promise<{ exitCode: number; results: Result[] }> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024 }
    execFile('python3', [program, '--json', ...files], options, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') return reject(new Error('python3 is missing: the second reader did not run'))
      if (error && error.code !== 1) return reject(error)
      if (stderr !== '') return reject(new Error(stderr))
      const { files: results } = JSON.parse(stdout) as { files: Result[] }
      resolve({ exitCode: error ? 1 : 0, results })
    })
  })
}

describe('the second reader', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldproof-second-'))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('agrees with every case of every vector file', async () => {
    const { exitCode, results } = await check([])
    const counted = names.map((file) => ({ file, cases: load(file).cases.length }))
    expect(results).toEqual(counted.sort(byFile).map((each) => ({ ...each, passed: each.cases, faults: [] })))
    expect(exitCode).toBe(0)
  })

  it('disagrees with every case that says the opposite', async () => {
    for (const name of names) {
      const file = load(name)
      const cases = file.cases.map((each) => ({ ...each, valid: !each.valid }))
      writeFileSync(join(folder, name), JSON.stringify({ ...file, cases }))
    }
    const { exitCode, results } = await check(names.map((name) => join(folder, name)))
    expect(results.map(({ file, passed }) => ({ file, passed }))).toEqual(names.map((file) => ({ file, passed: 0 })))
    expect(exitCode).toBe(1)
  })

  it('takes no file that it has no reader for', async () => {
    const path = join(folder, 'unknown.json')
    writeFileSync(path, JSON.stringify({ cases: [{ name: 'a case', valid: false, error: 'malformed' }] }))
    const { exitCode, results } = await check([path])
    expect(results).toMatchObject([{ cases: 1, passed: 0 }])
    expect(exitCode).toBe(1)
  })
})

function byFile(one: { file: string }, two: { file: string }): number {
  return one.file < two.file ? -1 : 1
}
