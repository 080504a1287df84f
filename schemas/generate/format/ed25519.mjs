/** Ed25519: node:crypto signs and verifies (RFC 8032, no cofactor); the arithmetic here finds bad keys and makes bad signatures. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { bigOf, bigTo32, concat, hex, reversed, unhex } from './bytes.mjs'

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const mod = (a, m = P) => ((a % m) + m) % m
const power = (base, exponent) => {
  let out = 1n
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) out = mod(out * b)
  return out
}
const invert = (a) => power(a, P - 2n)
const D = mod(-121665n * invert(121666n))
const ROOT = power(2n, (P - 1n) / 4n)
const IDENTITY = [0n, 1n]

const le = (bytes) => bigOf(reversed(bytes))
const toLe = (value) => reversed(bigTo32(value))

function add([x1, y1], [x2, y2]) {
  const t = mod(D * x1 * x2 * y1 * y2)
  return [mod((x1 * y2 + x2 * y1) * invert(1n + t)), mod((y1 * y2 + x1 * x2) * invert(1n - t))]
}

function multiply(k, point) {
  let out = IDENTITY
  for (let addend = point; k > 0n; k >>= 1n, addend = add(addend, addend)) if (k & 1n) out = add(out, addend)
  return out
}

/** The point of 32 bytes, or null when the encoding is not canonical or not on the curve. */
export function decodePoint(bytes) {
  const sign = bytes[31] >> 7
  const y = le(bytes) & (2n ** 255n - 1n)
  if (y >= P) return null
  const square = mod((y * y - 1n) * invert(D * y * y + 1n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * ROOT)
  if (mod(x * x) !== square) return null
  if (x === 0n && sign === 1) return null
  return [Number(x & 1n) === sign ? x : mod(-x), y]
}

const encodePoint = ([x, y]) => toLe(y | ((x & 1n) << 255n))

/** Answers of isGoodPublic: its arithmetic is plain and slow, and the same few keys stand in hundreds of files. */
const good = new Map()

/** Canonical, on the curve, of prime order (so neither small nor mixed order). */
export function isGoodPublic(bytes) {
  const name = hex(bytes)
  if (!good.has(name)) good.set(name, hasPrimeOrder(bytes))
  return good.get(name)
}

function hasPrimeOrder(bytes) {
  const point = decodePoint(bytes)
  if (!point || (point[0] === 0n && point[1] === 1n)) return false
  const [x, y] = multiply(L, point)
  return x === 0n && y === 1n
}

const BASE = decodePoint(unhex(`58${'66'.repeat(31)}`))
/** A point of order eight. */
export const TORSION = unhex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')

/** Another key with a torsion component: same verification by a library that multiplies by the cofactor. */
export const withTorsion = (publicKey) => encodePoint(add(decodePoint(publicKey), decodePoint(TORSION)))

const privateKey = (seed) =>
  createPrivateKey({
    format: 'der',
    type: 'pkcs8',
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  })

/** 32-byte public key of a 32-byte seed. */
export const ed25519Public = (seed) =>
  new Uint8Array(createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32))
export const ed25519Sign = (seed, message) => new Uint8Array(sign(null, message, privateKey(seed)))

export function ed25519Verify(publicKey, message, signature) {
  const x = Buffer.from(publicKey).toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
  return signature.length === 64 && verify(null, message, key, signature)
}

const sha512 = (...parts) =>
  new Uint8Array(
    createHash('sha512')
      .update(concat(...parts))
      .digest(),
  )

/** A signature whose R has a torsion component: passes with the cofactor, fails without. */
export function signWithTorsion(seed, message) {
  const half = sha512(seed)
  const scalar = (le(half.slice(0, 32)) & (2n ** 254n - 8n)) | (2n ** 254n)
  const r = mod(le(sha512(half.slice(32), message)), L)
  const R = encodePoint(add(multiply(r, BASE), decodePoint(TORSION)))
  const k = mod(le(sha512(R, ed25519Public(seed), message)), L)
  return concat(R, toLe(mod(r + k * scalar, L)))
}

/** The same signature with S + L: the integer is not reduced. */
export const unreducedS = (signature) => concat(signature.slice(0, 32), toLe(le(signature.slice(32)) + L))
