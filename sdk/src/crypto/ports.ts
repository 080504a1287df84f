/**
 * Hash and Suite are ports: the pure layers say what they need, the caller says who computes it (`pureHash` and the pure
 * suites here, node:crypto in ../native). Both must accept and reject exactly the same inputs.
 */

/** SHA-256. Implementations keep no state and never retain the arrays they are given. */
export interface Hash {
  /** SHA-256 of `data`, in a new 32-byte array. */
  sha256(data: Uint8Array): Uint8Array
  /** Writes SHA-256 of `data` to `out[offset .. offset + 32)`; the fast path for trees over flat buffers. */
  sha256Into(out: Uint8Array, offset: number, data: Uint8Array): void
}

/** COSE algorithm of a suite: -9 is ESP256 (P-256 with SHA-256), -19 is Ed25519 (RFC 9864). */
export type Alg = -9 | -19

/** One signature algorithm, verifying. Raw public keys: P-256 is x ‖ y (64 bytes), Ed25519 is 32 bytes. */
export interface Suite {
  readonly alg: Alg
  /** Length of a raw public key in bytes. */
  readonly publicKeyBytes: 64 | 32
  /** Whether the key is a canonical point of the right group; Ed25519 keys must also be free of torsion. */
  isValidPublicKey(publicKey: Uint8Array): boolean
  /** Whether `signature` (64 bytes, P-256 with low s) is good for `message`. Never throws on hostile bytes. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
}

/** Finds the suite of an algorithm; undefined when it is not supported. */
export type Suites = (alg: number) => Suite | undefined

/** A private key that signs and never leaves its place: a file, a TPM, a secure element. */
export interface Signer {
  readonly alg: Alg
  /** Raw public key, see {@link Suite}. */
  readonly publicKey: Uint8Array
  /** A 64-byte signature over `message` (P-256 hashes it with SHA-256 first and returns low s). */
  sign(message: Uint8Array): Promise<Uint8Array>
}
