/** The first line that a socket says: no longer, no later, and nothing behind it. */
import type { Socket } from 'node:net'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import { MAX_LINE_BYTES } from './messages.ts'

const NEWLINE = 0x0a

/**
 * Reads it, without its end. The socket is read on after that, so that it notices when the other side goes.
 * @param ms how long the whole line may take
 * @returns null when the other side has gone before
 * @throws FieldproofError `deadline-passed`, `request-invalid` for a line that is too long, or when there is more than one
 */
export function firstLine(socket: Socket, clock: Clock, ms: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = []
    let size = 0
    const finish = (settle: () => void): void => {
      cancel()
      socket.off('data', onData).off('end', onGone).off('close', onGone)
      socket.resume()
      settle()
    }
    const refuse = (why: FieldproofError): void => finish(() => reject(why))
    const onGone = (): void => finish(() => resolve(null))
    const onData = (part: Uint8Array): void => {
      size += part.length
      parts.push(part)
      const end = part.indexOf(NEWLINE)
      if (size > MAX_LINE_BYTES) refuse(invalid(`longer than ${MAX_LINE_BYTES} bytes`))
      else if (end >= 0 && end < part.length - 1) refuse(invalid('not the last'))
      else if (end >= 0) finish(() => resolve(textOf(parts)))
    }
    const late = (): void => refuse(new FieldproofError('deadline-passed', `no whole line within ${ms / 1000} s`))
    const cancel = clock.after(ms, late)
    socket.on('data', onData).on('end', onGone).on('close', onGone)
  })
}

/** What is no UTF-8 is no JSON either once it is replaced, or a text that no schema takes. */
function textOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('utf8').slice(0, -1)
}

function invalid(why: string): FieldproofError {
  return new FieldproofError('request-invalid', `want one line of JSON, got one that is ${why}`)
}
