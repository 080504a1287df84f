/**
 * P-256 and Ed25519 by node:crypto, verifying on libuv's pool. They accept and reject exactly what the pure suites do: keys
 * are checked by the same code, and what OpenSSL says of signatures is theirs too. It compares the bytes of R with those
 * of [S]B - [k]A, which for a torsion-free A lie in the prime-order subgroup, so an R with torsion or in another encoding
 * is refused without being looked at; and it refuses an S of L or more.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { hasLowS, pureEd25519, pureP256, type Suite, type Suites } from '../crypto/index.ts'

/** Keys kept parsed, by their bytes: parsing costs as much as verifying. */
const MAX_CACHED_KEYS = 20_000

/** {@link Suite} for P-256 on OpenSSL. */
export const nativeP256: Suite = {
  alg: -9,
  publicKeyBytes: 64,
  isValidPublicKey: pureP256.isValidPublicKey.bind(pureP256),
  verify(publicKey, message, signature) {
    if (signature.length !== 64 || !hasLowS(signature)) return false
    return verifyWith(p256Keys, publicKey, 'sha256', message, signature)
  },
}

/** {@link Suite} for Ed25519 on OpenSSL. */
export const nativeEd25519: Suite = {
  alg: -19,
  publicKeyBytes: 32,
  isValidPublicKey: pureEd25519.isValidPublicKey,
  verify(publicKey, message, signature) {
    if (signature.length !== 64) return false
    return verifyWith(ed25519Keys, publicKey, null, message, signature)
  },
}

/** The native suites by algorithm. */
export const nativeSuites: Suites = (alg) => (alg === -9 ? nativeP256 : alg === -19 ? nativeEd25519 : undefined)

const p256Keys = keyCache(pureP256, (key) => ({
  kty: 'EC',
  crv: 'P-256',
  x: base64url(key.subarray(0, 32)),
  y: base64url(key.subarray(32)),
}))
const ed25519Keys = keyCache(pureEd25519, (key) => ({ kty: 'OKP', crv: 'Ed25519', x: base64url(key) }))

type KeyCache = (publicKey: Uint8Array) => KeyObject | undefined

function keyCache(suite: Suite, jwkOf: (key: Uint8Array) => Record<string, string>): KeyCache {
  const keys = new Map<string, KeyObject>()
  return (publicKey) => {
    const name = Buffer.from(publicKey).toString('latin1')
    const known = keys.get(name)
    if (known !== undefined) return known
    if (!suite.isValidPublicKey(publicKey)) return undefined
    const key = createPublicKey({ key: jwkOf(publicKey), format: 'jwk' })
    if (keys.size >= MAX_CACHED_KEYS) keys.clear()
    keys.set(name, key)
    return key
  }
}

function verifyWith(
  keys: KeyCache,
  publicKey: Uint8Array,
  digest: 'sha256' | null,
  message: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  const key = keys(publicKey)
  if (key === undefined) return false
  return new Promise((resolve, reject) => {
    verify(digest, message, { key, dsaEncoding: 'ieee-p1363' }, signature, (error, good) => {
      if (error) reject(error)
      else resolve(good)
    })
  })
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
