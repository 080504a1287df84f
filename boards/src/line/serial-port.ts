/**
 * A real serial port, by path. Never by looking for one: two boards of a kind look alike, and `list()` needs udev. The path
 * below /dev/serial/by-id stays the same when the plug is moved.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { SerialPort } from 'serialport'
import type { LineHandlers, OpenLine, SerialLine } from './ports.ts'

/** What our firmware and StandardFirmata speak. */
export const BAUD_RATE_BPS = 57_600

/** Settings of {@link serialPortLine}. */
export interface SerialPortOptions {
  /** Default {@link BAUD_RATE_BPS}. */
  readonly baudRateBps?: number
}

/** Lines of the port at `path`. The port is locked while it is open, so that no second program takes half of the bytes. */
export function serialPortLine(path: string, options: SerialPortOptions = {}): OpenLine {
  return async (handlers) => {
    const { SerialPort } = await import('serialport') // native code: loaded where a port is opened, and nowhere else
    const baudRate = options.baudRateBps ?? BAUD_RATE_BPS
    // hupcl off: closing the port then does not reset the board, which may be watering.
    const port = new SerialPort({ path, baudRate, hupcl: false, lock: true, autoOpen: false })
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error === null || error === undefined ? resolve() : reject(unavailable(path, error))))
    })
    return openLine(port, path, handlers)
  }
}

function openLine(port: SerialPort, path: string, handlers: LineHandlers): SerialLine {
  let isClosed = false
  const closed = (reason: string): void => {
    if (isClosed) return
    isClosed = true
    handlers.onClose(reason)
  }
  port.on('data', (bytes: Uint8Array) => {
    if (!isClosed) handlers.onData(bytes)
  })
  port.on('error', (error) => closed(error.message))
  // serialport 13 does not see every hang-up by itself (a terminal that goes away while it reads gives no bytes for ever): a failing
  // write tells, and a session's heartbeat writes every two seconds.
  port.on('close', (error: Error | null) => closed(error?.message ?? 'closed'))
  const gone = (cause?: unknown): FieldproofError =>
    new FieldproofError('board-disconnected', `${path} is gone`, { facts: { path }, cause })
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (isClosed || !port.isOpen) return reject(gone())
        port.write(bytes, undefined, (error) => {
          // No drain: it holds a thread of the pool until the chip has taken all, and four that never do stop every file of the process.
          if (error === null || error === undefined) resolve()
          else reject(gone(error))
        })
      }),
    close: () =>
      new Promise((resolve) => {
        if (!port.isOpen) return resolve()
        port.close(() => resolve())
      }),
  }
}

const REASONS: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ['missing', /no such (file|device)|not found|cannot find/i],
  ['denied', /permission|access (is )?denied|EACCES|EPERM/i],
  ['taken', /lock|busy|temporarily unavailable|in use/i],
]

const REMEDIES: Readonly<Record<string, string>> = {
  missing: 'is the board plugged in? `fieldproof ports` lists what is',
  denied: 'add yourself to the group dialout and log in again',
  taken: 'another program has it; `fieldproof doctor` says which',
  failed: 'try another cable or plug',
}

function unavailable(path: string, cause: Error): FieldproofError {
  const reason = REASONS.find(([, pattern]) => pattern.test(cause.message))?.[0] ?? 'failed'
  return new FieldproofError('port-unavailable', `${path}: ${cause.message}: ${REMEDIES[reason]}`, {
    facts: { path, reason },
    cause,
  })
}
