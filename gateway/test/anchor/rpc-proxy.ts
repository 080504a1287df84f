/** A node's endpoint whose answers a test may change. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface RpcProxy {
  readonly url: string
  /** Changes every answer of a method from now on. */
  change(method: string, change: (result: Record<string, unknown>) => unknown): void
  /** Puts another JSON-RPC answer in place of the node's, from now on. */
  changeAnswer(method: string, change: (answer: object) => object): void
  stop(): Promise<void>
}

export async function startProxy(url: string): Promise<RpcProxy> {
  const changes = new Map<string, (result: Record<string, unknown>) => unknown>()
  const answers = new Map<string, (answer: object) => object>()
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const parsed = (await answer.json()) as { result?: Record<string, unknown> }
    const { method } = JSON.parse(body) as { method: string }
    const change = changes.get(method)
    if (change !== undefined && parsed.result !== undefined) Object.assign(parsed, { result: change(parsed.result) })
    response.end(JSON.stringify(answers.get(method)?.(parsed) ?? parsed))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: (method, change) => {
      changes.set(method, change)
    },
    changeAnswer: (method, change) => {
      answers.set(method, change)
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
