/** Asks the station that runs in a folder. */
import { connect, type Socket } from 'node:net'
import { CODES, type Code, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import { errnoOf, fileError } from '@fieldproof/sdk/node'
import type { ValveReading } from '../../board/ports.ts'
import { firstLine } from './first-line.ts'
import { type ControlRequest, lineOf, parseAnswer } from './messages.ts'
import { controlPath, socketAddress } from './socket-address.ts'

/** A board takes a second to refuse and to close; the rest is for a computer with much to do. */
const WAIT_MS = 10_000

/**
 * What the board read back.
 * @throws FieldproofError `station-not-running`; `deadline-passed`, `message-invalid` or `command-failed` when nobody knows what became of it; what the station says
 */
export async function askStation(dir: string, request: ControlRequest, clock: Clock): Promise<ValveReading> {
  const socket = await connected(dir)
  try {
    socket.write(lineOf(request))
    const answer = await firstLine(socket, clock, WAIT_MS)
      .then((line) => (line === null ? null : parseAnswer(line)))
      .catch((error: unknown) => unanswered(error, dir))
    if (answer === null) throw unknownEnd('command-failed', 'the station ended the connection without an answer', dir)
    if ('valve' in answer) return answer.valve
    const { code, detail } = answer.error
    throw isCode(code) ? new FieldproofError(code, detail) : new FieldproofError('command-failed', `${code}: ${detail}`)
  } finally {
    socket.destroy()
  }
}

async function connected(dir: string): Promise<Socket> {
  const address = await socketAddress(dir).catch((error: unknown) => unreachable(error, dir))
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(address.path)
      socket.once('connect', () => resolve(socket))
      socket.on('error', reject) // after the connection it is `close` that counts
    })
  } catch (error) {
    return unreachable(error, dir)
  } finally {
    await address.close()
  }
}

function unreachable(error: unknown, dir: string): never {
  if (error instanceof FieldproofError) throw error
  const errno = errnoOf(error)
  const path = controlPath(dir)
  if (errno === 'ENOENT' || errno === 'ECONNREFUSED') {
    const detail = `no station runs in ${dir}: start it with: fieldproof run ${dir}`
    throw new FieldproofError('station-not-running', detail, { facts: { path, errno } })
  }
  if (errno !== 'EACCES' && errno !== 'EPERM') throw fileError(error, path, 'read')
  const detail = `cannot use ${path}: ${errno}; only the user that the station runs as may command it`
  throw new FieldproofError('file-unreadable', detail, { facts: { path, errno } })
}

function unanswered(error: unknown, dir: string): never {
  if (fieldproofErrorOf(error)?.code === 'deadline-passed')
    throw unknownEnd('deadline-passed', `the station has not answered within ${WAIT_MS / 1000} s`, dir)
  throw unknownEnd('message-invalid', 'what the station answered is no answer', dir)
}

function unknownEnd(code: Code, what: string, dir: string): FieldproofError {
  return new FieldproofError(code, `${what}, so it may have done it or not: see \`fieldproof valve ${dir} status\``)
}

function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text)
}
