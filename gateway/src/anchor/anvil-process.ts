/** Finding the anvil binary, telling which processes are ours, and making sure that none outlives its parent. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FieldproofError } from '@fieldproof/sdk/base'

const require = createRequire(import.meta.url)
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'win32' }
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const END_MS = 10_000
const POLL_MS = 20

/** Path of the anvil binary that npm installed for this platform. @throws FieldproofError `local-chain-failed` */
export function findAnvil(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@foundry-rs/anvil-${SYSTEMS[platform] ?? platform}-${PROCESSORS[arch] ?? arch}`
  const binary = resolveIn(name, platform === 'win32' ? 'anvil.exe' : 'anvil')
  if (binary !== null) return binary
  throw new FieldproofError(
    'local-chain-failed',
    `no local chain for ${platform} ${arch}: install optional dependencies (npm install --include=optional), ` +
      'or give the RPC endpoint of another EVM chain in the configuration',
    { facts: { package: name } },
  )
}

function resolveIn(name: string, file: string): string | null {
  try {
    const binary = join(dirname(require.resolve(`${name}/package.json`)), 'bin', file)
    return existsSync(binary) ? binary : null
  } catch {
    return null // npm leaves out what is not for this platform
  }
}

/**
 * Ends a child when this process is gone, however it went: the watcher's standard input closes with us. SIGTERM, so that
 * anvil still writes its state. Windows has no such shell; there a child of a killed parent is found at the next start.
 * @returns a function that calls the watcher off
 */
export function endWithParent(child: ChildProcess): () => void {
  if (process.platform === 'win32' || child.pid === undefined) return () => undefined
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C in a terminal reaches the whole process group; ours alone decides what follows
  })
  watcher.on('error', () => undefined) // no shell: as on Windows
  watcher.unref()
  return () => watcher.kill('SIGKILL')
}

/** Remembers which anvil works on a state file, and for whom. */
export function writePidFile(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify({ pid, parent: process.pid }))
}

/**
 * Ends an anvil that a killed parent left behind, and waits until it has written its state.
 * @param mark an argument that only the anvil of this state file was started with
 * @throws FieldproofError `local-chain-failed` when its parent lives: then two would write one state file
 */
export async function endStale(pidFile: string, mark: string): Promise<void> {
  const left = readPidFile(pidFile)
  if (left !== null && isOurs(left.pid, mark)) {
    if (parentOf(left.pid) === left.parent) {
      throw new FieldproofError(
        'local-chain-failed',
        `the local chain is in use by process ${left.parent}: it runs already; stop that one first`,
        {
          facts: { pid: left.pid, parent: left.parent },
        },
      )
    }
    signal(left.pid, 'SIGTERM')
    if (!(await hasEnded(left.pid, mark))) signal(left.pid, 'SIGKILL')
    if (!(await hasEnded(left.pid, mark))) {
      throw new FieldproofError('local-chain-failed', `process ${left.pid} holds the local chain and does not end`, {
        facts: { pid: left.pid },
      })
    }
  }
  rmSync(pidFile, { force: true })
}

function readPidFile(file: string): { pid: number; parent: number } | null {
  if (!existsSync(file)) return null
  try {
    const { pid, parent } = JSON.parse(readFileSync(file, 'utf8')) as { pid: unknown; parent: unknown }
    return Number.isSafeInteger(pid) && Number.isSafeInteger(parent)
      ? { pid: Number(pid), parent: Number(parent) }
      : null
  } catch {
    return null // cut off while it was written: that anvil is ended by its watcher
  }
}

/** A pid may belong to another program by now; the arguments tell. */
function isOurs(pid: number, mark: string): boolean {
  return commandLineOf(pid).includes(mark)
}

async function hasEnded(pid: number, mark: string): Promise<boolean> {
  const end = performance.now() + END_MS
  while (isOurs(pid, mark)) {
    if (performance.now() > end) return false
    await delay(POLL_MS)
  }
  return true
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it ended by itself
  }
}

/** Arguments of a process, or nothing when there is no such process (a zombie has none either). */
function commandLineOf(pid: number): string {
  if (existsSync('/proc/self')) return read(`/proc/${pid}/cmdline`)
  return ps(pid, 'command=')
}

function parentOf(pid: number): number {
  if (existsSync('/proc/self')) return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])
  return Number(ps(pid, 'ppid='))
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // the process has ended
  }
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return '' // ps exits 1 for a process that does not exist
  }
}
