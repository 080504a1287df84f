/** Files that appear whole or not at all: written beside their place, synced, and only then given their name. */
import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FieldproofError } from '../base/index.ts'

/**
 * Writes a new file for its owner only. Durable when the promise resolves.
 * @throws what the operating system says: `EEXIST` when there is anything at `path`
 */
export async function createWholeFile(path: string, content: string): Promise<void> {
  // link() refuses an existing name; a crash before it leaves a draft only.
  await withDraft(path, content, 0o600, async (draft) => {
    await link(draft, path).catch(async (error: unknown) => {
      if (!NO_LINKS.has(errnoOf(error) ?? '')) throw error
      await takeName(draft, path)
    })
  })
}

/** What a file system without links answers: that of a memory stick or a network. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** Without links the name is taken first; only a crash right here leaves an empty file. */
async function takeName(draft: string, path: string): Promise<void> {
  await (await open(path, 'wx', 0o600)).close()
  try {
    await rename(draft, path)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/**
 * Writes a file, in place of the one that is there: whoever opens it sees the old content or the new.
 * Durable when the promise resolves.
 * @param mode permissions before the umask, whatever those of the old file were
 * @throws FieldproofError `file-unreadable`
 */
export async function replaceWholeFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  try {
    // rename(), not link(): a memory card's FAT has no links.
    await withDraft(path, content, mode, (draft) => rename(draft, path))
  } catch (error) {
    throw fileError(error, path, 'write')
  }
}

/** A file that cannot be read or written, with the system's own word for why. */
export function fileError(error: unknown, path: string, what: 'read' | 'write'): FieldproofError {
  const errno = errnoOf(error) ?? 'unknown'
  return new FieldproofError('file-unreadable', `cannot ${what} ${path}: ${errno}`, { facts: { path, errno } })
}

/** The system's word in an error, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

async function withDraft(
  path: string,
  content: string | Uint8Array,
  mode: number,
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
  try {
    await writeDurably(draft, content, mode)
    await publish(draft)
  } finally {
    await rm(draft, { force: true })
  }
  await syncDirectory(dirname(path))
}

async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}
