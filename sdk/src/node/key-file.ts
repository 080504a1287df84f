/**
 * The machine's key in a file. The file is made on request only, because a key that appears by accident is a machine that
 * nobody enrolled.
 */

import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { concat } from '../base/index.ts'
import { type Alg, normalizeS, type Signer } from '../crypto/index.ts'
import { keyInvalid, readPrivateKey, writePrivateKey } from './private-file.ts'

const signOnPool = promisify(sign)

/**
 * Draws a key and writes it to a new file, then opens it. Durable when the promise resolves, and all or nothing.
 * @param options `alg`: -9 for P-256 (the default), -19 for Ed25519
 * @throws FieldproofError `key-exists` when there is anything at `path`, `file-unreadable` when it cannot be written
 */
export async function createKeyFile(path: string, options: { readonly alg?: Alg } = {}): Promise<Signer> {
  const { privateKey } =
    options.alg === -19 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writePrivateKey(path, privateKey)
  return openKeyFile(path)
}

/**
 * Opens a key file.
 * @throws FieldproofError `key-missing`, `key-exposed` when others than its owner may touch the file, `key-invalid` when
 * it holds no P-256 or Ed25519 key in PKCS#8 PEM, `file-unreadable`. No error holds a byte of the file
 */
export async function openKeyFile(path: string): Promise<Signer> {
  const key = await readPrivateKey(path)
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (!isP256 && key.asymmetricKeyType !== 'ed25519') throw keyInvalid(path, 'neither P-256 nor Ed25519')
  return new KeyFileSigner(key)
}

/** Private, so that neither JSON nor util.inspect reach the key. */
class KeyFileSigner implements Signer {
  readonly alg: Alg
  readonly publicKey: Uint8Array
  readonly #key: KeyObject

  constructor(key: KeyObject) {
    this.#key = key
    this.alg = key.asymmetricKeyType === 'ed25519' ? -19 : -9
    const { x, y } = createPublicKey(key).export({ format: 'jwk' })
    const coordinates = [x, y].filter((part) => part !== undefined)
    this.publicKey = concat(...coordinates.map((part) => new Uint8Array(Buffer.from(part, 'base64url'))))
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    if (this.alg === -19) return new Uint8Array(await signOnPool(null, message, this.#key))
    const signature = await signOnPool('sha256', message, { key: this.#key, dsaEncoding: 'ieee-p1363' })
    return normalizeS(new Uint8Array(signature))
  }
}
