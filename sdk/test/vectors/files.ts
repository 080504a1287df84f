/** Reads schemas/vectors, which an independent implementation writes from the specification. */
import { readdirSync, readFileSync } from 'node:fs'
import type { VectorFile } from './runner.ts'

const FOLDER = new URL('../../../schemas/vectors/', import.meta.url)

/** Vector files of other packages' formats, and the test that runs each, from the repository's root. */
export const RUN_ELSEWHERE: Readonly<Record<string, string>> = { board: 'boards/test/protocol/vectors.test.ts' }

/** Every vector file of a format of this package, by its name without `.json`. */
export function loadVectorFiles(): Readonly<Record<string, VectorFile>> {
  const names = allVectorFiles().filter((name) => !Object.hasOwn(RUN_ELSEWHERE, name))
  return Object.fromEntries(names.map((name) => [name, load(`${name}.json`)]))
}

/** Names of all vector files there are, without `.json`. */
export function allVectorFiles(): string[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return names.map((name) => name.slice(0, -'.json'.length)).sort()
}

function load(name: string): VectorFile {
  const file = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Partial<VectorFile>
  if (!Array.isArray(file.cases) || file.cases.length === 0) throw new Error(`${name} holds no cases`)
  return { ...file, cases: file.cases }
}
