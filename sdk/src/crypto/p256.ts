/** P-256 with SHA-256 (ESP256) by @noble/curves. Low s only, as every reader of version 1 demands. */
import { p256 } from '@noble/curves/nist.js'
import { concat } from '../base/index.ts'
import type { Suite } from './ports.ts'

const UNCOMPRESSED = Uint8Array.of(4)

/** {@link Suite} for P-256 without a platform. */
export const pureP256: Suite = {
  alg: -9,
  publicKeyBytes: 64,
  isValidPublicKey(publicKey) {
    return publicKey.length === 64 && p256.utils.isValidPublicKey(concat(UNCOMPRESSED, publicKey), false)
  },
  verify(publicKey, message, signature) {
    if (signature.length !== 64 || !this.isValidPublicKey(publicKey)) return false
    return p256.verify(signature, message, concat(UNCOMPRESSED, publicKey), {
      lowS: true,
      prehash: true,
      format: 'compact',
    })
  },
}

const HALF_ORDER = p256.Point.Fn.ORDER >> 1n

/** Whether the second half of a 64-byte signature is at most half the group's order (low s). */
export function hasLowS(signature: Uint8Array): boolean {
  return bigOf(signature.subarray(32)) <= HALF_ORDER
}

/** The signature with low s: the same one, or (r, n - s). Secure elements emit either. */
export function normalizeS(signature: Uint8Array): Uint8Array {
  if (hasLowS(signature)) return signature
  const low = p256.Point.Fn.ORDER - bigOf(signature.subarray(32))
  const out = signature.slice()
  for (let i = 63, rest = low; i >= 32; i--, rest >>= 8n) out[i] = Number(rest & 255n)
  return out
}

function bigOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}
