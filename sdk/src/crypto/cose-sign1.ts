/**
 * COSE_Sign1 (RFC 9052 section 4.2), tagged, as far as statements and receipts need it. The tag is compared by hand:
 * the gate allows none.
 */
import { type Code, concat, utf8 } from '../base/index.ts'
import { CborReader, type CborValue, CborWriter, decodeCbor, encodeCbor, ITEM_LIMITS } from '../wire/index.ts'

/** The four parts of a COSE_Sign1, the protected header still as bytes. */
export interface Sign1 {
  readonly protectedBytes: Uint8Array
  readonly unprotected: CborValue
  /** null when detached */
  readonly payload: Uint8Array | null
  readonly signature: Uint8Array
}

/** First byte of every tagged COSE_Sign1: tag 18. */
export const SIGN1_TAG = 0xd2
const TAG = Uint8Array.of(SIGN1_TAG)
/** Length of a signature of either suite. */
export const SIGNATURE_BYTES = 64
const CONTEXT = utf8('Signature1')

/** Tagged COSE_Sign1 bytes. */
export function encodeSign1(parts: Sign1): Uint8Array {
  return concat(TAG, encodeCbor([parts.protectedBytes, parts.unprotected, parts.payload, parts.signature]))
}

/**
 * Splits a tagged COSE_Sign1; header and signature are still unchecked.
 * @throws FieldproofError `code`, or the gate's codes
 */
export function decodeSign1(bytes: Uint8Array, code: Code): Sign1 {
  const read = new CborReader(code)
  if (bytes[0] !== SIGN1_TAG) read.fail('tag', '18 (COSE_Sign1)')
  const parts = read.array(decodeCbor(bytes.subarray(1), ITEM_LIMITS), 'COSE_Sign1', 4)
  return {
    protectedBytes: read.bytes(parts[0], 'protected header'),
    unprotected: parts[1] ?? null,
    payload: read.bytesOrNull(parts[2], 'payload'),
    signature: read.bytes(parts[3], 'signature', SIGNATURE_BYTES),
  }
}

/** Sig_structure: what is signed, and for a statement what its id is the SHA-256 of. */
export function sigStructure(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  const writer = new CborWriter(64 + protectedBytes.length + payload.length)
  writer.arrayHead(4)
  writer.raw(SIGNATURE1)
  writer.bytes(protectedBytes)
  writer.bytes(NONE)
  writer.bytes(payload)
  return writer.finish()
}

const SIGNATURE1 = concat(Uint8Array.of(0x60 | CONTEXT.length), CONTEXT)
const NONE = new Uint8Array(0)
