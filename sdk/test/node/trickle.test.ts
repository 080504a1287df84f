import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpRpc } from '../../src/node/index.ts'

let server: Server
let url: string
beforeAll(async () => {
  // Headers at once, then a space now and then: never an end, never silence.
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 20)
    response.once('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it('gives up on an endpoint that trickles for ever, also after its garbage was collected', async () => {
  const call = httpRpc(url, { timeoutMs: 300 })('eth_chainId', [])
  const garbage = setInterval(() => new Array(200_000).fill({}), 10)
  await expect(call).rejects.toMatchObject({ code: 'rpc-failed' })
  clearInterval(garbage)
})
