/**
 * Sealed rows (schemas/spec/02-batch.md): a random key K a batch, the rows in a secretbox under K, K in a box for each
 * recipient. The nonces are zero because every key is used once: K for one body, an ephemeral key for one box.
 */

import nacl from 'tweetnacl'
import { FieldproofError } from '../base/index.ts'
import type { SealedBox } from '../wire/index.ts'

/** Length of K and of X25519 keys in bytes. */
export const SEALED_KEY_BYTES = 32
const NONCE = new Uint8Array(nacl.secretbox.nonceLength)

/** Rows under K: the body of a sealed batch. */
export function sealBody(columns: Uint8Array, key: Uint8Array): Uint8Array {
  return nacl.secretbox(columns, NONCE, key)
}

/**
 * Rows of a sealed body.
 * @throws FieldproofError `sealed-open-failed`
 */
export function openBody(body: Uint8Array, key: Uint8Array): Uint8Array {
  const columns = nacl.secretbox.open(body, NONCE, key)
  if (columns === null) throw new FieldproofError('sealed-open-failed', 'the key does not open these rows')
  return columns
}

/**
 * K for one recipient.
 * @param ephemeralSecret 32 random bytes, used for this box alone
 */
export function sealKey(key: Uint8Array, recipient: Uint8Array, ephemeralSecret: Uint8Array): SealedBox {
  const ephemeral = nacl.box.keyPair.fromSecretKey(ephemeralSecret).publicKey
  return { recipient, ephemeral, box: nacl.box(key, NONCE, recipient, ephemeralSecret) }
}

/**
 * K from a box, with the recipient's secret.
 * @throws FieldproofError `sealed-open-failed`
 */
export function openKey(box: SealedBox, recipientSecret: Uint8Array): Uint8Array {
  const key = nacl.box.open(box.box, NONCE, box.ephemeral, recipientSecret)
  if (key === null) throw new FieldproofError('sealed-open-failed', 'this box is not for that key')
  return key
}
