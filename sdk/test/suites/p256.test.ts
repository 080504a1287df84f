/** ECDSA over P-256 on Node and in pure code is one function: that of CONV-21 and CONV-23. */
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex, utf8 } from '../../src/base/index.ts'
import { decodeCoseKey, encodeCoseKey, pureP256, pureSuites } from '../../src/crypto/index.ts'
import { nativeP256, nativeSuites } from '../../src/native/index.ts'
import { type Attempt, agreed, agreedKey, be32, flipped, fromBe, loadGenerator } from './opinions.ts'
import {
  ABOVE_HALF,
  AT_HALF,
  DOUBLED,
  HALF,
  holds,
  INFINITE,
  keyOf,
  N,
  NOT_WRAPPED,
  P,
  pointAt,
  publicOf,
  SMALL,
  signatureOf,
  WRAPPED,
} from './p256-attempts.ts'

const generator = await loadGenerator()
const verdictOf = (attempt: Attempt): Promise<boolean> => agreed(pureP256, nativeP256, attempt)
const isKey = (publicKey: Uint8Array): boolean => agreedKey(pureP256, nativeP256, publicKey)
const split = (key: Uint8Array): { x: Uint8Array; y: Uint8Array } => ({ x: key.subarray(0, 32), y: key.subarray(32) })
const generatorTakes = (key: Uint8Array): boolean => generator.p256.onCurve(split(key).x, split(key).y)
const generatorVerifies = ({ publicKey, message, signature }: Attempt): boolean =>
  generator.p256.p256Verify(split(publicKey), message, signature)

const SECRET = be32(0x0123456789abcdefn)
const KEY = publicOf(fromBe(SECRET))
const MESSAGE = utf8('a reading')
const sign = (message: Uint8Array, secret = SECRET): Uint8Array => p256.sign(message, secret, { lowS: true })
const GOOD: Attempt = { publicKey: KEY, message: MESSAGE, signature: sign(MESSAGE) }
const [X, Y] = [fromBe(KEY.subarray(0, 32)), fromBe(KEY.subarray(32))]

/** The smallest x on the curve, which is 0: the square root of b exists. */
const ZERO_X = pointAt(0n)

describe('P-256 keys', () => {
  it('are points of the curve, those at its edges too', () => {
    const smallest = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].flatMap((x) => pointAt(x) ?? [])
    const largest = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].flatMap((back) => pointAt(P - back) ?? [])
    const points = [...smallest, ...largest, ...(ZERO_X ? [ZERO_X] : [])]
    expect([ZERO_X !== undefined, smallest.length > 2, largest.length > 2]).toEqual([true, true, true])
    const keys = [...points.flatMap((p) => [keyOf(p), keyOf(p.negate())]), publicOf(1n), publicOf(2n), publicOf(N - 1n)]
    for (const key of keys) {
      expect(isKey(key), toHex(key)).toBe(true)
      expect(generatorTakes(key), toHex(key)).toBe(true)
    }
  })

  it.each([
    ['zero', 0n, 0n],
    ['another y', X, Y + 1n],
    ['another x', X + 1n, Y],
    ['x and y exchanged', Y, X],
    ['the y of the twist', X, P - Y + 1n],
    ['x = p, which is 0 and not reduced', P, ZERO_X?.toAffine().y ?? 0n],
    ['x = p + 5, 5 being the x of a point', P + 5n, pointAt(5n)?.toAffine().y ?? 0n],
    ['x = p - 1', P - 1n, Y],
    ['y = p', X, P],
    ['y = 0', X, 0n],
    ['both of 2^256 - 1', 2n ** 256n - 1n, 2n ** 256n - 1n],
  ])('are refused: %s (CONV-21)', async (_name, x, y) => {
    const key = concat(be32(x), be32(y))
    expect(isKey(key)).toBe(false)
    expect(generatorTakes(key)).toBe(false)
    expect(await verdictOf({ ...GOOD, publicKey: key })).toBe(false)
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['the point at infinity', Uint8Array.of(0)],
    ['compressed', concat(Uint8Array.of(2 + Number(Y & 1n)), be32(X))],
    ['uncompressed with its prefix', concat(Uint8Array.of(4), KEY)],
    ['hybrid', concat(Uint8Array.of(6 + Number(Y & 1n)), KEY)],
    ['x alone', be32(X)],
    ['63 bytes', KEY.subarray(1)],
    ['65 bytes', concat(KEY, Uint8Array.of(0))],
    ['64 bytes that begin with a prefix', concat(Uint8Array.of(4), KEY.subarray(0, 63))],
  ])('are x and y and nothing else: %s', async (_name, key) => {
    expect(isKey(key)).toBe(false)
    expect(await verdictOf({ ...GOOD, publicKey: key })).toBe(false)
  })

  it('are judged the same when they come as COSE_Key', () => {
    const outcome = (bytes: Uint8Array, suites: typeof pureSuites): string => {
      try {
        return toHex(decodeCoseKey(bytes, suites).publicKey)
      } catch (error) {
        return String(error)
      }
    }
    for (const publicKey of [KEY, concat(be32(X), be32(Y + 1n)), concat(be32(P), be32(Y)), new Uint8Array(64)]) {
      const bytes = encodeCoseKey({ alg: -9, publicKey })
      expect(outcome(bytes, nativeSuites)).toBe(outcome(bytes, pureSuites))
      expect(outcome(bytes, pureSuites) === toHex(publicKey)).toBe(isKey(publicKey))
    }
  })
})

