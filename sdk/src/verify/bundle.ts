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
import { assertShape } from './bundle-shape.ts'

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

/** Where the log head that covers all statements was anchored: on which chain, which head of which log. */
interface AnchorPlace {
  readonly caip2: string
  readonly logId: Hash32
  /** Log size of the anchored head. */
  readonly size: number
}

/** Shown by the transaction that anchored it: small, and a node has to be asked. */
export interface TransactionAnchor extends AnchorPlace {
  readonly kind: 'transaction'
  readonly blockNumber: number
  readonly blockHash: Hash32
  readonly txHash: Hash32
}

/** Shown by the state after a block: whoever knows the hash of that block asks nobody. */
export interface StateAnchor extends AnchorPlace {
  readonly kind: 'state'
  /** RLP of the block's header. */
  readonly header: Uint8Array
  /** Trie nodes in the order of their first use. */
  readonly nodes: readonly Uint8Array[]
  /** RLP of the headers of the blocks that statements name as beacons, by number; lower bounds need them. */
  readonly beaconHeaders: readonly Uint8Array[]
}

/** What covers all statements. */
export type BundleAnchor = TransactionAnchor | StateAnchor

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
  if (bundle.rows.length === 0) read.fail('rows', 'at least one row')
  return encodeFile(bundle, hash)
}

/**
 * File bytes of a place: statements in their log, without rows.
 * @throws FieldproofError `bundle-invalid` when a reader would refuse it
 */
export function encodePlace(place: Bundle, hash: Hash): Uint8Array {
  if (place.rows.length > 0) read.fail('rows', 'no rows in a place')
  return encodeFile(place, hash)
}

function encodeFile(bundle: Bundle, hash: Hash): Uint8Array {
  assertShape(bundle)
  const body = encodeCbor([
    VERSION,
    bundle.keys,
    bundle.definitions,
    bundle.statements.map((s) => [s.bytes, s.key, s.definition, s.logIndex, s.logPath]),
    bundle.rows.map((r) => [r.statement, r.index, r.input, r.path]),
    anchorItems(bundle.anchor),
  ])
  return concat(hash.sha256(body), body)
}

/**
 * Parses a bundle and checks its digest and shape; nothing in it is verified yet.
 * @throws FieldproofError `bundle-digest`, `bundle-invalid`, or the gate's codes
 */
export function decodeBundle(bytes: Uint8Array, hash: Hash): Bundle {
  const bundle = decodeFile(bytes, hash)
  return bundle.rows.length > 0 ? bundle : read.fail('rows', 'at least one row')
}

/**
 * Parses a place, which proves no row: see {@link addRows}.
 * @throws FieldproofError as {@link decodeBundle}
 */
export function decodePlace(bytes: Uint8Array, hash: Hash): Bundle {
  const place = decodeFile(bytes, hash)
  return place.rows.length === 0 ? place : read.fail('rows', 'no rows in a place')
}

function decodeFile(bytes: Uint8Array, hash: Hash): Bundle {
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
    rows: read.list(parts[4], 'rows', MAX_PARTS, 0).map(readRow),
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
  const head: AnchorPlace = {
    caip2: read.matching(parts[0], 'chain', CAIP2_PATTERN),
    logId: hash32(read.bytes(parts[1], 'log id', 32)),
    size: read.int(parts[2], 'log size', 2),
  }
  if (parts[3] instanceof Uint8Array) {
    return {
      kind: 'state',
      ...head,
      header: parts[3],
      nodes: read.list(parts[4], 'trie nodes', MAX_PARTS).map((node) => read.bytes(node, 'trie node')),
      beaconHeaders: read.list(parts[5], 'beacon headers', MAX_PARTS, 0).map((h) => read.bytes(h, 'beacon header')),
    }
  }
  return {
    kind: 'transaction',
    ...head,
    blockNumber: read.int(parts[3], 'block number'),
    blockHash: hash32(read.bytes(parts[4], 'block hash', 32)),
    txHash: hash32(read.bytes(parts[5], 'transaction hash', 32)),
  }
}

function anchorItems(anchor: BundleAnchor): CborValue {
  const { caip2, logId, size } = anchor
  if (anchor.kind === 'state') return [caip2, logId, size, anchor.header, anchor.nodes, anchor.beaconHeaders]
  return [caip2, logId, size, anchor.blockNumber, anchor.blockHash, anchor.txHash]
}
