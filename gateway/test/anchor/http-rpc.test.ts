import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FieldproofError } from '@fieldproof/sdk/base'
import { saidText, urlSecrets } from '@fieldproof/sdk/native'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpRpc, nodeComplaint } from '../../src/anchor/http-rpc.ts'

let server: Server
let url: string
let answer: { status: number; body: string; isHanging?: boolean }

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    if (answer.isHanging === true) return
    response.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/my-access-key`
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

function error(body: object, status = 200): typeof answer {
  return { status, body: JSON.stringify({ jsonrpc: '2.0', id: 1, error: body }) }
}

async function failure(given: typeof answer): Promise<unknown> {
  answer = given
  return httpRpc(url, 200)('eth_test', []).then(
    () => null,
    (thrown: unknown) => thrown,
  )
}

describe('JSON-RPC over HTTP', () => {
  it('returns the result, null included', async () => {
    answer = { status: 200, body: '{"jsonrpc":"2.0","id":1,"result":null}' }
    expect(await httpRpc(url)('eth_test', [])).toBeNull()
  })

  it.each([
    ['HTTP 502', { status: 502, body: '<html>' }],
    ['HTTP 200', { status: 200, body: '[' }],
    ['no result', { status: 200, body: '{"jsonrpc":"2.0","id":1}' }],
    ['TimeoutError', { status: 200, body: '', isHanging: true }],
  ])('reports %s as nobody’s answer', async (reason, given) => {
    const thrown = await failure(given)
    expect(thrown).toMatchObject({ code: 'rpc-failed', message: expect.stringContaining(reason) })
    expect(nodeComplaint(thrown)).toBeNull()
  })

  it('carries the node’s words and the revert data of both shapes', async () => {
    const flat = await failure(error({ code: 3, message: 'execution reverted', data: '0xabcd' }))
    expect(nodeComplaint(flat)).toBe('execution reverted')
    expect(flat).toMatchObject({ facts: { rpcCode: 3, revertData: '0xabcd' } })
    const nested = await failure(error({ code: 3, message: 'reverted', data: { data: '0x12' } }, 400))
    expect(nested).toMatchObject({ facts: { revertData: '0x12' } })
    const other = await failure(error({ code: 3, message: 'x', data: 'Reverted 0x12' }))
    expect(other).toMatchObject({ facts: { revertData: null } })
  })

  it('does not take "too many requests" for a verdict', async () => {
    expect(nodeComplaint(await failure(error({ code: -32005, message: 'limit exceeded' })))).toBeNull()
    expect(nodeComplaint(await failure(error({ code: 429, message: 'slow down' }, 429)))).toBeNull()
  })

  it('passes no part of the endpoint and no control character on that the node quotes', async () => {
    const quoted = await failure(
      error({ code: 1, message: `no \u001b[31m/v3/my-access-key?key=my-access-key\n${'x'.repeat(600)}` }),
    )
    const { facts, message } = quoted as FieldproofError
    expect(facts['rpcMessage']).toMatch(/^no \?\[31m\/v3\/\*\*\*\?key=\*\*\*\?x+$/)
    expect(String(facts['rpcMessage'])).toHaveLength(500)
    expect(message).not.toContain('my-access-key')
  })

  it('takes every part of a URL that may be a key for one, as it stands there and decoded', () => {
    const url = new URL('http://some%20user:p%40ssword@node.example/v3/path%2Dof%2Dkey?token=a%20long%20token')
    const said = 'some%20user some user p@ssword path-of-key path%2Dof%2Dkey a long token v3 node.example'
    expect(saidText(said, urlSecrets(url), 500)).toBe('*** *** *** *** *** *** v3 node.example')
  })

  it('never repeats the endpoint, which may hold an access key', async () => {
    for (const given of [
      { status: 500, body: '' },
      error({ code: 1, message: 'no' }),
      { status: 200, body: '', isHanging: true },
    ]) {
      const thrown = (await failure(given)) as Error
      expect(JSON.stringify(thrown) + thrown.message + String(thrown.stack)).not.toContain('my-access-key')
    }
  })

  it.each(['', 'localhost:8545', 'ws://127.0.0.1', 'file:///etc/passwd'])('refuses %o as an endpoint', (bad) => {
    expect(() => httpRpc(bad)).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })
})
