/** Ed25519 on Node and in pure code is one function: that of CONV-22 and CONV-24. */
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex, utf8 } from '../../src/base/index.ts'
import { decodeCoseKey, encodeCoseKey, pureEd25519, pureSuites } from '../../src/crypto/index.ts'
import { nativeEd25519, nativeSuites } from '../../src/native/index.ts'
import {
  attemptOf,
  encoded,
  holds,
  holdsWithCofactor,
  L,
  NON_CANONICAL,
  P,
  TAMING,
  TORSION,
} from './ed25519-attempts.ts'
import { type Attempt, agreed, agreedKey, flipped, fromLe, le32, loadGenerator } from './opinions.ts'

const generator = await loadGenerator()
const verdictOf = (attempt: Attempt): Promise<boolean> => agreed(pureEd25519, nativeEd25519, attempt)
const isKey = (publicKey: Uint8Array): boolean => agreedKey(pureEd25519, nativeEd25519, publicKey)

const SECRET = new Uint8Array(32).fill(7)
const KEY = ed25519.getPublicKey(SECRET)
const MESSAGE = utf8('a reading')
const GOOD: Attempt = { publicKey: KEY, message: MESSAGE, signature: ed25519.sign(MESSAGE, SECRET) }
const [a, r] = [77n, 99n]
/** A key, an R, and S = r + ka, on a message. */
const made = (parts: { A?: Uint8Array; R?: Uint8Array; a?: bigint; r?: bigint }): Attempt =>
  attemptOf({ a, r, A: encoded(a), R: encoded(r), message: MESSAGE, ...parts })

describe('Ed25519 keys', () => {
  it('are points of the prime-order subgroup', () => {
    for (const publicKey of [KEY, encoded(1n), encoded(L - 1n), encoded(a)]) {
      expect(isKey(publicKey)).toBe(true)
      expect(generator.ed25519.isGoodPublic(publicKey)).toBe(true)
    }
  })

  it.each(TORSION.map((bytes, i) => [i, bytes] as const))('are not of small order: torsion point %i', (_i, bytes) => {
    expect(isKey(bytes)).toBe(false)
    expect(generator.ed25519.isGoodPublic(bytes)).toBe(false)
  })

  it.each([1, 2, 3, 4, 5, 6, 7])('have no torsion component: a key plus torsion point %i', (torsion) => {
    expect(isKey(encoded(a, torsion))).toBe(false)
    expect(generator.ed25519.isGoodPublic(encoded(a, torsion))).toBe(false)
  })

  it('are canonical: no y of p or more, no sign of a zero', () => {
    for (const bytes of NON_CANONICAL) {
      expect(isKey(bytes), toHex(bytes)).toBe(false)
      expect(generator.ed25519.decodePoint(bytes), toHex(bytes)).toBeNull()
    }
  })

  it('are on the curve: of the smallest y, those that the generator finds on it', () => {
    for (let y = 2n; y < 12n; y++) {
      const bytes = le32(y)
      expect(isKey(bytes), toHex(bytes)).toBe(generator.ed25519.isGoodPublic(bytes))
    }
  })

  it('have 32 bytes', async () => {
    for (const length of [0, 1, 31, 33, 64]) {
      expect(isKey(new Uint8Array(length).fill(3))).toBe(false)
      expect(await verdictOf({ ...GOOD, publicKey: new Uint8Array(length).fill(3) })).toBe(false)
    }
  })

  it('are judged the same when they come as COSE_Key', () => {
    const codeOf = (bytes: Uint8Array, suites: typeof pureSuites): string => {
      try {
        return toHex(decodeCoseKey(bytes, suites).publicKey)
      } catch (error) {
        return String(error)
      }
    }
    for (const publicKey of [KEY, ...TORSION, ...NON_CANONICAL, encoded(a, 3)]) {
      const bytes = encodeCoseKey({ alg: -19, publicKey })
      expect(codeOf(bytes, nativeSuites)).toBe(codeOf(bytes, pureSuites))
      expect(codeOf(bytes, pureSuites) === toHex(publicKey)).toBe(isKey(publicKey))
    }
  })
})

describe('the twelve of "Taming the many EdDSAs"', () => {
  it.each(TAMING)('%s: refused by %s', async (_name, rule, attempt) => {
    expect(await verdictOf(attempt)).toBe(false)
    // The rule that refuses it: the key's, or, for a good key, the signature's.
    expect(isKey(attempt.publicKey)).toBe(rule === 'CONV-24')
    expect(generator.ed25519.isGoodPublic(attempt.publicKey)).toBe(rule === 'CONV-24')
    if (rule === 'CONV-24') expect(holds(attempt)).toBe(false)
  })

  it('are what they are said to be: by the equations alone, some pass both, some only that with the cofactor', () => {
    const without = TAMING.map(([, , attempt]) => holds(attempt))
    expect(without.slice(0, 8)).toEqual([true, true, true, true, false, false, false, false])
    expect(TAMING.slice(0, 6).map(([, , attempt]) => holdsWithCofactor(attempt))).toEqual(Array(6).fill(true))
    // S below L is what 6 and 7 lack, and nothing else.
    for (const [, , attempt] of TAMING.slice(6, 8)) {
      const s = fromLe(attempt.signature.subarray(32))
      const reduced = { ...attempt, signature: concat(attempt.signature.subarray(0, 32), le32(s % L)) }
      expect(s).toBeGreaterThanOrEqual(L)
      expect(holds(reduced)).toBe(true)
    }
  })
})

