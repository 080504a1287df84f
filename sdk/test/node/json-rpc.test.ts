import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { httpRpc } from '../../src/node/index.ts'

interface Asked {
  readonly body: { readonly id: number; readonly method: string; readonly params: unknown[] }
  readonly request: IncomingMessage
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that answers each call as `answer` says; its address as `host:port`. */
async function serve(answer: (asked: Asked, response: ServerResponse) => void): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    answer({ body: JSON.parse(Buffer.concat(chunks).toString()), request }, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const replying = (text: string, status = 200): Promise<string> =>
  serve((_, response) => response.writeHead(status).end(text))

describe('httpRpc', () => {
  it('sends JSON-RPC 2.0 and returns the result, whatever it is', async () => {
    const seen: Asked[] = []
    const results = ['0x1', null, 0, { hash: '0x2' }, false]
    const host = await serve((asked, response) => {
      seen.push(asked)
      response.end(JSON.stringify({ jsonrpc: '2.0', id: asked.body.id, result: results[seen.length - 1] }))
    })
    const rpc = httpRpc(`http://${host}/`)
    for (const result of results) expect(await rpc('eth_getBlockByNumber', ['0x10', false])).toEqual(result)
    expect(seen[0]!.body).toEqual({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['0x10', false] })
    expect(seen[0]!.request.headers['content-type']).toBe('application/json')
    expect(seen.map(({ body }) => body.id)).toEqual([1, 2, 3, 4, 5])
  })

  it('tells calls at the same time apart', async () => {
    const host = await serve(({ body }, response) => {
      response.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, result: body.params[0] }))
    })
    const rpc = httpRpc(`http://${host}/`)
    const numbers = Array.from({ length: 20 }, (_, i) => i)
    expect(await Promise.all(numbers.map((n) => rpc('echo', [n])))).toEqual(numbers)
  })

  it('rejects with what the endpoint says is wrong', async () => {
    const error = { code: 3, message: 'execution reverted\u001b[31m', data: '0x08c379a0' }
    const host = await replying(JSON.stringify({ jsonrpc: '2.0', id: 1, error }))
    await expect(httpRpc(`http://${host}`)('eth_call', [])).rejects.toMatchObject({
      code: 'rpc-failed',
      message: `rpc-failed: http://${host} refused eth_call: execution reverted?[31m (3)`,
      facts: { rpcCode: 3, data: '0x08c379a0', method: 'eth_call', endpoint: `http://${host}` },
    })
  })

  it('prefers the words of an error over the HTTP status that comes with it', async () => {
    const error = { code: -32005, message: 'too many requests' }
    const host = await replying(JSON.stringify({ jsonrpc: '2.0', id: null, error }), 429)
    await expect(httpRpc(`http://${host}`)('eth_call', [])).rejects.toMatchObject({ facts: { rpcCode: -32005 } })
  })

  it('rejects an HTTP status that is not a success, and a redirect', async () => {
    for (const status of [400, 401, 404, 429, 500, 503]) {
      const host = await replying('<html>', status)
      const failed = { code: 'rpc-failed', facts: { status } }
      await expect(httpRpc(`http://${host}`)('eth_chainId', [])).rejects.toMatchObject(failed)
    }
    const host = await serve((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end())
    await expect(httpRpc(`http://${host}`)('eth_chainId', [])).rejects.toMatchObject({ code: 'rpc-failed' })
  })

  it('rejects an answer that is not the JSON-RPC answer to this call', async () => {
    const answers = [
      '',
      '<html>',
      '{"jsonrpc":"2.0","id":1,"result":',
      'null',
      '[]',
      '"0x1"',
      '{}',
      '{"jsonrpc":"2.0","id":1}',
      '{"jsonrpc":"2.0","id":2,"result":"0x1"}',
      '{"jsonrpc":"2.0","id":"1","result":"0x1"}',
      '{"jsonrpc":"1.0","id":1,"result":"0x1"}',
      '[{"jsonrpc":"2.0","id":1,"result":"0x1"}]',
    ]
    for (const answer of answers) {
      const host = await replying(answer)
      await expect(httpRpc(`http://${host}`)('eth_chainId', [])).rejects.toMatchObject({ code: 'rpc-invalid' })
    }
  })

  it('stops reading an answer that is too long, even one without end', async () => {
    let closed: Promise<unknown> | undefined
    const host = await serve((_, response) => {
      closed = once(response, 'close')
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1000)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    const rpc = httpRpc(`http://${host}`, { maxBytes: 10_000 })
    await expect(rpc('eth_getLogs', [])).rejects.toMatchObject({ code: 'rpc-invalid' })
    await closed
  })

  it('takes an answer of exactly the largest size', async () => {
    const answer = '{"jsonrpc":"2.0","id":1,"result":"0x1"}'
    const host = await replying(answer)
    expect(await httpRpc(`http://${host}`, { maxBytes: answer.length })('eth_chainId', [])).toBe('0x1')
    const tooLong = httpRpc(`http://${host}`, { maxBytes: answer.length - 1 })('eth_chainId', [])
    await expect(tooLong).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('gives up an endpoint that does not answer, and one that stops in the middle', async () => {
    const silent = await serve(() => {})
    const halting = await serve((_, response) => void response.write('{"jsonrpc":'))
    for (const host of [silent, halting]) {
      const asked = httpRpc(`http://${host}`, { timeoutMs: 50 })('eth_chainId', [])
      const reason = 'no answer within 50 ms'
      await expect(asked).rejects.toMatchObject({ code: 'rpc-failed', facts: { reason } })
    }
  })

  it('names the reason when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const asked = httpRpc(`http://127.0.0.1:${port}`)('eth_chainId', [])
    await expect(asked).rejects.toMatchObject({ code: 'rpc-failed', facts: { reason: 'ECONNREFUSED' } })
  })

  it('sends credentials of the URL as a header', async () => {
    const seen: (string | undefined)[] = []
    const host = await serve(({ request, body }, response) => {
      seen.push(request.headers.authorization, request.url)
      response.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, result: 1 }))
    })
    await httpRpc(`http://user:p%40ss@${host}/v2/key?token=t`)('eth_chainId', [])
    expect(seen).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`, '/v2/key?token=t'])
  })

  it('shows no part of the URL but scheme and host, whatever goes wrong', async () => {
    const quoted = JSON.stringify({ error: { code: 1, message: 'key pathsecret1 and querysecret1 are not known' } })
    const hosts = [
      await replying('', 500),
      await replying('<html>'),
      await replying(quoted),
      await serve(() => {}),
      await serve((_, response) => response.destroy()),
      'no-such-host.invalid:1',
    ]
    for (const host of hosts) {
      const rpc = httpRpc(`http://usersecret1:wordsecret1@${host}/v2/pathsecret1?key=querysecret1`, { timeoutMs: 100 })
      const error: unknown = await rpc('eth_chainId', []).catch((thrown: unknown) => thrown)
      const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)
      expect(shown).toContain(`http://${host}`)
      expect(shown).not.toMatch(/(user|word|path|query)secret1/)
    }
  })

  it('refuses an address that is not http or https, without repeating it', () => {
    for (const url of ['secret', 'ws://secret', 'file:///secret', '']) {
      const refused = (): unknown => httpRpc(url)
      expect(refused).toThrow(expect.objectContaining({ code: 'config-invalid' }))
      expect(refused).not.toThrow(/secret/)
    }
  })
})
