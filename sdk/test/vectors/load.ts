/** Vectors of schemas/vectors: written by an independent implementation from the specification. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type Code, FieldproofError, fromHex } from '../../src/base/index.ts'

/** One case; its other fields depend on the file. */
export interface Case {
  readonly name: string
  readonly valid: boolean
  readonly error?: Code
  readonly [field: string]: unknown
}

/** Cases of one file. */
export function loadCases(file: string): readonly Case[] {
  const url = new URL(`../../../schemas/vectors/${file}.json`, import.meta.url)
  const cases = (JSON.parse(readFileSync(url, 'utf8')) as { cases: readonly Case[] }).cases
  expect(cases.length).toBeGreaterThan(3)
  return cases
}

/** Bytes of a hex field. */
export function bytesOf(field: unknown): Uint8Array {
  return fromHex(String(field))
}

/** The code that `task` throws; fails when it throws nothing, or anything that is not coded. */
export async function codeOf(task: () => unknown): Promise<Code> {
  try {
    await task()
  } catch (error) {
    expect(error).toBeInstanceOf(FieldproofError)
    return (error as FieldproofError).code
  }
  return expect.fail('accepted')
}
