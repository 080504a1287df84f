/**
 * Where `fieldproof proof` writes. A name that was mistyped must not cost a key or a log: only a proof is ever replaced, and
 * whole, so that no reader and no power cut meets half of one.
 */
import { constants } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { fieldproofErrorOf } from '../base/index.ts'
import { nativeHash } from '../native/index.ts'
import { errnoOf, fileError, replaceWholeFile } from '../node/whole-file.ts'
import { decodeBundle } from '../verify/index.ts'
import { MAX_BUNDLE_BYTES } from '../wire/index.ts'
import { usageError } from './command.ts'

/**
 * The file to write for `--output`: a new one, or a proof, which may be replaced, behind whatever links lead to it.
 * @throws FieldproofError `usage` when something else is there, `file-unreadable`
 */
export async function proofTarget(output: string): Promise<string> {
  try {
    if (!(await isThere(output))) return output
    const target = await realpath(output).catch(() => taken(output)) // a link that leads nowhere
    return (await holdsProof(target)) ? target : taken(output)
  } catch (error) {
    throw fieldproofErrorOf(error) ?? fileError(error, output, 'read')
  }
}

/**
 * Writes a proof to a file that {@link proofTarget} found.
 * @param opened whether it shows rows that were sealed: then it is for its owner alone
 * @throws FieldproofError `file-unreadable`
 */
export async function writeProof(target: string, bytes: Uint8Array, opened: boolean): Promise<void> {
  await replaceWholeFile(target, bytes, opened ? 0o600 : 0o666)
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

async function holdsProof(path: string): Promise<boolean> {
  // Non-blocking: opening a named pipe would wait for a writer for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > MAX_BUNDLE_BYTES) return false
    decodeBundle(new Uint8Array(await file.readFile()), nativeHash)
    return true
  } catch (error) {
    if (fieldproofErrorOf(error) !== undefined) return false // whatever the decoder misses, it is no proof
    throw error
  } finally {
    await file.close()
  }
}

function taken(output: string): never {
  throw usageError(`--output: ${output} is there and holds no proof; choose another name, or move it away`)
}
