/**
 * Listens in the station's folder, where only the station's own user can reach it; never on a network. One request a connection, one after
 * the other. Whoever has gone before its turn gets nothing: a valve must not open for somebody who was told that it failed.
 */
import { chmodSync } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { FieldproofError } from '@fieldproof/sdk/base'
import { type Clock, Serial } from '@fieldproof/sdk/machine'
import { errnoOf, fileError } from '@fieldproof/sdk/node'
import { type Controlled, obey } from './commands.ts'
import { firstLine } from './first-line.ts'
import { type ControlAnswer, errorAnswer, lineOf, parseRequest } from './messages.ts'
import { controlPath, type SocketAddress, socketAddress } from './socket-address.ts'

/** Whoever opens more must not take the files that the station needs. */
const MAX_CONNECTIONS = 8
/** For the request to come, and for its answer to be taken. */
const PATIENCE_MS = 2_000

/** A socket that listens. */
export interface ControlServer {
  /** The socket is gone as soon as this is called; resolves when what was under way is answered. */
  close(): Promise<void>
}

/**
 * Starts it. To be called behind the lock of the outbox: a folder has one station.
 * @throws FieldproofError `store-locked` when another process answers there, `file-unreadable` when the socket cannot be made
 */
export async function serveControl(dir: string, controlled: Controlled, clock: Clock): Promise<ControlServer> {
  const turns = new Serial()
  const waiting = new Set<Socket>()
  const server = createServer((socket) => void attend(socket, { turns, waiting, controlled, clock }))
  server.maxConnections = MAX_CONNECTIONS
  const address = await socketAddress(dir).catch((error: unknown) => refuse(error, dir))
  try {
    await listen(server, address).catch((error: unknown) => replaceStale(error, server, address, dir))
  } catch (error) {
    await address.close()
    return refuse(error, dir)
  }
  server.on('error', () => undefined) // a connection that could not be taken is not the station's end
  return {
    async close() {
      server.close()
      for (const socket of waiting) socket.destroy()
      await turns.idle()
      await address.close()
    },
  }
}

interface Desk {
  readonly turns: Serial
  /** Connections that have not asked yet. */
  readonly waiting: Set<Socket>
  readonly controlled: Controlled
  readonly clock: Clock
}

async function attend(socket: Socket, { turns, waiting, controlled, clock }: Desk): Promise<void> {
  socket.on('error', () => undefined) // `close` follows
  waiting.add(socket)
  let answer: ControlAnswer | null
  try {
    const line = await firstLine(socket, clock, PATIENCE_MS).finally(() => waiting.delete(socket))
    const request = line === null ? null : parseRequest(line)
    await turn() // until then an end that came with the line is not known
    answer = await turns.run(async () =>
      request === null || isGone(socket) ? null : { valve: await obey(request, controlled) },
    )
  } catch (error) {
    answer = errorAnswer(error)
  }
  if (answer === null || isGone(socket)) return void socket.destroy()
  socket.end(lineOf(answer))
  const cancel = clock.after(PATIENCE_MS, () => socket.destroy())
  socket.once('close', cancel)
}

function isGone({ destroyed, readableEnded }: Socket): boolean {
  return destroyed || readableEnded
}

/** Binds and listens within this turn of the event loop, so that nobody is let in before the mode is set. */
async function listen(server: Server, { path }: SocketAddress): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.listen(path)
  if (server.listening) chmodSync(path, 0o600)
  await ready
}

/** A process that was killed leaves its socket behind, and nobody answers there. */
async function replaceStale(cause: unknown, server: Server, address: SocketAddress, dir: string): Promise<void> {
  if (errnoOf(cause) !== 'EADDRINUSE') throw cause
  if (!(await lstat(address.path)).isSocket()) throw cause
  const why = await connectionTo(address.path)
  if (why === null) throw lives(dir)
  if (why !== 'ECONNREFUSED') throw cause
  await rm(address.path)
  await listen(server, address)
}

/** Why nobody can be reached there, in the system's word; null when somebody can. */
function connectionTo(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('error', (error) => resolve(errnoOf(error) ?? 'unknown'))
    socket.once('connect', () => {
      socket.destroy()
      resolve(null)
    })
  })
}

function lives(dir: string): FieldproofError {
  const path = controlPath(dir)
  return new FieldproofError('store-locked', `another process answers on ${path}`, { facts: { path } })
}

function refuse(error: unknown, dir: string): never {
  throw error instanceof FieldproofError ? error : fileError(error, controlPath(dir), 'write')
}
