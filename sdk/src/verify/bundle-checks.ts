/** The checks that need the file alone: signatures, definitions, rows and the log's root. */
import { equalBytes, type Hash32, hash32, type MachineId, machineIdOf, toHex } from '../base/index.ts'
import {
  decodeCoseKey,
  decodeStatement,
  type Hash,
  KID_BYTES,
  type PublicKey,
  type SignedStatement,
  type Suites,
  thumbprint,
  verifyStatement,
} from '../crypto/index.ts'
import { definitionHash, leafHash, rootFromInclusion } from '../merkle/index.ts'
import { decodeDefinition, decodeRowInput, type Row, type StreamDefinition } from '../wire/index.ts'
import type { Bundle, BundleStatement } from './bundle.ts'
import { assertPathLength } from './bundle-shape.ts'
import { refuse } from './report.ts'

/** Computes for the checks. */
export interface Engines {
  readonly hash: Hash
  readonly suites: Suites
}

/** A statement of the bundle, decoded, with the key that it names. */
export interface ReadStatement {
  readonly signed: SignedStatement
  readonly key: PublicKey
  readonly thumbprint: Hash32
  readonly definition: StreamDefinition
  readonly source: BundleStatement
}

/** A row of the bundle, decoded. */
export interface ReadRow {
  readonly statement: ReadStatement
  readonly index: number
  readonly row: Row
}

/** Decodes keys, definitions and statements. @throws FieldproofError of the part that is wrong */
export function readStatements(bundle: Bundle, { hash, suites }: Engines): ReadStatement[] {
  const keys = bundle.keys.map((bytes) => decodeCoseKey(bytes, suites))
  const definitions = bundle.definitions.map(decodeDefinition)
  const statements = bundle.statements.map((source) => {
    const key = keys[source.key] ?? refuse('bundle-invalid', 'a statement names a key that is not there')
    const definition = definitions[source.definition] ?? refuse('bundle-invalid', 'a definition is not there')
    return { signed: decodeStatement(source.bytes, hash), key, thumbprint: thumbprint(key, hash), definition, source }
  })
  assertPaths(bundle, statements)
  return statements
}

/** Decodes rows by the definitions of their statements (BUNDLE-7). @throws FieldproofError `row-invalid` */
export function readRows(bundle: Bundle, statements: readonly ReadStatement[]): ReadRow[] {
  return bundle.rows.map(({ statement: at, index, input }) => {
    const statement = statements[at] ?? refuse('bundle-invalid', 'a row names a statement that is not there')
    return { statement, index, row: decodeRowInput(input, statement.definition).row }
  })
}

/** BUNDLE-5 and BUNDLE-6: what the signed leaf counts say of row indexes and paths. The lower bounds hold since decoding. */
function assertPaths(bundle: Bundle, statements: readonly ReadStatement[]): void {
  for (const { statement, index, path } of bundle.rows) {
    const leafCount = statements[statement]?.signed.statement.leafCount ?? 0
    if (index >= leafCount) refuse('bundle-invalid', `row ${index} of a batch with ${leafCount} leaves`)
    assertPathLength('row path', path, index, leafCount)
  }
}

/** Each statement's kid is the start of its key's thumbprint, and its algorithm that key's. */
export function checkKeys(statements: readonly ReadStatement[]): string {
  for (const { signed, key, thumbprint } of statements) {
    const { kid, alg } = signed.statement
    if (alg !== key.alg || !equalBytes(kid, thumbprint.subarray(0, KID_BYTES))) {
      refuse('key-invalid', `a statement names key ${toHex(kid)}, the file brings ${toHex(thumbprint).slice(0, 32)}`)
    }
  }
  return names(
    statements.map((s) => machineIdOf(s.thumbprint)),
    'key',
  )
}

/** Each signature is good. */
export async function checkSignatures(statements: readonly ReadStatement[], { suites }: Engines): Promise<string> {
  for (const { signed, key } of statements) {
    const suite = suites(key.alg) ?? refuse('key-invalid', `no suite for algorithm ${key.alg}`)
    if (!(await verifyStatement(signed, suite, key.publicKey))) {
      refuse(
        'bad-signature',
        `statement ${signed.statement.sequence} of ${signed.statement.machine} is not signed by its key`,
      )
    }
  }
  const algorithms = new Set(statements.map(({ key }) => (key.alg === -9 ? 'P-256 (ESP256)' : 'Ed25519')))
  return `${statements.length} signature(s), ${[...algorithms].join(' and ')}`
}

/** Each definition hashes to what its statement signed. */
export function checkDefinitions(bundle: Bundle, statements: readonly ReadStatement[], { hash }: Engines): string {
  for (const { signed, source } of statements) {
    const bytes = bundle.definitions[source.definition] ?? new Uint8Array()
    if (!equalBytes(definitionHash(hash, bytes), signed.statement.definitionHash)) {
      refuse('definition-invalid', 'a stream definition is not the one that was signed')
    }
  }
  return names(
    statements.map((s) => s.definition.name),
    'stream',
  )
}

/** The path of each row leads to the root that its statement signs. */
export function checkRows(bundle: Bundle, statements: readonly ReadStatement[], { hash }: Engines): string {
  for (const { statement: at, index, input, path } of bundle.rows) {
    const statement = statements[at] ?? refuse('bundle-invalid', 'a row names a statement that is not there')
    const { root, leafCount, sequence } = statement.signed.statement
    const reached = rootFromInclusion(hash, { leafHash: leafHash(hash, input), index, size: leafCount, path })
    if (!equalBytes(reached, root)) refuse('root-mismatch', `row ${index} is not in batch ${sequence}`)
  }
  return `${bundle.rows.length} row(s) in ${statements.length} batch(es)`
}

/** Every statement's path leads to one log root, which is returned. */
export function logRoot(bundle: Bundle, { hash }: Engines): Hash32 {
  const roots = bundle.statements.map(({ bytes, logIndex, logPath }) =>
    rootFromInclusion(hash, {
      leafHash: leafHash(hash, bytes),
      index: logIndex,
      size: bundle.anchor.size,
      path: logPath,
    }),
  )
  const [first, ...rest] = roots
  if (first === undefined || rest.some((root) => !equalBytes(root, first))) {
    refuse('proof-invalid', 'the statements are not in one log')
  }
  return hash32(first as Uint8Array)
}

function names(all: readonly (string | MachineId)[], what: string): string {
  return `${what} ${[...new Set(all)].join(', ')}`
}