describe('Ed25519 signatures under a good key', () => {
  it('are good when the equation holds without the cofactor', async () => {
    for (const attempt of [GOOD, made({}), made({ r: 1n, R: encoded(1n) }), made({ r: L - 1n, R: encoded(L - 1n) })]) {
      expect(holds(attempt)).toBe(true)
      expect(await verdictOf(attempt)).toBe(true)
      expect(generator.ed25519.ed25519Verify(attempt.publicKey, attempt.message, attempt.signature)).toBe(true)
    }
  })

  it('may have the neutral element as R, which is canonical (CONV-24)', async () => {
    const attempt = made({ r: 0n, R: encoded(0n) })
    expect(holds(attempt)).toBe(true)
    expect(await verdictOf(attempt)).toBe(true)
    expect(generator.ed25519.ed25519Verify(attempt.publicKey, attempt.message, attempt.signature)).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6, 7])(
    'have no R with torsion, though the cofactor hides it: torsion point %i',
    async (i) => {
      for (const attempt of [made({ r: 0n, R: encoded(0n, i) }), made({ R: encoded(r, i) })]) {
        expect(holdsWithCofactor(attempt)).toBe(true)
        expect(holds(attempt)).toBe(false)
        expect(await verdictOf(attempt)).toBe(false)
      }
    },
  )

  it('have a canonical R', async () => {
    for (const R of NON_CANONICAL) {
      expect(await verdictOf(made({ r: 0n, R })), toHex(R)).toBe(false)
      // A reader that hashes its own encoding of R, and compares points, would take this one.
      const hashed = { R: le32(fromLe(R) % P) }
      const attempt = attemptOf({ a, r: 0n, A: encoded(a), R, hashed, message: MESSAGE })
      expect(await verdictOf(attempt), toHex(R)).toBe(false)
    }
  })

  it('have an R on the curve', async () => {
    const off = Array.from({ length: 24 }, (_, y) => le32(BigInt(y))).filter(
      (bytes) => generator.ed25519.decodePoint(bytes) === null,
    )
    expect(off.length).toBeGreaterThan(5)
    for (const R of off) expect(await verdictOf(made({ R })), toHex(R)).toBe(false)
  })

  it('have an S below L', async () => {
    const s = fromLe(GOOD.signature.subarray(32))
    const multiples = Array.from({ length: 15 }, (_, n) => s + BigInt(n + 1) * L)
    const others = [0n, 1n, L - 1n, L, L + 1n, 2n ** 252n, 2n ** 253n + s, 2n ** 255n + s, 2n ** 256n - 1n]
    for (const value of [...multiples, ...others].filter((one) => one < 2n ** 256n)) {
      const attempt = { ...GOOD, signature: concat(GOOD.signature.subarray(0, 32), le32(value)) }
      expect(holds(attempt)).toBe(false)
      expect(await verdictOf(attempt), `S = ${value}`).toBe(false)
    }
  })

  it('have 64 bytes', async () => {
    for (const length of [0, 1, 32, 63, 65, 71, 128]) {
      const signature = concat(GOOD.signature, GOOD.signature).subarray(0, length)
      expect(await verdictOf({ ...GOOD, signature })).toBe(false)
    }
  })

  it('are refused after any change of one bit of signature, key or message', async () => {
    for (let bit = 0; bit < 512; bit++) {
      expect(await verdictOf({ ...GOOD, signature: flipped(GOOD.signature, bit) }), `signature, bit ${bit}`).toBe(false)
    }
    for (let bit = 0; bit < 256; bit++) {
      expect(await verdictOf({ ...GOOD, publicKey: flipped(KEY, bit) }), `key, bit ${bit}`).toBe(false)
    }
    for (let bit = 0; bit < 8 * MESSAGE.length; bit++) {
      expect(await verdictOf({ ...GOOD, message: flipped(MESSAGE, bit) }), `message, bit ${bit}`).toBe(false)
    }
  })

  it('are judged the same whatever key, message and change', async () => {
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const part = fc.constantFrom('signature', 'publicKey', 'message')
    await fc.assert(
      fc.asyncProperty(
        bytes32,
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        part,
        fc.nat(),
        async (seed, message, what, at) => {
          const attempt = { publicKey: ed25519.getPublicKey(seed), message, signature: ed25519.sign(message, seed) }
          expect(await verdictOf(attempt)).toBe(true)
          expect(await verdictOf({ ...attempt, [what]: flipped(attempt[what], at % (8 * attempt[what].length)) })).toBe(
            false,
          )
        },
      ),
      { seed: 22, numRuns: 250 },
    )
  })

  it('are judged the same when they are random bytes', async () => {
    const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(64), async (publicKey, signature) => {
        isKey(publicKey)
        await verdictOf({ publicKey, message: MESSAGE, signature })
        expect(await verdictOf({ ...GOOD, signature })).toBe(false)
      }),
      { seed: 24, numRuns: 400 },
    )
  })
})
