/**
 * Ed25519 by @noble/curves, with one pinned rule: RFC 8032 without the cofactor, A, R and S canonical. OpenSSL has no
 * cofactor in its equation and noble has one, so a signature whose R carries torsion would pass here and fail there;
 * refusing torsion in A and R makes the two equations agree.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Suite } from './ports.ts'

/** {@link Suite} for Ed25519 without a platform. */
export const pureEd25519: Suite = {
  alg: -19,
  publicKeyBytes: 32,
  isValidPublicKey: isGoodPoint,
  verify(publicKey, message, signature) {
    if (signature.length !== 64 || !isGoodPoint(publicKey) || !isGoodPoint(signature.subarray(0, 32))) return false
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  },
}

/** Canonical encoding of a point other than zero that lies in the prime-order subgroup. */
function isGoodPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false
  try {
    const point = ed25519.Point.fromBytes(bytes)
    return !point.is0() && point.isTorsionFree()
  } catch {
    return false // not a point: the one reason why fromBytes throws
  }
}
