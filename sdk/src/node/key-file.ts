/**
 * The machine's key in a file: PKCS#8 PEM, mode 0600, as `openssl genpkey` writes it. The file is made on request only,
 * because a key that appears by accident is a machine that nobody enrolled. What is read is judged on the open file,
 * never on the path, so that nothing can be swapped in between.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { concat, FieldproofError } from '../base/index.ts'
import { type Alg, normalizeS, type Signer } from '../crypto/index.ts'

const signOnPool = promisify(sign)

/** Far over the 241 bytes of a P-256 key; anything longer is not a key. */
const MAX_KEY_FILE_BYTES = 4096

/**
 * Draws a key and writes it to a new file, then opens it. Durable when the promise resolves, and all or nothing.
 * @param options `alg`: -9 for P-256 (the default), -19 for Ed25519
 * @throws FieldproofError `key-exists` when there is anything at `path`, `file-unreadable` when it cannot be written
 */
export async function createKeyFile(path: string, options: { readonly alg?: Alg } = {}): Promise<Signer> {
  const { privateKey } =
    options.alg === -19 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
  try {
    await writeDurably(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    // link() refuses an existing name, so the key appears whole or not at all; a crash before it leaves a draft only.
    await link(draft, path).finally(() => unlink(draft))
    await syncDirectory(dirname(path))
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      throw new FieldproofError('key-exists', `${path} exists: move it away first, a lost key cannot be made again`, {
        facts: { path },
      })
    }
    throw fileError(error, path, 'write')
  }
  return openKeyFile(path)
}

/**
 * Opens a key file.
 * @throws FieldproofError `key-missing`, `key-exposed` when others than its owner may touch the file, `key-invalid` when
 * it holds no P-256 or Ed25519 key in PKCS#8 PEM, `file-unreadable`. No error holds a byte of the file
 */
export async function openKeyFile(path: string): Promise<Signer> {
  let file: FileHandle
  try {
    // Non-blocking: opening a named pipe would wait for a writer for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fileError(error, path, 'read')
    throw new FieldproofError(
      'key-missing',
      `no key at ${path}: create it once with \`fieldproof init\`, or restore it`,
      {
        facts: { path },
      },
    )
  }
  try {
    await expectPrivateFile(file, path)
    return new KeyFileSigner(parseKey(await file.readFile('latin1'), path))
  } catch (error) {
    throw error instanceof FieldproofError ? error : fileError(error, path, 'read')
  } finally {
    await file.close()
  }
}

async function expectPrivateFile(file: FileHandle, path: string): Promise<void> {
  const { mode, uid, size } = await file.stat()
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw keyInvalid(path, 'not a regular file')
  if ((mode & 0o077) !== 0) {
    throw new FieldproofError(
      'key-exposed',
      `others may use ${path}: run chmod 600 on it, and consider the key leaked`,
      {
        facts: { path, mode: (mode & 0o777).toString(8) },
      },
    )
  }
  const me = process.geteuid?.()
  if (me !== undefined && me !== 0 && uid !== me && uid !== 0) {
    throw new FieldproofError('key-exposed', `${path} belongs to another user`, { facts: { path, owner: uid } })
  }
  if (size > MAX_KEY_FILE_BYTES) throw keyInvalid(path, `over ${MAX_KEY_FILE_BYTES} bytes`)
}

function parseKey(pem: string, path: string): KeyObject {
  if (!pem.startsWith('-----BEGIN PRIVATE KEY-----')) throw keyInvalid(path, 'not an unencrypted PKCS#8 PEM file')
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, format: 'pem', type: 'pkcs8' })
  } catch {
    throw keyInvalid(path, 'damaged') // without the cause: OpenSSL's errors are not ours to vouch for
  }
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (!isP256 && key.asymmetricKeyType !== 'ed25519') throw keyInvalid(path, 'neither P-256 nor Ed25519')
  return key
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

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}

function keyInvalid(path: string, why: string): FieldproofError {
  return new FieldproofError('key-invalid', `${path} is ${why}`, { facts: { path } })
}

function fileError(error: unknown, path: string, what: 'read' | 'write'): FieldproofError {
  const errno = errnoOf(error) ?? 'unknown'
  return new FieldproofError('file-unreadable', `cannot ${what} ${path}: ${errno}`, { facts: { path, errno } })
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
