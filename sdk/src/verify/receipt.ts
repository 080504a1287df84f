/**
 * Receipt of a gateway (RFC 9942, schemas/spec/05-receipt.md): the log's signature over the root at a size, and the path
 * of one statement to it. Size and origin stand in the protected header, because RFC 9942 alone leaves them unsigned.
 * One signature serves every receipt at a size.
 */
import { equalBytes, FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import {
  decodeSign1,
  encodeSign1,
  FIELDPROOF_LABEL,
  type Hash,
  KID_BYTES,
  type Suite,
  sigStructure,
  thumbprint,
} from '../crypto/index.ts'
import { leafHash, rootFromInclusion } from '../merkle/index.ts'
import { CborReader, type CborValue, decodeCbor, encodeCbor, ITEM_LIMITS, MAX_PATH } from '../wire/index.ts'

/** The log that a receipt is from. */
export interface LogIdentity {
  readonly origin: string
  /** Ed25519 public key, 32 bytes. */
  readonly logKey: Uint8Array
}

/** Place of a leaf in a tree of a size. */
export interface Inclusion {
  readonly size: number
  readonly index: number
  readonly path: readonly Uint8Array[]
}

const LABEL = { alg: 1, kid: 4, claims: 15, typ: 16, vds: 395, vdp: 396 } as const
const TYP = 'application/fp-receipt+cose'
const ED25519 = -19
const INCLUSION = -1
const read = new CborReader('receipt-invalid')

/** Protected header of every receipt of a log at a size. */
export function encodeReceiptHeader(log: LogIdentity, size: number, hash: Hash): Uint8Array {
  return headerOf(log.origin, thumbprint({ alg: ED25519, publicKey: log.logKey }, hash).slice(0, KID_BYTES), size)
}

function headerOf(origin: string, kid: Uint8Array, size: number): Uint8Array {
  return encodeCbor(
    new Map<number, CborValue>([
      [LABEL.alg, ED25519],
      [LABEL.kid, kid],
      [LABEL.claims, new Map([[1, origin]])],
      [LABEL.typ, TYP],
      [LABEL.vds, 1],
      [FIELDPROOF_LABEL, size],
    ]),
  )
}

/** What the log key signs for all receipts at a size. */
export function receiptToBeSigned(log: LogIdentity, size: number, root: Hash32, hash: Hash): Uint8Array {
  return sigStructure(encodeReceiptHeader(log, size, hash), root)
}

/** Receipt bytes of one leaf, from the signature that all receipts at that size share. */
export function encodeReceipt(log: LogIdentity, inclusion: Inclusion, signature: Uint8Array, hash: Hash): Uint8Array {
  const proof = encodeCbor([inclusion.size, inclusion.index, inclusion.path])
  const unprotected = new Map([[LABEL.vdp, new Map([[INCLUSION, [proof]]])]])
  const protectedBytes = encodeReceiptHeader(log, inclusion.size, hash)
  return encodeSign1({ protectedBytes, unprotected, payload: null, signature })
}

/**
 * Checks that `receipt` is the log's, and that it places exactly this statement.
 * @returns size, index and the root that the log signed
 * @throws FieldproofError `receipt-invalid`, `unknown-key`, `proof-invalid`, `bad-signature`, or the gate's codes
 */
export async function verifyReceipt(
  receipt: Uint8Array,
  statement: Uint8Array,
  log: LogIdentity,
  ed25519: Suite,
  hash: Hash,
): Promise<{ size: number; index: number; root: Hash32 }> {
  const parts = decodeSign1(receipt, 'receipt-invalid')
  if (parts.payload !== null) read.fail('payload', 'null (detached)')
  const inclusion = readInclusion(parts.unprotected)
  expectHeader(parts.protectedBytes, log, inclusion.size, hash)
  const root = rootFromInclusion(hash, { leafHash: leafHash(hash, statement), ...inclusion })
  if (!(await ed25519.verify(log.logKey, sigStructure(parts.protectedBytes, root), parts.signature))) {
    throw new FieldproofError('bad-signature', 'the log key did not sign this receipt', {
      facts: { size: inclusion.size },
    })
  }
  return { size: inclusion.size, index: inclusion.index, root: hash32(root) }
}

/** Where the fixed template of the header has its kid: after map, alg, label and length. */
const KID_AT = 5

/** The header holds nothing that we do not know already, so it is compared, not parsed. */
function expectHeader(bytes: Uint8Array, log: LogIdentity, size: number, hash: Hash): void {
  if (equalBytes(bytes, encodeReceiptHeader(log, size, hash))) return
  const kid = bytes.slice(KID_AT, KID_AT + KID_BYTES)
  if (equalBytes(bytes, headerOf(log.origin, kid, size))) {
    throw new FieldproofError('unknown-key', `the receipt is by another key than the one of ${log.origin}`)
  }
  read.fail('protected header', `the header of ${log.origin} at size ${size}`)
}

function readInclusion(unprotected: CborValue): Inclusion {
  const header = read.map(unprotected, 'unprotected header')
  const proofs = read.map(header.get(LABEL.vdp), 'proofs')
  const list = read.array(proofs.get(INCLUSION), 'inclusion proofs', 1)
  if (header.size !== 1 || proofs.size !== 1) read.fail('unprotected header', 'one inclusion proof and nothing else')
  const parts = read.array(decodeCbor(read.bytes(list[0], 'inclusion proof'), ITEM_LIMITS), 'inclusion proof', 3)
  const size = read.int(parts[0], 'tree size', 2)
  return {
    size,
    index: read.int(parts[1], 'leaf index', 1, size - 1),
    path: read.list(parts[2], 'path', MAX_PATH).map((node) => read.bytes(node, 'node', 32)),
  }
}
