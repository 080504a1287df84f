/** A LinkPlace over a real MQTT broker: links go through a TCP proxy that can stall, cut and stop listening. */
import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { connectAsync, type MqttClient } from 'mqtt'
import { type MachineId, toHex } from '../../src/base/index.ts'
import { mqttLink } from '../../src/node/index.ts'
import type { LinkPlace } from '../../src/testing/index.ts'
import { type TopicName, topicOf } from '../../src/wire/index.ts'

export interface MqttPlaceOptions {
  readonly brokerPort: number
  readonly protocolVersion: 4 | 5
  readonly onDispose?: () => Promise<void>
}

export async function mqttPlace({ brokerPort, protocolVersion, onDispose }: MqttPlaceOptions): Promise<LinkPlace> {
  const proxy = await createProxy(brokerPort)
  const gateway = await Gateway.connect(brokerPort, protocolVersion)
  return {
    link: () =>
      mqttLink({
        url: `mqtt://127.0.0.1:${proxy.port}`,
        protocolVersion,
        handshakeMs: 5000,
        backoff: { minMs: 10, maxMs: 40 },
      }),
    publish: (machine, name, payload, retain = false) => gateway.publish(topicOf(machine, name), payload, retain),
    arrived: (machine, name, payload) => gateway.arrived(topicOf(machine, name), payload),
    retained: (machine, name) => readRetained(brokerPort, machine, name),
    stall: () => proxy.stall(),
    cut: () => proxy.cut(),
    setReachable: (reachable) => proxy.setListening(reachable),
    async dispose() {
      await gateway.end()
      proxy.cut()
      await proxy.setListening(false)
      await onDispose?.()
    },
  }
}

/** The other end: sees every machine's messages. */
class Gateway {
  readonly #client: MqttClient
  readonly #seen = new Set<string>()
  readonly #waiting = new Map<string, () => void>()

  static async connect(port: number, protocolVersion: 4 | 5): Promise<Gateway> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion, reconnectPeriod: 0 })
    const gateway = new Gateway(client)
    await client.subscribeAsync('fp/1/+/+', { qos: 1 })
    return gateway
  }

  constructor(client: MqttClient) {
    this.#client = client
    client.on('message', (topic, payload) => {
      const message = `${topic} ${toHex(payload)}`
      this.#seen.add(message)
      this.#waiting.get(message)?.()
    })
  }

  async publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void> {
    await this.#client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain })
  }

  async arrived(topic: string, payload: Uint8Array): Promise<void> {
    const message = `${topic} ${toHex(payload)}`
    if (!this.#seen.has(message)) await new Promise<void>((resolve) => this.#waiting.set(message, resolve))
  }

  end(): Promise<void> {
    return this.#client.endAsync()
  }
}

/** A new subscriber gets what is retained first, so a probe of its own that comes back says that there was no more. */
async function readRetained(port: number, machine: MachineId, name: TopicName): Promise<Uint8Array | undefined> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
  const probe = `probe/${client.options.clientId}`
  let retained: Uint8Array | undefined
  const probed = new Promise<void>((resolve) => {
    client.on('message', (topic, payload) => {
      if (topic === probe) resolve()
      else retained = new Uint8Array(payload)
    })
  })
  await client.subscribeAsync([topicOf(machine, name), probe], { qos: 1 })
  await client.publishAsync(probe, 'done', { qos: 1 })
  await probed
  await client.endAsync()
  return retained
}

interface Proxy {
  readonly port: number
  stall(): void
  cut(): void
  setListening(listening: boolean): Promise<void>
}

async function createProxy(brokerPort: number): Promise<Proxy> {
  const clients = new Set<Socket>()
  const serve = (client: Socket): void => {
    const broker = connectTcp({ port: brokerPort, host: '127.0.0.1', noDelay: true })
    clients.add(client)
    client.pipe(broker).pipe(client)
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      socket.on('error', () => {}) // a cut is what this proxy is for
      socket.on('close', () => {
        clients.delete(client)
        other.destroy()
      })
    }
  }
  const listen = async (port: number): Promise<Server> => {
    const server = createServer({ noDelay: true }, serve).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const cut = (): void => {
    for (const client of clients) client.destroy()
  }
  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut,
    stall() {
      for (const client of clients) client.unpipe().pause()
    },
    async setListening(listening) {
      if (listening === server.listening) return
      if (listening) {
        server = await listen(port)
        return
      }
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