describe('P-256 signatures', () => {
  it.each<[string, Attempt]>([
    ['an ordinary one', GOOD],
    ['of an empty message', { ...GOOD, message: new Uint8Array(0), signature: sign(new Uint8Array(0)) }],
    ['of a long message', { ...GOOD, message: new Uint8Array(70_000), signature: sign(new Uint8Array(70_000)) }],
    ['r that stands for an x of n or more', WRAPPED],
    ['s = n/2', AT_HALF],
    ['s = 1 and the smallest r', SMALL],
    ['both halves of the sum the same point', DOUBLED],
    ['under the key of scalar 1', { ...GOOD, publicKey: publicOf(1n), signature: sign(MESSAGE, be32(1n)) }],
    ['under the key of scalar n - 1', { ...GOOD, publicKey: publicOf(N - 1n), signature: sign(MESSAGE, be32(N - 1n)) }],
  ])('are accepted: %s', async (_name, attempt) => {
    expect(holds(attempt)).toBe(true)
    expect(generatorVerifies(attempt)).toBe(true)
    expect(await verdictOf(attempt)).toBe(true)
  })

  it.each<[string, Attempt]>([
    ['s = n/2 + 1', ABOVE_HALF],
    ['x of n or more in place of r', NOT_WRAPPED],
    ['R is the point at infinity', INFINITE],
  ])('are refused: %s', async (_name, attempt) => {
    expect(holds(attempt)).toBe(false)
    expect(generatorVerifies(attempt)).toBe(false)
    expect(await verdictOf(attempt)).toBe(false)
  })

  it('are refused with a high s, whoever made it (CONV-23)', async () => {
    const [r, s] = [fromBe(GOOD.signature.subarray(0, 32)), fromBe(GOOD.signature.subarray(32))]
    const high = { ...GOOD, signature: signatureOf(r, N - s) }
    expect(p256.verify(high.signature, MESSAGE, concat(Uint8Array.of(4), KEY), { lowS: false })).toBe(true)
    expect(await verdictOf(high)).toBe(false)
    expect(await verdictOf({ ...GOOD, signature: signatureOf(N - r, s) })).toBe(false)
  })

  it('are refused with r or s at any edge', async () => {
    const edges = [0n, 1n, HALF, HALF + 1n, N - 1n, N, N + 1n, P - N, P - 1n, P, P + 1n, 2n ** 255n, 2n ** 256n - 1n]
    const [r, s] = [fromBe(GOOD.signature.subarray(0, 32)), fromBe(GOOD.signature.subarray(32))]
    const pairs = [
      ...edges.flatMap((edge) => [
        [edge, s],
        [r, edge],
      ]),
      ...edges.flatMap((a) => edges.map((b) => [a, b])),
    ]
    for (const [a = 0n, b = 0n] of pairs) {
      const attempt = { ...GOOD, signature: signatureOf(a, b) }
      expect(holds(attempt)).toBe(false)
      expect(await verdictOf(attempt), `r = ${a}, s = ${b}`).toBe(false)
      expect(generatorVerifies(attempt)).toBe(false)
    }
    const unreduced = s + N < 2n ** 256n ? [signatureOf(r, s + N)] : []
    for (const signature of unreduced) expect(await verdictOf({ ...GOOD, signature })).toBe(false)
  })

  it('are r and s in 64 bytes and nothing else', async () => {
    const der = p256.Signature.fromBytes(GOOD.signature, 'compact').toBytes('der')
    expect(der.length).toBeGreaterThan(66)
    const others = [0, 1, 32, 63, 65, 71, 72, 128].map((length) =>
      concat(GOOD.signature, GOOD.signature).subarray(0, length),
    )
    for (const signature of [der, ...others]) {
      expect(await verdictOf({ ...GOOD, signature }), `${signature.length} bytes`).toBe(false)
    }
    expect(await verdictOf({ ...GOOD, signature: concat(der, new Uint8Array(64)).subarray(0, 64) })).toBe(false)
  })

  it('are refused after any change of one bit of signature, key or message', async () => {
    const parts = ['signature', 'publicKey', 'message'] as const
    for (const part of parts) {
      for (let bit = 0; bit < 8 * GOOD[part].length; bit++) {
        expect(await verdictOf({ ...GOOD, [part]: flipped(GOOD[part], bit) }), `${part}, bit ${bit}`).toBe(false)
      }
    }
  })

  it('are judged the same whatever key, message and change', async () => {
    const scalar = fc.bigInt({ min: 1n, max: N - 1n })
    const part = fc.constantFrom('signature' as const, 'publicKey' as const, 'message' as const)
    const message = fc.uint8Array({ minLength: 1, maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(scalar, message, part, fc.nat(), async (secret, text, what, at) => {
        const attempt = { publicKey: publicOf(secret), message: text, signature: sign(text, be32(secret)) }
        const changed = { ...attempt, [what]: flipped(attempt[what], at % (8 * attempt[what].length)) }
        expect([await verdictOf(attempt), await verdictOf(changed)]).toEqual([true, false])
      }),
      { seed: 9, numRuns: 250 },
    )
  })

  it('are judged the same when r and s are random', async () => {
    const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 })
    await fc.assert(
      fc.asyncProperty(bytes64, bytes64, async (publicKey, signature) => {
        expect(isKey(publicKey)).toBe(generatorTakes(publicKey))
        expect(await verdictOf({ ...GOOD, signature })).toBe(false)
      }),
      { seed: 23, numRuns: 400 },
    )
  })
})
