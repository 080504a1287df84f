/** What a gateway says over HTTP, as far as a station's folder is made with it. */
import { createServer } from 'node:http'
import { pureHash } from '@fieldproof/sdk/crypto'
import { encodeVerifierKey } from '@fieldproof/sdk/merkle'
import { namedSigner } from '@fieldproof/sdk/testing'

/** A gateway that can be changed while it answers. */
export interface GatewayStub {
  readonly url: string
  info: Readonly<Record<string, unknown>>
  /** Its clock; absent for that of the tests. */
  date?: Date
  /** Whom it enrols machines for, 0x-hex; absent relays no enrolments. */
  owner?: string
  /** Enrolments that machines agreed to. */
  readonly agreed: unknown[]
  close(): Promise<void>
}

/** Starts one. */
export async function gatewayStub(): Promise<GatewayStub> {
  const logId = `0x${'cc'.repeat(32)}`
  const info = {
    origin: 'example.org/log',
    vkey: encodeVerifierKey('example.org/log', namedSigner('log', -19).publicKey, pureHash),
    chainId: 1,
    registry: `0x${'aa'.repeat(20)}`,
    logId,
    mqttUrl: 'mqtt://127.0.0.1:1',
  }
  const server = createServer((request, response) => {
    response.sendDate = false
    response.setHeader('date', (stub.date ?? new Date()).toUTCString())
    if (!request.url?.startsWith('/v1/enrol')) return void response.end(JSON.stringify(stub.info))
    if (stub.owner === undefined) {
      response.statusCode = 404
      return void response.end(JSON.stringify({ code: 'not-found', detail: 'no relay' }))
    }
    if (request.method === 'GET') {
      const deadline = Math.floor(Date.now() / 1000) + 600
      return void response.end(JSON.stringify({ owner: stub.owner, homeLog: logId, nonce: 0, deadline }))
    }
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      stub.agreed.push(JSON.parse(body))
      response.end(JSON.stringify({ isNew: true }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const stub: GatewayStub = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    info,
    agreed: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return stub
}
