/** The log's key in a file: PKCS#8 PEM that only its owner can read, made only when that is asked for. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { LogSigner } from '../ledger/log-signer.ts'

const OTHERS = 0o077

/**
 * Opens a log key.
 * @param create makes one when there is none
 * @throws FieldproofError `key-missing`, `key-exposed` when others may read it, `key-invalid` unless Ed25519 in PKCS#8 PEM
 */
export function openLogKey(path: string, options: { create?: boolean } = {}): LogSigner {
  if (options.create === true) makeKey(path)
  return signerOf(readKey(path))
}

/** A signer of an Ed25519 private key. @throws FieldproofError `key-invalid` */
export function signerOf(key: KeyObject): LogSigner {
  if (key.asymmetricKeyType !== 'ed25519') throw new FieldproofError('key-invalid', 'a log key is an Ed25519 key')
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  const publicKey = new Uint8Array(Buffer.from(x ?? '', 'base64url'))
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) }
}

function makeKey(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  try {
    // wx: a key that is there is never overwritten, whoever comes second.
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function readKey(path: string): KeyObject {
  const pem = readPrivateFile(path, 'log key')
  try {
    return createPrivateKey(pem)
  } catch {
    // The library's error could quote the file.
    throw new FieldproofError('key-invalid', `${path} holds no private key in PKCS#8 PEM`)
  }
}

/**
 * Text of a file that only its owner may read.
 * @throws FieldproofError `key-missing`, `key-exposed`
 */
export function readPrivateFile(path: string, what: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined)
    throw new FieldproofError('key-missing', `there is no ${what} at ${path}; make one explicitly`)
  if ((stat.mode & OTHERS) !== 0) {
    throw new FieldproofError('key-exposed', `${path} may be read by others; restrict it to its owner (mode 0600)`, {
      facts: { mode: (stat.mode & 0o777).toString(8) },
    })
  }
  return readFileSync(path, 'utf8')
}
