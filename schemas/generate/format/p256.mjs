/** P-256 in plain BigInt arithmetic: RFC 6979 signatures, so that the vectors stay the same; node:crypto checks each. */
import { createHmac, createPublicKey, verify } from 'node:crypto'
import { bigOf, bigTo32, concat, sha256 } from './bytes.mjs'

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
/** Order of the group. */
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const G = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
]

const mod = (a, m) => ((a % m) + m) % m

function invert(a, m) {
  let [r0, r1, s0, s1] = [m, mod(a, m), 0n, 1n]
  while (r1 !== 0n) {
    const q = r0 / r1
    ;[r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1]
  }
  return mod(s0, m)
}

function add(p, q) {
  if (!p) return q
  if (!q) return p
  if (p[0] === q[0] && mod(p[1] + q[1], P) === 0n) return null
  const slope =
    p[0] === q[0] ? (3n * p[0] * p[0] - 3n) * invert(2n * p[1], P) : (q[1] - p[1]) * invert(mod(q[0] - p[0], P), P)
  const x = mod(slope * slope - p[0] - q[0], P)
  return [x, mod(slope * (p[0] - x) - p[1], P)]
}

function multiply(k, point) {
  let out = null
  for (let addend = point; k > 0n; k >>= 1n, addend = add(addend, addend)) if (k & 1n) out = add(out, addend)
  return out
}

/** Whether the two 32-byte coordinates are a point of the curve. */
export function onCurve(x, y) {
  const [bx, by] = [bigOf(x), bigOf(y)]
  return bx < P && by < P && mod(by * by - bx * bx * bx + 3n * bx - B, P) === 0n
}

/** Public point of a 32-byte scalar. */
export function p256Public(scalar) {
  const [x, y] = multiply(bigOf(scalar), G)
  return { x: bigTo32(x), y: bigTo32(y) }
}

/** The generator of RFC 6979 section 3.2 for SHA-256. */
function* nonces(scalar, digest) {
  const mac = (key, ...parts) =>
    new Uint8Array(
      createHmac('sha256', key)
        .update(concat(...parts))
        .digest(),
    )
  const h = bigTo32(mod(bigOf(digest), N))
  let v = new Uint8Array(32).fill(1)
  let k = new Uint8Array(32)
  for (const step of [0, 1]) {
    k = mac(k, v, Uint8Array.of(step), scalar, h)
    v = mac(k, v)
  }
  for (;;) {
    v = mac(k, v)
    yield bigOf(v)
    k = mac(k, v, Uint8Array.of(0))
    v = mac(k, v)
  }
}

/** r || s over SHA-256(message), s in the lower half of the order; `skip` nonces of RFC 6979 are left out to sign anew. */
export function p256Sign(scalar, message, skip = 0) {
  const digest = sha256(message)
  let left = skip
  for (const k of nonces(scalar, digest)) {
    if (k === 0n || k >= N || left-- > 0) continue
    const r = mod(multiply(k, G)[0], N)
    const s = mod(invert(k, N) * (bigOf(digest) + r * bigOf(scalar)), N)
    if (r !== 0n && s !== 0n) return concat(bigTo32(r), bigTo32(s > N / 2n ? N - s : s))
  }
}

/** The other signature of the same message: valid for ECDSA, refused here. */
export const highS = (signature) => concat(signature.slice(0, 32), bigTo32(N - bigOf(signature.slice(32))))

/** node:crypto as the oracle, and the low-s rule. */
export function p256Verify({ x, y }, message, signature) {
  if (signature.length !== 64 || bigOf(signature.slice(32)) > N / 2n) return false
  const b64 = (bytes) => Buffer.from(bytes).toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: b64(x), y: b64(y) } })
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
