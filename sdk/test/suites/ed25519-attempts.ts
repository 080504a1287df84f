/**
 * Ed25519 signatures that implementations are known to judge differently, made from their definitions: A = aB + T and
 * R = rB + T' with points T, T' of small order, S = r + ka. The twelve classes are those of "Taming the Many EdDSAs"
 * (Chalkias, Garillot, Nikolaenko, 2020), table 6.
 */
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, fromHex, utf8 } from '../../src/base/index.ts'
import { type Attempt, fromLe, le32 } from './opinions.ts'

type Point = ReturnType<typeof ed25519.Point.fromBytes>

const { Point } = ed25519
/** Order of the base point. */
export const L: bigint = Point.Fn.ORDER
/** The field's prime. */
export const P: bigint = Point.Fp.ORDER
/** The eight points of small order, canonically encoded; the first is the neutral element. */
export const TORSION: readonly Uint8Array[] = ED25519_TORSION_SUBGROUP.map((hex) => fromHex(hex))
const SIGN = 1n << 255n

/** Encodings that RFC 8032 does not allow: y of p or more, and a sign where x is 0. */
export const NON_CANONICAL: readonly Uint8Array[] = [
  ...Array.from({ length: 19 }, (_, y) => [P + BigInt(y), (P + BigInt(y)) | SIGN]).flat(),
  1n | SIGN,
  (P - 1n) | SIGN,
].map(le32)

/** What a signature is made of; R and A stand in it and in the hash as these bytes. */
interface Parts {
  readonly a: bigint
  readonly r: bigint
  readonly A: Uint8Array
  readonly R: Uint8Array
  /** Bytes that are hashed in place of A and R, for readers that decode and encode again. */
  readonly hashed?: { readonly A?: Uint8Array; readonly R?: Uint8Array }
  readonly message: Uint8Array
}

/** aB + T. @param torsion index in {@link TORSION} */
export function encoded(a: bigint, torsion = 0): Uint8Array {
  return pointOf(a)
    .add(Point.fromBytes(TORSION[torsion] as Uint8Array))
    .toBytes()
}

/** S = r + ka for these parts. */
export function attemptOf({ a, r, A, R, hashed, message }: Parts, changeS: (s: bigint) => bigint = (s) => s): Attempt {
  const k = challenge(hashed?.R ?? R, hashed?.A ?? A, message)
  return { publicKey: A, message, signature: concat(R, le32(changeS((r + k * a) % L))) }
}

/** The equation of RFC 8032 as CONV-24 has it, read from the page: no cofactor, S below L, R compared as bytes. */
export function holds({ publicKey, message, signature }: Attempt): boolean {
  return fromLe(signature.subarray(32)) < L && sameBytes(signature.subarray(0, 32), rest(publicKey, message, signature))
}

/** The equation with the cofactor, as RFC 8032 also allows. Never enough here. */
export function holdsWithCofactor({ publicKey, message, signature }: Attempt): boolean {
  const R = Point.fromBytes(signature.subarray(0, 32), true)
  return Point.fromBytes(rest(publicKey, message, signature))
    .subtract(R)
    .clearCofactor()
    .is0()
}

/** Encoding of [S]B - [k]A. */
function rest(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Uint8Array {
  const k = challenge(signature.subarray(0, 32), publicKey, message)
  const A = Point.fromBytes(publicKey, true)
  return pointOf(fromLe(signature.subarray(32)) % L)
    .subtract(times(A, k))
    .toBytes()
}

/** The first of numbered messages with which the attempt is as wanted: k modulo 8 decides about torsion. */
export function search(make: (message: Uint8Array) => Attempt, wanted: (attempt: Attempt) => boolean): Attempt {
  for (let i = 0; i < 1000; i++) {
    const attempt = make(utf8(`message ${i}`))
    if (wanted(attempt)) return attempt
  }
  throw new Error('no message gives such a signature')
}

const a = 0x1234567890abcdefn
const r = 0xfedcba0987654321n
const NEUTRAL_Y_P = le32(P + 1n)
const neither = (attempt: Attempt): boolean => !holds(attempt) && holdsWithCofactor(attempt)

/** The twelve: what they are, which rule refuses them, the attempt. */
export const TAMING: readonly (readonly [name: string, rule: 'CONV-22' | 'CONV-24', attempt: Attempt])[] = [
  ['0: A and R small, S = 0', 'CONV-22', search((message) => taming({ a: 0n, r: 0n, message }), holds)],
  ['1: A small, R mixed', 'CONV-22', search((message) => taming({ a: 0n, r, message }), holds)],
  ['2: A mixed, R small', 'CONV-22', search((message) => taming({ a, r: 0n, message }), holds)],
  ['3: A and R mixed, without the cofactor good', 'CONV-22', search((message) => taming({ a, r, message }), holds)],
  ['4: A and R mixed, good only with the cofactor', 'CONV-22', search((message) => taming({ a, r, message }), neither)],
  ['5: A mixed, R clean, good only with the cofactor', 'CONV-22', search((message) => clean({ message }), neither)],
  ['6: S of L or more', 'CONV-24', attemptOf({ ...good(), message: utf8('6') }, (s) => s + L)],
  ['7: S far above L', 'CONV-24', attemptOf({ ...good(), message: utf8('7') }, (s) => s + 15n * L)],
  ['8: R small and not canonical, hashed canonically', 'CONV-22', strangeR(true)],
  ['9: R small and not canonical, hashed as it is', 'CONV-22', strangeR(false)],
  ['10: A small and not canonical, hashed canonically', 'CONV-22', strangeA(true)],
  ['11: A small and not canonical, hashed as it is', 'CONV-22', strangeA(false)],
]

/** A key and an R without torsion. */
function good(): { a: bigint; r: bigint; A: Uint8Array; R: Uint8Array } {
  return { a, r, A: encoded(a), R: encoded(r) }
}

/** Both with a component of order eight. */
function taming(parts: { a: bigint; r: bigint; message: Uint8Array }): Attempt {
  return attemptOf({ ...parts, A: encoded(parts.a, 1), R: encoded(parts.r, 7) })
}

function clean({ message }: { message: Uint8Array }): Attempt {
  return attemptOf({ a, r, A: encoded(a, 3), R: encoded(r), message })
}

function strangeR(canonically: boolean): Attempt {
  const hashed = canonically ? { hashed: { R: TORSION[0] as Uint8Array } } : {}
  return attemptOf({ a, r: 0n, A: encoded(a, 4), R: NEUTRAL_Y_P, ...hashed, message: utf8('strange R') })
}

function strangeA(canonically: boolean): Attempt {
  const hashed = canonically ? { hashed: { A: TORSION[0] as Uint8Array } } : {}
  return attemptOf({ a: 0n, r, A: NEUTRAL_Y_P, R: encoded(r), ...hashed, message: utf8('strange A') })
}

function challenge(R: Uint8Array, A: Uint8Array, message: Uint8Array): bigint {
  return fromLe64(sha512(concat(R, A, message))) % L
}

function fromLe64(bytes: Uint8Array): bigint {
  return fromLe(bytes.subarray(0, 32)) + (fromLe(bytes.subarray(32)) << 256n)
}

function pointOf(scalar: bigint): Point {
  return times(Point.BASE, scalar)
}

/** Also for 0, and for points outside the prime-order subgroup. */
function times(point: Point, scalar: bigint): Point {
  return scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar)
}

function sameBytes(x: Uint8Array, y: Uint8Array): boolean {
  return x.length === y.length && x.every((byte, i) => byte === y[i])
}
