/** The listening end of the HTTP application. */
import type { AddressInfo } from 'node:net'
import { FieldproofError } from '@fieldproof/sdk/base'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

/** A running HTTP server. */
export interface HttpServer {
  readonly port: number
  close(): Promise<void>
}

/** How long a client may take for its headers and its request, in ms. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000

/**
 * Serves an application.
 * @param port 0 for a free one
 * @throws FieldproofError `port-taken`
 */
export async function startHttp(app: Hono, host: string, port: number): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE' ? new FieldproofError('port-taken', `port ${port} is taken`, { cause }) : cause,
      )
    })
    server.listen(port, host, () => resolve())
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
    },
  }
}
