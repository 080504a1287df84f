/** Reads schemas/vectors, which an independent implementation writes from the specification. */
import { readdirSync, readFileSync } from 'node:fs'
import type { VectorFile } from './runner.ts'

const FOLDER = new URL('../../../schemas/vectors/', import.meta.url)

/** Every vector file there is, by its name without `.json`. */
export function loadVectorFiles(): Readonly<Record<string, VectorFile>> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return Object.fromEntries(names.sort().map((name) => [name.slice(0, -'.json'.length), load(name)]))
}

function load(name: string): VectorFile {
  const file = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Partial<VectorFile>
  if (!Array.isArray(file.cases) || file.cases.length === 0) throw new Error(`${name} holds no cases`)
  return { ...file, cases: file.cases }
}
