/**
 * What several implementations say of one key or signature: both suites, and a textbook reading of the specification. The
 * generator of the vectors, which shares no code with the SDK, is asked where its plain BigInt arithmetic is fast enough.
 */
import { expect } from 'vitest'
import type { Suite } from '../../src/crypto/index.ts'

/** What the generator exports and these tests use. */
interface Generator {
  readonly ed25519: {
    isGoodPublic(bytes: Uint8Array): boolean
    decodePoint(bytes: Uint8Array): unknown
    ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  }
  readonly p256: {
    onCurve(x: Uint8Array, y: Uint8Array): boolean
    p256Verify(key: { x: Uint8Array; y: Uint8Array }, message: Uint8Array, signature: Uint8Array): boolean
  }
}

/** Loads the generator's arithmetic. By its address, because it is JavaScript without types. */
export async function loadGenerator(): Promise<Generator> {
  const load = (name: string): Promise<unknown> =>
    import(new URL(`../../../schemas/generate/format/${name}.mjs`, import.meta.url).href)
  return { ed25519: await load('ed25519'), p256: await load('p256') } as Generator
}

/** One signature to be judged. */
export interface Attempt {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** What both suites say, when they say the same; anything thrown fails the test, as hostile bytes are no error. */
export async function agreed(pure: Suite, native: Suite, { publicKey, message, signature }: Attempt): Promise<boolean> {
  const said = {
    pure: await pure.verify(publicKey, message, signature),
    native: await native.verify(publicKey, message, signature),
  }
  expect(said, 'the suites disagree').toEqual({ pure: said.native, native: said.native })
  return said.pure
}

/** Whether both suites take the key, when they say the same. */
export function agreedKey(pure: Suite, native: Suite, publicKey: Uint8Array): boolean {
  const good = pure.isValidPublicKey(publicKey)
  expect(native.isValidPublicKey(publicKey), 'the suites disagree about a key').toBe(good)
  return good
}

/** A copy with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

/** Big-endian, 32 bytes. */
export function be32(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 255n))
}

/** Little-endian, 32 bytes. */
export function le32(value: bigint): Uint8Array {
  return be32(value).reverse()
}

/** Inverse of {@link be32}. */
export function fromBe(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** Inverse of {@link le32}. */
export function fromLe(bytes: Uint8Array): bigint {
  return fromBe(bytes.slice().reverse())
}
