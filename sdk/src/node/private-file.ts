/**
 * Files that hold a secret, as `openssl genpkey` writes keys: PKCS#8 PEM, mode 0600. A file is made on request only and
 * never overwritten. What is read is judged on the open file, never on the path, so that nothing can be swapped in between.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { FieldproofError } from '../base/index.ts'
import { createWholeFile, errnoOf, fileError } from './whole-file.ts'

/** Far over the 241 bytes of a P-256 key; anything longer is not a key. */
const MAX_KEY_FILE_BYTES = 4096

/**
 * Writes a private key to a new file. Durable when the promise resolves, and all or nothing.
 * @throws FieldproofError `key-exists` when there is anything at `path`, `file-unreadable` when it cannot be written
 */
export async function writePrivateKey(path: string, privateKey: KeyObject): Promise<void> {
  try {
    await createWholeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      throw new FieldproofError('key-exists', `${path} exists: move it away first, a lost key cannot be made again`, {
        facts: { path },
      })
    }
    throw fileError(error, path, 'write')
  }
}

/**
 * Reads a private key of any kind.
 * @param making the command that makes such a key, for whoever has none
 * @throws FieldproofError `key-missing`, `key-exposed` when others than its owner may touch the file, `key-invalid` when
 * it is no PKCS#8 PEM, `file-unreadable`. No error holds a byte of the file
 */
export async function readPrivateKey(path: string, making: string = 'fieldproof init'): Promise<KeyObject> {
  let file: FileHandle
  try {
    // Non-blocking: opening a named pipe would wait for a writer for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fileError(error, path, 'read')
    throw new FieldproofError('key-missing', `no key at ${path}: create it once with \`${making}\`, or restore it`, {
      facts: { path },
    })
  }
  try {
    await expectPrivateFile(file, path)
    return parseKey(await file.readFile('latin1'), path)
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
  try {
    return createPrivateKey({ key: pem, format: 'pem', type: 'pkcs8' })
  } catch {
    throw keyInvalid(path, 'damaged') // without the cause: OpenSSL's errors are not ours to vouch for
  }
}

/** A key file that cannot be used. */
export function keyInvalid(path: string, why: string): FieldproofError {
  return new FieldproofError('key-invalid', `${path} is ${why}`, { facts: { path } })
}
