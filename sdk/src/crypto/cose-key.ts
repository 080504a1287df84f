/**
 * Public keys as COSE_Key (RFC 9052 section 7) with the required parameters only, which are also the input of the RFC
 * 9679 thumbprint: one encoding, hashed as it travels. A contract rebuilds it from a fixed template.
 */
import { concat, equalBytes, FieldproofError, fromHex, type Hash32, hash32 } from '../base/index.ts'
import type { Alg, Hash, Suites } from './ports.ts'

/** A public key and the algorithm it is for. */
export interface PublicKey {
  readonly alg: Alg
  /** Raw: x ‖ y for P-256 (64 bytes), 32 bytes for Ed25519. */
  readonly publicKey: Uint8Array
}

const P256_HEAD = fromHex('a401022001215820')
const P256_Y = fromHex('225820')
const P256_BYTES = 75
const ED25519_HEAD = fromHex('a301012006215820')
const ED25519_BYTES = 40

/** Length of a kid: the first bytes of a thumbprint. */
export const KID_BYTES = 16

/** Canonical COSE_Key bytes: 75 for P-256, 40 for Ed25519. */
export function encodeCoseKey(key: PublicKey): Uint8Array {
  if (key.alg === -19) return concat(ED25519_HEAD, key.publicKey)
  return concat(P256_HEAD, key.publicKey.subarray(0, 32), P256_Y, key.publicKey.subarray(32))
}

/**
 * Parses COSE_Key bytes and checks that the key is a good one for its suite.
 * @throws FieldproofError `key-invalid`
 */
export function decodeCoseKey(bytes: Uint8Array, suites: Suites): PublicKey {
  const key = split(bytes)
  if (key === undefined || !equalBytes(encodeCoseKey(key), bytes)) {
    throw new FieldproofError('key-invalid', 'want the canonical COSE_Key of a P-256 or Ed25519 key')
  }
  if (suites(key.alg)?.isValidPublicKey(key.publicKey) !== true) {
    throw new FieldproofError('key-invalid', 'the key is no canonical point of its group', { facts: { alg: key.alg } })
  }
  return key
}

function split(bytes: Uint8Array): PublicKey | undefined {
  if (bytes.length === P256_BYTES) {
    return { alg: -9, publicKey: concat(bytes.subarray(8, 40), bytes.subarray(43)) }
  }
  if (bytes.length === ED25519_BYTES) return { alg: -19, publicKey: bytes.slice(8) }
  return undefined
}

/** RFC 9679 thumbprint with SHA-256. */
export function thumbprint(key: PublicKey, hash: Hash): Hash32 {
  return hash32(hash.sha256(encodeCoseKey(key)), 'thumbprint')
}
