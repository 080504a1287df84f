/** COSE_Key bytes, thumbprint, kid, machine id (spec 00-conventions). */
import { base32, bigOf, isBytes, must, sha256 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { ed25519Public, ed25519Sign, ed25519Verify, isGoodPublic } from './ed25519.mjs'
import { N, onCurve, p256Public, p256Sign, p256Verify } from './p256.mjs'

export const ESP256 = -9
export const ED25519 = -19

export const p256Key = ({ x, y }) =>
  cbor(
    new Map([
      [1, 2],
      [-1, 1],
      [-2, x],
      [-3, y],
    ]),
  )
export const ed25519Key = (pub) =>
  cbor(
    new Map([
      [1, 1],
      [-1, 6],
      [-2, pub],
    ]),
  )
export const thumbprint = (key) => sha256(key)
export const kid = (key) => thumbprint(key).slice(0, 16)
export const machineId = (firstKey) => base32(kid(firstKey))

/** Reads a COSE_Key. @throws Refused key-invalid, or a code of uncbor */
export function readKey(bytes) {
  const map = uncbor(bytes, 'COSE_Key')
  must(map instanceof Map, 'key-invalid', 'not a map')
  if (map.get(1) === 2) {
    const [x, y] = [map.get(-2), map.get(-3)]
    must(map.size === 4 && map.get(-1) === 1 && isBytes(x, 32) && isBytes(y, 32), 'key-invalid', 'not a P-256 key')
    must(onCurve(x, y), 'key-invalid', 'point not on the curve')
    return { alg: ESP256, x, y }
  }
  must(
    map.get(1) === 1 && map.size === 3 && map.get(-1) === 6 && isBytes(map.get(-2), 32),
    'key-invalid',
    'unknown key',
  )
  must(isGoodPublic(map.get(-2)), 'key-invalid', 'public key not canonical or not of prime order')
  return { alg: ED25519, publicKey: map.get(-2) }
}

/** A test signer from a 32-byte secret: {alg, secret, key, sign}. */
export function signer(alg, secret) {
  if (alg === ESP256) {
    must(bigOf(secret) > 0n && bigOf(secret) < N, 'key-invalid', 'scalar')
    return { alg, secret, key: p256Key(p256Public(secret)), sign: (message) => p256Sign(secret, message) }
  }
  return { alg, secret, key: ed25519Key(ed25519Public(secret)), sign: (message) => ed25519Sign(secret, message) }
}

/** Checks a signature with a COSE_Key. */
export function verifies(key, message, signature) {
  const read = readKey(key)
  return read.alg === ESP256 ? p256Verify(read, message, signature) : ed25519Verify(read.publicKey, message, signature)
}
