/** P-256 keys and signatures at the edges of ECDSA, made from its equations: R = (e/s)G + (r/s)Q, r = x of R modulo n. */
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, utf8 } from '../../src/base/index.ts'
import { type Attempt, be32, fromBe } from './opinions.ts'

type Point = ReturnType<typeof p256.Point.fromBytes>

const { Point } = p256
const Fn = Point.Fn
/** Order of the group. */
export const N: bigint = Fn.ORDER
/** The field's prime, larger than {@link N}. */
export const P: bigint = Point.Fp.ORDER
/** Largest s of a signature that is accepted (CONV-23). */
export const HALF: bigint = N >> 1n

/** x and y, 64 bytes. */
export function keyOf(point: Point): Uint8Array {
  return point.toBytes(false).slice(1)
}

/** Public key of a scalar. */
export function publicOf(scalar: bigint): Uint8Array {
  return keyOf(Point.BASE.multiply(scalar))
}

/** The point with this x and even y, if there is one. */
export function pointAt(x: bigint): Point | undefined {
  try {
    return Point.fromBytes(concat(Uint8Array.of(2), be32(x)))
  } catch {
    return undefined // no y
  }
}

/** r and s, 64 bytes. */
export function signatureOf(r: bigint, s: bigint): Uint8Array {
  return concat(be32(r), be32(s))
}

/** Hash of a message as a scalar. */
export function digestOf(message: Uint8Array): bigint {
  return fromBe(sha256(message)) % N
}

/** Verification as SEC 1 has it, with low s only (CONV-23), by point arithmetic alone. */
export function holds({ publicKey, message, signature }: Attempt): boolean {
  const [r, s] = [fromBe(signature.subarray(0, 32)), fromBe(signature.subarray(32))]
  if (r === 0n || r >= N || s === 0n || s > HALF) return false
  const w = Fn.inv(s)
  const Q = Point.fromAffine({ x: fromBe(publicKey.subarray(0, 32)), y: fromBe(publicKey.subarray(32)) })
  const R = times(Point.BASE, Fn.mul(digestOf(message), w)).add(times(Q, Fn.mul(r, w)))
  return !R.is0() && R.toAffine().x % N === r
}

/** A key for which (r, s) is good, R being the point with this x: Q = (sR - eG) / r. */
export function keyFor(R: Point, s: bigint, message: Uint8Array): Attempt {
  const r = R.toAffine().x % N
  const Q = times(R, s).subtract(times(Point.BASE, digestOf(message)))
  return { publicKey: keyOf(times(Q, Fn.inv(r))), message, signature: signatureOf(r, s) }
}

const MESSAGE = utf8('a reading')
const e = digestOf(MESSAGE)

/** The smallest x of n or more that is on the curve: its r is x - n, so a reader that compares r with x refuses it. */
export const WRAPPED: Attempt = keyFor(firstPoint(N), 5n, MESSAGE)
/** Its x itself in place of r: 32 bytes, but not below n. */
export const NOT_WRAPPED: Attempt = { ...WRAPPED, signature: concat(be32(firstPoint(N).toAffine().x), be32(5n)) }
/** s at its bound, and one above. */
export const AT_HALF: Attempt = keyFor(firstPoint(7n), HALF, MESSAGE)
export const ABOVE_HALF: Attempt = keyFor(firstPoint(7n), HALF + 1n, MESSAGE)
/** s = 1, and r as small as a point allows. */
export const SMALL: Attempt = keyFor(firstPoint(1n), 1n, MESSAGE)

/** (e/s)G = (r/s)Q, so that a sum that cannot double fails. */
export const DOUBLED: Attempt = doubled(3n)

/** (e/s)G = -(r/s)Q, so R is the point at infinity, which has no x. */
export const INFINITE: Attempt = {
  publicKey: publicOf(Fn.mul(Fn.neg(e), Fn.inv(11n))),
  message: MESSAGE,
  signature: signatureOf(11n, 13n),
}

function doubled(s: bigint): Attempt {
  const r = times(Point.BASE, Fn.mul(2n * e, Fn.inv(s))).toAffine().x % N
  return { publicKey: publicOf(Fn.mul(e, Fn.inv(r))), message: MESSAGE, signature: signatureOf(r, s) }
}

function firstPoint(from: bigint): Point {
  for (let x = from; ; x++) {
    const point = pointAt(x)
    if (point !== undefined) return point
  }
}

/** Also for scalars of n or more, and 0. */
function times(point: Point, scalar: bigint): Point {
  const k = scalar % N
  return k === 0n ? Point.ZERO : point.multiplyUnsafe(k)
}
