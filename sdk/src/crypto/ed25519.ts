/**
 * Ed25519 by @noble/curves, with one pinned rule (CONV-22, CONV-24): RFC 8032 without the cofactor, A, R and S canonical.
 * noble has the cofactor in its equation, so a signature whose R carries torsion would pass; refusing torsion in A and R
 * makes the two equations the same. The neutral element is no key, but a canonical R like any other.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Suite } from './ports.ts'

/** {@link Suite} for Ed25519 without a platform. */
export const pureEd25519: Suite = {
  alg: -19,
  publicKeyBytes: 32,
  isValidPublicKey: isKey,
  verify(publicKey, message, signature) {
    if (signature.length !== 64 || !isKey(publicKey)) return false
    if (pointOf(signature.subarray(0, 32)) === undefined) return false
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  },
}

function isKey(bytes: Uint8Array): boolean {
  return pointOf(bytes)?.is0() === false
}

type Point = ReturnType<typeof ed25519.Point.fromBytes>

/** The point of a canonical encoding, if it lies in the prime-order subgroup. */
function pointOf(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== 32) return undefined
  try {
    const point = ed25519.Point.fromBytes(bytes)
    return point.isTorsionFree() ? point : undefined
  } catch {
    return undefined // not a point: the one reason why fromBytes throws
  }
}
