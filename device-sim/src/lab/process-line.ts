/**
 * The serial port of a bench as another process opens it: bytes over that process's standard streams, opening and closing as messages.
 * `servePort` is the end of the bench, `parentPort` that of the process.
 */
import type { ChildProcess } from 'node:child_process'
import type { LineHandlers, OpenLine, SerialLine } from '@fieldproof/boards/line'
import { FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'

type PortMessage =
  | { readonly port: 'open' | 'opened' | 'close' }
  | { readonly port: 'refused' | 'gone'; readonly reason: string }

/** Lets a child open the port, as often as it wants; with the child the port is closed, and the board not reset. */
export function servePort(child: ChildProcess, open: OpenLine): void {
  let line: SerialLine | undefined
  const tell = (message: PortMessage): void => {
    if (child.connected) child.send(message)
  }
  const handlers: LineHandlers = {
    onData: (bytes) => void child.stdin?.write(bytes),
    onClose: (reason) => {
      line = undefined
      tell({ port: 'gone', reason })
    },
  }
  child.stdin?.on('error', () => undefined) // it was killed while we wrote
  child.stdout?.on('data', (bytes: Buffer) => void line?.write(bytes).catch(() => undefined))
  child.on('message', (message: Partial<PortMessage>) => {
    if (message.port === 'close') void line?.close()
    if (message.port !== 'open') return
    open(handlers).then(
      (opened) => {
        line = opened
        tell({ port: 'opened' })
      },
      (error: unknown) => tell({ port: 'refused', reason: reasonOf(error) }),
    )
  })
  child.on('exit', () => void line?.close())
}

function reasonOf(error: unknown): string {
  return String(fieldproofErrorOf(error)?.facts['reason'] ?? 'failed')
}

/** The port that this process's parent serves. */
export function parentLine(): OpenLine {
  return (handlers) =>
    new Promise((resolve, reject) => {
      let isOpen = false
      const onData = (bytes: Buffer): void => {
        if (isOpen) handlers.onData(bytes)
      }
      const end = (reason: string): void => {
        if (!isOpen) return
        isOpen = false
        process.stdin.off('data', onData)
        process.off('message', hear)
        handlers.onClose(reason)
      }
      const line: SerialLine = {
        write: (bytes) =>
          isOpen ? written(bytes) : Promise.reject(new FieldproofError('board-disconnected', 'the line is closed')),
        close: async () => {
          if (isOpen) process.send?.({ port: 'close' } satisfies PortMessage)
          end('closed')
        },
      }
      const hear = (message: Partial<PortMessage> & { readonly reason?: string }): void => {
        if (message.port === 'opened') {
          isOpen = true
          resolve(line)
        } else if (message.port === 'gone') end(message.reason ?? 'gone')
        else if (message.port === 'refused') {
          process.off('message', hear)
          const reason = message.reason ?? 'failed'
          reject(new FieldproofError('port-unavailable', `the port is ${reason}`, { facts: { reason } }))
        }
      }
      process.stdin.on('data', onData)
      process.on('message', hear)
      process.send?.({ port: 'open' } satisfies PortMessage)
    })
}

function written(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)))
  })
}
