/**
 * A pseudo-terminal in front of a board, for programs that open a path: the real serialport, another process. A terminal
 * has no DTR, so somebody who opens it is taken for somebody who raises it. Needs `python3`, whose standard library has
 * what Node lacks.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { LineEnd } from './line-end.ts'

/** How the terminal is. */
export interface PtyOptions {
  /** A path that always leads to the terminal while it is plugged, as /dev/serial/by-id does; a plug gives the terminal another number. */
  readonly linkPath?: string
  /** Whether opening it resets the board; default true. */
  readonly dtr?: boolean
  /** `usb`: unplugging takes the board's power away. Default `usb`. */
  readonly power?: 'usb' | 'own'
}

/** A terminal that somebody can pull. */
export interface Pty {
  /** Path of the terminal of now, or of the link. */
  readonly path: () => string
  /** Hangs the terminal up, as pulling the cable does; the path is gone. */
  readonly unplug: () => Promise<void>
  readonly plug: () => Promise<void>
  /** Ends it for good. */
  readonly close: () => Promise<void>
}

// Published with the sources, because a compiler copies no Python.
const HELPER = fileURLToPath(new URL('../../src/line/pty.py', import.meta.url))
const HEAD_BYTES = 3

/**
 * Gives a board a pseudo-terminal.
 * @throws FieldproofError `port-unavailable` when there is no python3 to make one
 */
export async function onPty(end: LineEnd, options: PtyOptions = {}): Promise<Pty> {
  const { linkPath } = options
  let path = ''
  let helper: ChildProcess | undefined
  const stopHearing = end.onBytes((bytes) => {
    helper?.stdin?.write(bytes)
  })
  const onMessage = (letter: string, data: Uint8Array): void => {
    if (letter === 'D') end.send(data)
    else if (letter === 'O' && options.dtr !== false) end.dtr()
  }
  const plug = async (): Promise<void> => {
    if (helper !== undefined) return
    if (linkPath !== undefined) clearLink(linkPath)
    const started = await startHelper(onMessage)
    helper = started.helper
    path = started.path
    if (linkPath !== undefined) symlinkSync(path, linkPath)
    end.powerOn()
  }
  const hangUp = async (): Promise<void> => {
    const old = helper
    helper = undefined
    if (old === undefined) return
    if (linkPath !== undefined) rmSync(linkPath, { force: true })
    const exited = new Promise((resolve) => old.once('exit', resolve))
    old.kill('SIGKILL')
    await exited
    end.unsend()
  }
  await plug()
  return {
    path: () => linkPath ?? path,
    unplug: async () => {
      await hangUp()
      if (options.power !== 'own') end.powerOff()
    },
    plug,
    close: async () => {
      stopHearing()
      await hangUp()
    },
  }
}

/** Takes a link away that an earlier terminal has left. @throws FieldproofError `file-unreadable` for anything else of that name */
function clearLink(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSymbolicLink() || !readlinkSync(path).startsWith('/dev/pts/')) {
    throw new FieldproofError('file-unreadable', `${path} exists and is no link to a terminal: choose another name`, {
      facts: { path },
    })
  }
  rmSync(path)
}

/** Starts the helper and waits for the path of its terminal. */
function startHelper(
  onMessage: (letter: string, data: Uint8Array) => void,
): Promise<{ readonly helper: ChildProcess; readonly path: string }> {
  const helper = spawn('python3', ['-I', HELPER], { stdio: ['pipe', 'pipe', 'inherit'] })
  helper.stdin.on('error', () => undefined) // it was pulled; what was written is lost
  return new Promise((resolve, reject) => {
    const fail = (cause?: Error): void =>
      reject(
        new FieldproofError('port-unavailable', 'no pseudo-terminal without a working python3', {
          facts: { reason: 'failed' },
          ...(cause !== undefined && { cause }),
        }),
      )
    helper.once('error', fail)
    helper.once('exit', () => fail())
    let pending = Buffer.alloc(0)
    helper.stdout.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= HEAD_BYTES && pending.length >= HEAD_BYTES + pending.readUInt16LE(1)) {
        const letter = String.fromCharCode(pending[0] ?? 0)
        const data = Uint8Array.from(pending.subarray(HEAD_BYTES, HEAD_BYTES + pending.readUInt16LE(1)))
        pending = pending.subarray(HEAD_BYTES + data.length)
        if (letter === 'P') resolve({ helper, path: new TextDecoder().decode(data) })
        else onMessage(letter, data)
      }
    })
  })
}
