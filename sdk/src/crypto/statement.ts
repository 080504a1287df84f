/**
 * The statement: what a machine signs once a batch (schemas/spec/03-history.md). One fixed header template, so that a
 * contract can rebuild it and two readers cannot disagree about it.
 */
import {
  type BootId,
  bootId,
  equalBytes,
  type Hash32,
  hash32,
  type MachineId,
  machineId,
  type StatementId,
  statementId,
} from '../base/index.ts'
import {
  type Beacon,
  CborReader,
  type CborValue,
  decodeCbor,
  encodeCbor,
  ITEM_LIMITS,
  MAX_ROWS,
} from '../wire/index.ts'
import { KID_BYTES } from './cose-key.ts'
import { decodeSign1, encodeSign1, sigStructure } from './cose-sign1.ts'
import type { Alg, Hash, Suite } from './ports.ts'

/** How far the machine's clock can be believed: 0 unsynced, 1 holdover, 2 synced. */
export type ClockQuality = 0 | 1 | 2

/** What a statement says. */
export interface Statement {
  readonly alg: Alg
  /** First 16 bytes of the signing key's thumbprint. */
  readonly kid: Uint8Array
  readonly machine: MachineId
  /** Claimed time of signing, whole seconds since 1970. */
  readonly issuedAt: number
  readonly boot: BootId
  /** Counts a machine's statements from 1, across boots and streams. */
  readonly sequence: number
  /** Rows + 1. */
  readonly leafCount: number
  /** Id of the machine's previous statement; null only in the first. */
  readonly prev: StatementId | null
  readonly definitionHash: Hash32
  readonly clockQuality: ClockQuality
  readonly beacon: Beacon | null
  /** SHA-256 of a sealed batch's body; null for an open batch. */
  readonly sealed: Hash32 | null
  /** Root of the batch tree: the payload. */
  readonly root: Hash32
}

/** A statement with the bytes it came from. */
export interface SignedStatement {
  readonly statement: Statement
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
  /** The Sig_structure. */
  readonly toBeSigned: Uint8Array
  readonly id: StatementId
}

/** COSE header and claim labels (RFC 9052, 9596, 9597, 9942); -65537 is ours. */
const LABEL = { alg: 1, kid: 4, claims: 15, typ: 16, vds: 395, fieldproof: -65537 } as const
const CLAIM = { issuer: 1, subject: 2, issuedAt: 6 } as const
const ISSUER = 'fp'
const TYP = 'application/fp+cose'
/** RFC9162_SHA256 in the registry of verifiable data structures. */
const VDS = 1
/** Private header label of Fieldproof. */
export const FIELDPROOF_LABEL: number = LABEL.fieldproof

const read = new CborReader('statement-invalid')
const EMPTY: CborValue = new Map()

/** Protected header bytes of a statement. */
export function encodeStatementHeader(s: Statement): Uint8Array {
  const beacon = s.beacon && [s.beacon.chainId, s.beacon.blockNumber, s.beacon.blockHash]
  return encodeCbor(
    new Map<number, CborValue>([
      [LABEL.alg, s.alg],
      [LABEL.kid, s.kid],
      [
        LABEL.claims,
        new Map<number, CborValue>([
          [CLAIM.issuer, ISSUER],
          [CLAIM.subject, s.machine],
          [CLAIM.issuedAt, s.issuedAt],
        ]),
      ],
      [LABEL.typ, TYP],
      [LABEL.vds, VDS],
      [LABEL.fieldproof, [s.boot, s.sequence, s.leafCount, s.prev, s.definitionHash, s.clockQuality, beacon, s.sealed]],
    ]),
  )
}

/** What the key signs for a statement: its Sig_structure. */
export function statementToBeSigned(s: Statement): Uint8Array {
  return sigStructure(encodeStatementHeader(s), s.root)
}

/** Statement bytes: the tagged COSE_Sign1 that the log holds as a leaf. */
export function encodeStatement(s: Statement, signature: Uint8Array): Uint8Array {
  return encodeSign1({ protectedBytes: encodeStatementHeader(s), unprotected: EMPTY, payload: s.root, signature })
}

/**
 * Parses statement bytes. The signature is not checked here, see {@link verifyStatement}.
 * @throws FieldproofError `statement-invalid`, or the gate's codes
 */
export function decodeStatement(bytes: Uint8Array, hash: Hash): SignedStatement {
  const parts = decodeSign1(bytes, 'statement-invalid')
  if (read.map(parts.unprotected, 'unprotected header').size !== 0) read.fail('unprotected header', 'an empty map')
  const root = hash32(read.bytes(parts.payload ?? undefined, 'payload', 32))
  const statement = readHeader(parts.protectedBytes, root)
  const toBeSigned = sigStructure(parts.protectedBytes, root)
  return { statement, bytes, signature: parts.signature, toBeSigned, id: statementId(hash.sha256(toBeSigned)) }
}

/** Whether the statement carries the algorithm of `suite` and a good signature of `publicKey`. */
export async function verifyStatement(signed: SignedStatement, suite: Suite, publicKey: Uint8Array): Promise<boolean> {
  if (signed.statement.alg !== suite.alg) return false
  return await suite.verify(publicKey, signed.toBeSigned, signed.signature)
}

function readHeader(bytes: Uint8Array, root: Hash32): Statement {
  const header = read.map(decodeCbor(bytes, ITEM_LIMITS), 'protected header')
  const claims = read.map(header.get(LABEL.claims), 'claims')
  const own = read.array(header.get(LABEL.fieldproof), 'fieldproof header', 8)
  const sequence = read.int(own[1], 'sequence', 1)
  const prev = read.bytesOrNull(own[3], 'prev', 32)
  const sealed = read.bytesOrNull(own[7], 'sealed digest', 32)
  const alg = read.int(header.get(LABEL.alg), 'alg', -19, -9)
  if (alg !== -9 && alg !== -19) return read.fail('alg', '-9 or -19')
  const statement: Statement = {
    alg,
    kid: read.bytes(header.get(LABEL.kid), 'kid', KID_BYTES),
    machine: readMachine(claims.get(CLAIM.subject)),
    issuedAt: read.int(claims.get(CLAIM.issuedAt), 'issued-at'),
    boot: bootId(read.bytes(own[0], 'boot', 8)),
    sequence,
    leafCount: read.int(own[2], 'leaf count', 2, MAX_ROWS + 1),
    prev: prev && statementId(prev),
    definitionHash: hash32(read.bytes(own[4], 'definition hash', 32)),
    clockQuality: read.int(own[5], 'clock quality', 0, 2) as ClockQuality,
    beacon: own[6] === null ? null : readBeacon(own[6]),
    sealed: sealed && hash32(sealed),
    root,
  }
  if ((prev === null) !== (sequence === 1)) read.fail('prev', 'null in the first statement and only there')
  // The template is the rule: whatever else the map held, or said otherwise, makes these bytes differ.
  if (!equalBytes(encodeStatementHeader(statement), bytes)) read.fail('protected header', 'the fixed template')
  return statement
}

function readMachine(value: CborValue | undefined): MachineId {
  const text = read.text(value, 'subject', 26)
  try {
    return machineId(text)
  } catch {
    return read.fail('subject', 'a machine id')
  }
}

function readBeacon(value: CborValue | undefined): Beacon {
  const parts = read.array(value, 'beacon', 3)
  return {
    chainId: read.int(parts[0], 'beacon chain', 1),
    blockNumber: read.int(parts[1], 'beacon block'),
    blockHash: hash32(read.bytes(parts[2], 'beacon hash', 32)),
  }
}
