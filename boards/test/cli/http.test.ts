/** The server of page and metrics, without a station behind it: whom it answers, and how many. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type StatusServer, serveStatus } from '../../src/cli/station/http.ts'
import type { SnapshotSource } from '../../src/cli/station/snapshot.ts'

let server: StatusServer
afterEach(() => server.close())

const open = async (): Promise<URL> => {
  server = await serveStatus(0, {} as SnapshotSource)
  return new URL('/none', server.url)
}

describe('the server of the page', () => {
  it('turns away whoever opens more connections than it has for people: the station needs its files', async () => {
    const { port } = await open()
    const sockets = Array.from({ length: 40 }, () => connect(Number(port), '127.0.0.1'))
    const closed = sockets.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ).then(() => socket),
    )
    const first = new Set<unknown>()
    for (let n = 0; n < 8; n++) {
      const open = closed.filter((_, i) => !first.has(sockets[i]))
      first.add(await Promise.race(open))
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(sockets.filter((socket) => !socket.closed)).toHaveLength(32)
    for (const socket of sockets) socket.destroy()
  })

  it('is shown in no frame and read by no page of elsewhere', async () => {
    const response = await fetch(await open())
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
  })
})
