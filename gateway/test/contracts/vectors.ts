/** The vectors of schemas/vectors, which an independent implementation wrote. */
import { readFileSync } from 'node:fs'
import type { Hex } from 'viem'

/** One case; its other fields depend on the file. */
export interface Vector {
  readonly name: string
  readonly valid: boolean
  readonly kind?: string
  readonly [field: string]: unknown
}

/** Cases of one file. @throws Error when there are none */
export function loadVectors(file: string): readonly Vector[] {
  const url = new URL(`../../../schemas/vectors/${file}.json`, import.meta.url)
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: readonly Vector[] }
  if (cases.length === 0) throw new Error(`${file}.json has no cases`)
  return cases
}

/** Bytes of a hex field. @throws Error when it is not hex */
export function hex(field: unknown): Hex {
  if (typeof field !== 'string' || !/^([0-9a-f]{2})*$/.test(field)) throw new Error(`not hex: ${String(field)}`)
  return `0x${field}`
}
