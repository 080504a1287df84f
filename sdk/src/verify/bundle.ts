/**
 * Proof bundle, `.fpproof` (schemas/spec/07-bundle.md): SHA-256 of the body, then the body. Every byte is checked by the
 * verifier or absent: roots are recomputed, so none is carried; shared parts stand once and none stands unused.
 */
import { concat, equalBytes, FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import type { Hash } from '../crypto/index.ts'
import {
  BUNDLE_LIMITS,
  CAIP2_PATTERN,
  CborReader,
  type CborValue,
  decodeCbor,
  encodeCbor,
  MAX_PATH,
} from '../wire/index.ts'

/** A statement with its place in the log. */
export interface BundleStatement {
  /** Statement bytes. */
  readonly bytes: Uint8Array
  /** Index in `keys`. */
  readonly key: number
  /** Index in `definitions`. */
  readonly definition: number
  readonly logIndex: number
  readonly logPath: readonly Uint8Array[]
}

/** A row with its path to its statement's root. */
export interface BundleRow {
  /** Index in `statements`. */
  readonly statement: number
  /** Leaf index in the batch tree, from 1. */
  readonly index: number
  /** Leaf input. */
  readonly input: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** Where the log head that covers all statements was anchored. */
export interface BundleAnchor {
  readonly caip2: string
  readonly logId: Hash32
  /** Log size of the anchored head. */
  readonly size: number
  readonly blockNumber: number
  readonly blockHash: Hash32
  readonly txHash: Hash32
}

/** One proof file, decoded. */
export interface Bundle {
  /** COSE_Key bytes. */
  readonly keys: readonly Uint8Array[]
  /** Stream definition bytes. */
  readonly definitions: readonly Uint8Array[]
  /** By log index, strictly increasing. */
  readonly statements: readonly BundleStatement[]
  /** By statement and row index, strictly increasing. */
  readonly rows: readonly BundleRow[]
  readonly anchor: BundleAnchor
}

const VERSION = 1
const DIGEST_BYTES = 32
/** Rows and statements of one bundle. */
const MAX_PARTS = 16_384
const read = new CborReader('bundle-invalid')

/**
 * File bytes of a bundle.
 * @throws FieldproofError `bundle-invalid` when a reader would refuse it
 */
export function encodeBundle(bundle: Bundle, hash: Hash): Uint8Array {
  assertShape(bundle)
  const { anchor } = bundle
  const body = encodeCbor([
    VERSION,
    bundle.keys,
    bundle.definitions,
    bundle.statements.map((s) => [s.bytes, s.key, s.definition, s.logIndex, s.logPath]),
    bundle.rows.map((r) => [r.statement, r.index, r.input, r.path]),
    [anchor.caip2, anchor.logId, anchor.size, anchor.blockNumber, anchor.blockHash, anchor.txHash],
  ])
  return concat(hash.sha256(body), body)
}

/**
 * Parses a bundle and checks its digest and shape; nothing in it is verified yet.
 * @throws FieldproofError `bundle-digest`, `bundle-invalid`, or the gate's codes
 */
export function decodeBundle(bytes: Uint8Array, hash: Hash): Bundle {
  if (bytes.length > BUNDLE_LIMITS.maxBytes) {
    throw new FieldproofError('too-large', `a bundle has at most ${BUNDLE_LIMITS.maxBytes} bytes`)
  }
  const body = bytes.subarray(DIGEST_BYTES)
  if (bytes.length <= DIGEST_BYTES || !equalBytes(bytes.subarray(0, DIGEST_BYTES), hash.sha256(body))) {
    throw new FieldproofError('bundle-digest', 'the file is damaged, or not a proof bundle: its digest does not match')
  }
  const parts = read.array(decodeCbor(body, BUNDLE_LIMITS), 'bundle', 6)
  if (parts[0] !== VERSION) read.fail('version', String(VERSION))
  const bundle: Bundle = {
    keys: read.list(parts[1], 'keys', MAX_PARTS).map((k) => read.bytes(k, 'key')),
    definitions: read.list(parts[2], 'definitions', MAX_PARTS).map((d) => read.bytes(d, 'definition')),
    statements: read.list(parts[3], 'statements', MAX_PARTS).map(readStatement),
    rows: read.list(parts[4], 'rows', MAX_PARTS).map(readRow),
    anchor: readAnchor(parts[5]),
  }
  assertShape(bundle)
  return bundle
}

function readStatement(value: CborValue): BundleStatement {
  const parts = read.array(value, 'statement', 5)
  return {
    bytes: read.bytes(parts[0], 'statement'),
    key: read.int(parts[1], 'key index'),
    definition: read.int(parts[2], 'definition index'),
    logIndex: read.int(parts[3], 'log index', 1),
    logPath: readPath(parts[4]),
  }
}

function readRow(value: CborValue): BundleRow {
  const parts = read.array(value, 'row', 4)
  return {
    statement: read.int(parts[0], 'statement index'),
    index: read.int(parts[1], 'row index', 1),
    input: read.bytes(parts[2], 'row input'),
    path: readPath(parts[3]),
  }
}

function readPath(value: CborValue | undefined): Uint8Array[] {
  return read.list(value, 'path', MAX_PATH).map((node) => read.bytes(node, 'node', 32))
}

function readAnchor(value: CborValue | undefined): BundleAnchor {
  const parts = read.array(value, 'anchor', 6)
  return {
    caip2: read.matching(parts[0], 'chain', CAIP2_PATTERN),
    logId: hash32(read.bytes(parts[1], 'log id', 32)),
    size: read.int(parts[2], 'log size', 2),
    blockNumber: read.int(parts[3], 'block number'),
    blockHash: hash32(read.bytes(parts[4], 'block hash', 32)),
    txHash: hash32(read.bytes(parts[5], 'transaction hash', 32)),
  }
}

/** Everything is referenced, nothing stands twice, the order is the one order. */
function assertShape(bundle: Bundle): void {
  assertAllUsed(
    'keys',
    bundle.keys.length,
    bundle.statements.map((s) => s.key),
  )
  assertAllUsed(
    'definitions',
    bundle.definitions.length,
    bundle.statements.map((s) => s.definition),
  )
  assertAllUsed(
    'statements',
    bundle.statements.length,
    bundle.rows.map((r) => r.statement),
  )
  assertDistinct('keys', bundle.keys)
  assertDistinct('definitions', bundle.definitions)
  assertIncreasing(
    'statements',
    bundle.statements.map((s) => [s.logIndex]),
  )
  assertIncreasing(
    'rows',
    bundle.rows.map((r) => [r.statement, r.index]),
  )
  if ((bundle.statements.at(-1)?.logIndex ?? 0) >= bundle.anchor.size)
    read.fail('anchor', 'a size above every log index')
}

/** Parts are numbered by first use, so that one set of parts has one encoding. */
function assertAllUsed(what: string, count: number, references: readonly number[]): void {
  let next = 0
  for (const reference of references) {
    if (reference > next) read.fail(what, 'parts numbered in the order of their first use')
    if (reference === next) next++
  }
  if (next !== count) read.fail(what, 'every part used')
}

function assertDistinct(what: string, parts: readonly Uint8Array[]): void {
  const seen = new Set(parts.map((part) => part.join()))
  if (seen.size !== parts.length) read.fail(what, 'no part twice')
}

function assertIncreasing(what: string, keys: readonly (readonly number[])[]): void {
  for (let i = 1; i < keys.length; i++) {
    const a = keys[i - 1] ?? []
    const b = keys[i] ?? []
    const at = a.findIndex((value, j) => value !== b[j])
    if (at < 0 || (a[at] ?? 0) > (b[at] ?? 0)) read.fail(what, 'strictly increasing order')
  }
}
