import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { AuthenticateError } from 'aedes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { machineIdOf, utf8 } from '../../src/base/index.ts'
import { pureHash } from '../../src/crypto/index.ts'
import { backoffMs } from '../../src/node/backoff.ts'
import { mqttLink } from '../../src/node/index.ts'
import { linkContract, openingOf, recordLink } from '../../src/testing/index.ts'
import { startAedes } from './aedes-broker.ts'
import { mqttPlace } from './mqtt-place.ts'

linkContract({ describe, it, expect }, 'mqtt link on aedes, MQTT 3.1.1', async () => {
  const aedes = await startAedes()
  return mqttPlace({ brokerPort: aedes.port, protocolVersion: 4, onDispose: () => aedes.close() })
})

const MACHINE = machineIdOf(pureHash.sha256(utf8('a machine')))
const WILL = utf8('gone')
const BACKOFF = { minMs: 5, maxMs: 20 }

/** Warnings of a link, and a wait for one. */
function warnings(): { onWarning: (text: string) => void; until: (part: string, times?: number) => Promise<string> } {
  const told: string[] = []
  const checks = new Set<() => void>()
  return {
    onWarning(text) {
      told.push(text)
      for (const check of checks) check()
    },
    until(part, times = 1) {
      return new Promise((resolve) => {
        const check = (): void => {
          const found = told.filter((text) => text.includes(part))
          if (found.length >= times) resolve(found[0]!)
        }
        checks.add(check)
        check()
      })
    },
  }
}

describe('mqtt link', () => {
  it('says who it is with the machine id as client id and user name, cleanly, with a retained will at QoS 1', async () => {
    const seen: unknown[] = []
    const aedes = await startAedes({
      preConnect(_client, { clientId, username, password, clean, keepalive, protocolVersion, will }, done) {
        seen.push({ clientId, username, password: String(password), clean, keepalive, protocolVersion, will })
        done(null, true)
      },
    })
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}`, password: 'secret', keepaliveS: 17 })
    const recorder = recordLink()
    link.open(openingOf(MACHINE, WILL, recorder))
    await recorder.until('up')
    const will = { topic: `fp/1/${MACHINE}/status`, payload: Buffer.from(WILL), qos: 1, retain: true }
    expect(seen).toMatchObject([
      {
        clientId: MACHINE,
        username: MACHINE,
        password: 'secret',
        clean: true,
        keepalive: 17,
        protocolVersion: 4,
        will,
      },
    ])
    await link.close({ graceful: true })
    await aedes.close()
  })

  it('subscribes at QoS 1, to what it was told and no more', async () => {
    const aedes = await startAedes()
    const subscribed = new Promise((resolve) => aedes.broker.on('subscribe', resolve))
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}` })
    link.open(openingOf(MACHINE, WILL, recordLink()))
    const topics = ['receipt', 'head', 'beacon'].map((name) => ({ topic: `fp/1/${MACHINE}/${name}`, qos: 1 }))
    expect(await subscribed).toMatchObject(topics)
    await link.close()
    await aedes.close()
  })

  it('does not come up when the broker refuses a subscription, says so, and tries again', async () => {
    let refuse = true
    const aedes = await startAedes({
      authorizeSubscribe: (_client, subscription, done) => done(null, refuse ? null : subscription),
    })
    const told = warnings()
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}`, backoff: BACKOFF, ...told })
    const recorder = recordLink()
    link.open(openingOf(MACHINE, WILL, recorder))
    await told.until('refused a subscription', 2)
    expect(recorder.events).toEqual([])
    refuse = false
    await recorder.until('up')
    await link.close()
    await aedes.close()
  })

  it('warns of a refused login without the password, and tries again', async () => {
    const aedes = await startAedes({
      authenticate(_client, _user, _password, done) {
        done(Object.assign(new Error('no'), { returnCode: 4 }) as AuthenticateError, false)
      },
    })
    const told = warnings()
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}`, password: 'hunter2', backoff: BACKOFF, ...told })
    link.open(openingOf(MACHINE, WILL, recordLink()))
    const text = await told.until('cannot reach the broker', 3)
    expect(text).toMatch(/Bad username or password/)
    expect(text).not.toContain('hunter2')
    await link.close()
    await aedes.close()
  })

  it('gives up a broker that takes the connection and never answers', async () => {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const told = warnings()
    const link = mqttLink({ url: `mqtt://127.0.0.1:${port}`, handshakeMs: 30, backoff: BACKOFF, ...told })
    link.open(openingOf(MACHINE, WILL, recordLink()))
    await told.until('cannot reach the broker', 2)
    await link.close()
    const closed = once(server, 'close')
    server.close()
    await closed
  })

  it('closes in time when acknowledgements do not come', async () => {
    const aedes = await startAedes({ authorizePublish: () => {} })
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}`, closeMs: 30 })
    const recorder = recordLink()
    link.open(openingOf(MACHINE, WILL, recorder))
    await recorder.until('up')
    const lost = link.publish('batch', utf8('rows'))
    await Promise.all([link.close({ graceful: true }), expect(lost).rejects.toMatchObject({ code: 'link-failed' })])
    await aedes.close()
  })

  it('warns of a message over the largest size and of a handler that throws', async () => {
    const aedes = await startAedes()
    const told = warnings()
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}`, ...told })
    const recorder = recordLink((event) => {
      if (event !== 'up') throw new Error('a bug')
    })
    link.open(openingOf(MACHINE, WILL, recorder))
    await recorder.until('up')
    const send = (payload: Buffer): void => {
      const packet = { topic: `fp/1/${MACHINE}/receipt`, payload, qos: 1, retain: false, dup: false } as const
      aedes.broker.publish({ cmd: 'publish', ...packet }, () => {})
    }
    send(Buffer.alloc(65_536))
    send(Buffer.from('x'))
    await told.until('ignored 65536 bytes on receipt')
    await told.until('onMessage threw: a bug')
    await link.close()
    await aedes.close()
  })

  it('refuses an address with credentials or another scheme, without repeating it', () => {
    for (const url of ['mqtt://user:hunter2@host', 'http://host', 'hunter2', 'mqtts://hunter2@host']) {
      const refused = (): unknown => mqttLink({ url })
      expect(refused).toThrow(expect.objectContaining({ code: 'config-invalid' }))
      expect(refused).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') }))
    }
  })

  it('opens once', async () => {
    const aedes = await startAedes()
    const link = mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}` })
    link.open(openingOf(MACHINE, WILL, recordLink()))
    expect(() => link.open(openingOf(MACHINE, WILL, recordLink()))).toThrow(/machine-stopped/)
    await link.close()
    await aedes.close()
  })
})

describe('backoff', () => {
  const bounds = { minMs: 500, maxMs: 30_000 }

  it('doubles from half a second to thirty, and stays there', () => {
    const waits = [1, 2, 3, 6, 7, 8, 1000].map((failures) => backoffMs(failures, 1, bounds))
    expect(waits).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000, 30_000])
  })

  it('spreads over the upper half of each wait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const [low, wait, high] = [0, random, 1].map((r) => backoffMs(failures, r, bounds))
        expect(wait).toBeGreaterThanOrEqual(low!)
        expect(wait).toBeLessThanOrEqual(high!)
        expect(low).toBe(high! / 2)
      }),
      { seed: 1 },
    )
  })
})
