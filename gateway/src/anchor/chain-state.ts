/**
 * The state file of a local chain. anvil writes its own state in place, so a kill in the middle leaves half a file that it
 * refuses to load; here a state only ever replaces the one before when it is whole and on the disk.
 */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type Rpc, readData } from '@fieldproof/sdk/evm'

const unzip = promisify(gunzip)

/** Where anvil itself writes when it is ended; see {@link adoptExitState}. */
export function exitFileOf(stateFile: string): string {
  return `${stateFile}.exit`
}

/** Stores the state of a running chain. @throws FieldproofError `rpc-failed`; or the file system's error */
export async function saveState(rpc: Rpc, stateFile: string): Promise<void> {
  const state = await unzip(readData(await rpc('anvil_dumpState', []), 'anvil_dumpState'))
  const next = `${stateFile}.next`
  const file = await open(next, 'w')
  try {
    await file.writeFile(state)
    await file.sync()
  } finally {
    await file.close()
  }
  await replace(next, stateFile)
}

/**
 * Takes over what anvil wrote when it was ended, which is newer than any stored state. When it was cut off, the stored
 * state stays.
 */
export async function adoptExitState(stateFile: string): Promise<void> {
  const exitFile = exitFileOf(stateFile)
  if (!existsSync(exitFile)) return
  if (isWhole(exitFile)) await replace(exitFile, stateFile)
  else rmSync(exitFile)
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'))
    return true
  } catch {
    return false // the question was whether it parses
  }
}

/** The rename is durable only when the directory is. */
async function replace(from: string, to: string): Promise<void> {
  renameSync(from, to)
  if (process.platform === 'win32') return // a directory cannot be opened there
  const directory = await open(dirname(to), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
