/** Page and metrics over HTTP, for this computer only: reading, never changing. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { errorLine, FieldproofError } from '@fieldproof/sdk/base'
import { errnoOf } from '@fieldproof/sdk/node'
import { metricsText } from './metrics.ts'
import { pageHtml } from './page.ts'
import { type Snapshot, type SnapshotSource, takeSnapshot } from './snapshot.ts'

const HOST = '127.0.0.1'
/** A page of elsewhere that has its name point here must not read this one. */
const HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
/** Whoever opens more must not take the files that the station needs. */
const MAX_CONNECTIONS = 32

/** A server that listens. */
export interface StatusServer {
  readonly url: string
  close(): Promise<void>
}

/** Starts it. @param port 0 for a free one. @throws FieldproofError `port-taken` */
export async function serveStatus(port: number, source: SnapshotSource): Promise<StatusServer> {
  const snapshot = (): Promise<Snapshot> => takeSnapshot(source)
  const server = createServer((request, response) => void answer(request, response, snapshot))
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(taken(port, error)))
    server.listen(port, HOST, resolve)
  })
  server.on('error', () => undefined) // a connection that could not be taken is not the station's end
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${HOST}:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  { method, url = '/', headers }: IncomingMessage,
  response: ServerResponse,
  snapshot: () => Promise<Snapshot>,
): Promise<void> {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'content-security-policy': POLICY,
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    response.end(method === 'HEAD' ? undefined : body)
  }
  try {
    if (!HOSTS.test(headers.host ?? '')) return send(403, 'text/plain', 'only as localhost\n')
    if (method !== 'GET' && method !== 'HEAD') return send(405, 'text/plain', 'read only\n')
    const path = url.split('?')[0]
    if (path === '/') send(200, 'text/html', pageHtml(await snapshot()))
    else if (path === '/metrics') send(200, 'text/plain; version=0.0.4', metricsText(await snapshot()))
    else send(404, 'text/plain', 'there are / and /metrics\n')
  } catch (error) {
    send(503, 'text/plain', `${errorLine(error)}\n`)
  }
}

function taken(port: number, cause: Error): FieldproofError {
  const why = errnoOf(cause) ?? 'unknown'
  return new FieldproofError('port-taken', `cannot listen on ${HOST}:${port}: ${why}; choose another --metrics PORT`, {
    facts: { port, errno: why },
    cause,
  })
}
