/** Places for decoders that read files or the network: a folder of this process, and answers that no server gave. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

/** A path in a folder that is gone when the process ends. */
export function scratchPath(name: string): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'fieldproof-fuzz-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    folder = made
  }
  return join(folder, name)
}

/** Runs `task` with a `fetch` that answers so. */
export async function withFetch<T>(respond: (path: string) => Response, task: () => Promise<T>): Promise<T> {
  const real = globalThis.fetch
  globalThis.fetch = async (input) => respond(new URL(input instanceof Request ? input.url : String(input)).pathname)
  try {
    return await task()
  } finally {
    globalThis.fetch = real
  }
}
