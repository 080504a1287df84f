/** Cases of schemas/vectors as samples, read without a test runner. */
import { existsSync, readFileSync } from 'node:fs'
import { fromHex } from '../../src/base/index.ts'

/** One case; its other fields depend on the file. */
export interface VectorCase {
  readonly name: string
  readonly valid: boolean
  readonly [field: string]: unknown
}

const VECTORS = new URL('../../../schemas/vectors/', import.meta.url)

/** Cases of one file. @throws when there are none: an attack on nothing finds nothing */
export function vectorCases(file: string): readonly VectorCase[] {
  const { cases } = JSON.parse(readFileSync(new URL(`${file}.json`, VECTORS), 'utf8')) as { cases: VectorCase[] }
  if (cases.length < 4) throw new Error(`schemas/vectors/${file}.json has no cases`)
  return cases
}

/** Bytes of one hex field in every case that has it, the invalid ones too. */
export function vectorBytes(file: string, field: string, keep: (c: VectorCase) => boolean = () => true): Uint8Array[] {
  return vectorCases(file).flatMap((c) => (typeof c[field] === 'string' && keep(c) ? [fromHex(c[field])] : []))
}

/** Those of the named files that are there. */
export function optionalVectorFiles(...files: readonly string[]): string[] {
  return files.filter((file) => existsSync(new URL(`${file}.json`, VECTORS)))
}
