/**
 * What a vector file is run with, whatever runs it: Node with either engine, or a browser. Nothing here or in runners/ knows
 * a test framework or a platform, so that a browser executes the very code that Node does.
 */
import type { Code } from '../../src/base/index.ts'
import { fromHex } from '../../src/base/index.ts'
import type { Hash, Suites } from '../../src/crypto/index.ts'

/** One case of a file; its other fields depend on file and kind. */
export interface Case {
  readonly name: string
  readonly valid: boolean
  /** Tells different cases of one file apart. */
  readonly kind?: string
  /** Code of the refusal. */
  readonly error?: Code
  /** In bundle.json, the check that fails. */
  readonly check?: string
  readonly [field: string]: unknown
}

/** A parsed file of schemas/vectors. */
export interface VectorFile {
  readonly cases: readonly Case[]
  readonly [field: string]: unknown
}

/** What a reader computes with. */
export interface Context {
  readonly file: VectorFile
  readonly hash: Hash
  readonly suites: Suites
}

/** Fields that a reader has computed, in the JSON form of the vectors: bytes as hex. */
export type Outputs = Readonly<Record<string, unknown>>

/** Reads cases of one kind. */
export interface Reader {
  /** Fields that a good case gives and that are not computed again; every other field has to be. */
  readonly given: readonly string[]
  /** @throws FieldproofError with the code of the refusal; in bundle.json with `facts.check` too */
  readonly read: (item: Case, context: Context) => Outputs | Promise<Outputs>
}

/** A code of ours that is not the vector's, and the rule that allows it. */
export interface OtherCode {
  readonly code: Code
  readonly why: string
}

/** Everything that runs one file. */
export interface Runner {
  /** By `kind`; '' for cases without one. */
  readonly readers: Readonly<Record<string, Reader>>
  /** By name of the case. */
  readonly otherCodes?: Readonly<Record<string, OtherCode>>
}

/** Bytes of a hex field. */
export function bytesOf(field: unknown): Uint8Array {
  if (typeof field !== 'string') throw new Error(`want hex, not ${JSON.stringify(field)}`)
  return fromHex(field)
}

/** Bytes of the hex texts in a list. */
export function allBytesOf(field: unknown): Uint8Array[] {
  if (!Array.isArray(field)) throw new Error(`want a list of hex, not ${JSON.stringify(field)}`)
  return field.map(bytesOf)
}

/** The field as a number. */
export function numberOf(field: unknown): number {
  if (typeof field !== 'number') throw new Error(`want a number, not ${JSON.stringify(field)}`)
  return field
}

/** The field as a text. */
export function textOf(field: unknown): string {
  if (typeof field !== 'string') throw new Error(`want a text, not ${JSON.stringify(field)}`)
  return field
}
