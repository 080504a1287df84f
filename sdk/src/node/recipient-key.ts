/** Key of someone for whom rows are sealed: X25519 in a private file of its own, never the machine's signing key. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { RecipientKey } from '../verify/index.ts'
import { keyInvalid, readPrivateKey, writePrivateKey } from './private-file.ts'

/**
 * Draws a key and writes it to a new file, then opens it.
 * @throws FieldproofError `key-exists`, `file-unreadable`
 */
export async function createRecipientKey(path: string): Promise<RecipientKey> {
  await writePrivateKey(path, generateKeyPairSync('x25519').privateKey)
  return openRecipientKey(path)
}

/**
 * Opens the key of a recipient.
 * @throws FieldproofError `key-missing`, `key-exposed`, `key-invalid` unless it is X25519 in PKCS#8 PEM, `file-unreadable`
 */
export async function openRecipientKey(path: string): Promise<RecipientKey> {
  const key = await readPrivateKey(path, `fieldproof key ${path} --create --alg x25519`)
  if (key.asymmetricKeyType !== 'x25519') throw keyInvalid(path, 'no X25519 key')
  const secret = key.export({ format: 'jwk' }).d
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  if (secret === undefined || x === undefined) throw keyInvalid(path, 'damaged')
  return { publicKey: bytesOf(x), secret: bytesOf(secret) }
}

function bytesOf(base64url: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64url, 'base64url'))
}
