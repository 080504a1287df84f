/** An MQTT client of one machine for tests. Nothing here sleeps: every wait ends with the message that it waits for. */
import type { MachineId } from '@fieldproof/sdk/base'
import { decodeReceiptMessage, type ReceiptMessage, type TopicName, topicOf } from '@fieldproof/sdk/wire'
import mqtt, { type MqttClient } from 'mqtt'

interface Arrived {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
}

/** A connected machine. */
export class TestLink {
  readonly client: MqttClient
  readonly #machine: MachineId
  readonly arrived: Arrived[] = []
  #waiting: (() => void)[] = []

  private constructor(machine: MachineId, client: MqttClient) {
    this.#machine = machine
    this.client = client
    client.on('message', (topic, payload, { retain }) => {
      this.arrived.push({ topic, payload: new Uint8Array(payload), retain })
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  static async connect(url: string, machine: MachineId, options: mqtt.IClientOptions = {}): Promise<TestLink> {
    const client = await mqtt.connectAsync(url, {
      clientId: machine,
      username: machine,
      reconnectPeriod: 0,
      protocolVersion: 4,
      ...options,
    })
    return new TestLink(machine, client)
  }

  async subscribe(...names: TopicName[]): Promise<void> {
    await this.client.subscribeAsync(
      names.map((name) => topicOf(this.#machine, name)),
      { qos: 1 },
    )
  }

  /** Resolves with the PUBACK. */
  async publish(name: TopicName, payload: Uint8Array): Promise<void> {
    await this.client.publishAsync(topicOf(this.#machine, name), Buffer.from(payload), { qos: 1 })
  }

  /** Receipt messages so far. */
  receipts(): ReceiptMessage[] {
    const topic = topicOf(this.#machine, 'receipt')
    return this.arrived.filter((m) => m.topic === topic).map(({ payload }) => decodeReceiptMessage(payload))
  }

  /** The first message on a topic, waiting for it. */
  async first(name: TopicName): Promise<Arrived> {
    const topic = topicOf(this.#machine, name)
    return await this.#until(() => this.arrived.find((m) => m.topic === topic))
  }

  /** The first receipt message that fits, waiting for it. */
  async receipt(fits: (message: ReceiptMessage) => boolean): Promise<ReceiptMessage> {
    return await this.#until(() => this.receipts().find(fits))
  }

  async close(): Promise<void> {
    await this.client.endAsync(!this.client.connected) // without a connection it would wait for acknowledgements for ever
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }
}
