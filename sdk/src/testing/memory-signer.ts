/** A Signer from a secret in memory: deterministic signatures, so that a run can be repeated byte for byte. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { utf8 } from '../base/index.ts'
import { type Alg, pureHash, type Signer } from '../crypto/index.ts'

/**
 * {@link Signer} of a 32-byte secret.
 * @param alg -9 for P-256 (the secret is a scalar below the group's order), -19 for Ed25519
 */
export function signerFromSecret(alg: Alg, secret: Uint8Array): Signer {
  const key = secret.slice()
  if (alg === -19) {
    return { alg, publicKey: ed25519.getPublicKey(key), sign: async (message) => ed25519.sign(message, key) }
  }
  return {
    alg,
    publicKey: p256.getPublicKey(key, false).slice(1),
    sign: async (message) => p256.sign(message, key, { lowS: true, prehash: true, format: 'compact' }),
  }
}

/** {@link Signer} that a name stands for; never for a real machine. */
export function namedSigner(name: string, alg: Alg = -9): Signer {
  const secret = pureHash.sha256(utf8(`key of ${name}`))
  secret[0] = secret[0]! & 0x7f // below the order of P-256
  return signerFromSecret(alg, secret)
}
