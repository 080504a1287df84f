/**
 * A Link over MQTT 3.1.1 or 5. Client id and user name are the machine id, so one ACL line covers a machine and two
 * processes with one key throw each other out instead of writing two histories. The session is clean: what a broker
 * remembers decides nothing, the outbox does. Topic aliases are not used.
 */
import type { IClientOptions } from 'mqtt'
import { errorLine, FieldproofError } from '../base/index.ts'
import type { Link, LinkOpening } from '../machine/index.ts'
import { MAX_MESSAGE_BYTES, type TopicName, topicOf } from '../wire/index.ts'
import { type Backoff, backoffMs } from './backoff.ts'
import { MqttSession } from './mqtt-session.ts'

/** TLS material as PEM, read by the caller. The broker's certificate is always checked. */
export interface MqttTls {
  /** Certificates to trust instead of the system's. */
  readonly ca?: string | readonly string[]
  /** Client certificate and its key, for brokers that want them. */
  readonly cert?: string
  readonly key?: string
}

/** Settings of {@link mqttLink}. */
export interface MqttLinkOptions {
  /** `mqtt://host:1883` or `mqtts://host:8883` (also ws, wss), without credentials. */
  readonly url: string
  readonly password?: string
  readonly tls?: MqttTls
  /** 4 is MQTT 3.1.1 (the default; what the embedded broker speaks), 5 is MQTT 5. */
  readonly protocolVersion?: 4 | 5
  /** Silence after which a ping is sent, in seconds; half as much again means dead. Default 30. */
  readonly keepaliveS?: number
  /** Time for connecting and subscribing, in milliseconds. Default 20 000. */
  readonly handshakeMs?: number
  /** Waits between tries. Default 500 ms to 30 s. */
  readonly backoff?: Backoff
  /** A connection must last this long before the waits start small again, in milliseconds. Default 10 000. */
  readonly stableMs?: number
  /** How long a graceful close waits for acknowledgements, in milliseconds. Default 5000. */
  readonly closeMs?: number
  /** In [0, 1): spreads the waits of a fleet. Default Math.random. */
  readonly random?: () => number
  /** What an operator should know: failed tries, odd messages, a throwing handler. Never holds credentials. */
  readonly onWarning?: (text: string) => void
}

const DEFAULTS = {
  protocolVersion: 4,
  keepaliveS: 30,
  handshakeMs: 20_000,
  backoff: { minMs: 500, maxMs: 30_000 },
  stableMs: 10_000,
  closeMs: 5000,
  random: Math.random,
  onWarning: () => {},
} as const

/**
 * A link to one broker. A retained message may arrive before `onUp`; closing without `graceful` leaves the last will.
 * @throws FieldproofError `config-invalid` when `url` is not a broker's URL or holds credentials
 */
export function mqttLink(options: MqttLinkOptions): Link {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined
  if (url === undefined || !/^(mqtts?|wss?):$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new FieldproofError('config-invalid', 'a broker is mqtt(s):// or ws(s)://, with the password given apart')
  }
  return new MqttLink({ ...DEFAULTS, ...options })
}

type Settings = MqttLinkOptions & Required<Pick<MqttLinkOptions, keyof typeof DEFAULTS>>

class MqttLink implements Link {
  readonly #settings: Settings
  #opening: LinkOpening | undefined
  #session: MqttSession | undefined
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  #upSince: number | undefined
  #closed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  open(opening: LinkOpening): void {
    if (this.#opening !== undefined || this.#closed) throw new FieldproofError('machine-stopped', 'a link opens once')
    this.#opening = opening
    this.#connect(opening)
  }

  async publish(name: TopicName, payload: Uint8Array, options: { readonly retain?: boolean } = {}): Promise<void> {
    if (this.#opening === undefined || this.#session === undefined || this.#closed) {
      throw new FieldproofError('link-failed', 'the link is down')
    }
    await this.#session.publish(topicOf(this.#opening.machine, name), payload, options.retain ?? false)
  }

  async close(options: { readonly graceful?: boolean } = {}): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    const session = this.#session
    this.#session = undefined
    if (options.graceful) await session?.leave(this.#settings.closeMs)
    else session?.cut('closed')
  }

  #connect(opening: LinkOpening): void {
    const { url, handshakeMs } = this.#settings
    const topics = opening.subscriptions.map((name) => topicOf(opening.machine, name))
    try {
      this.#session = new MqttSession(
        { url, client: clientOptions(this.#settings, opening), topics, handshakeMs },
        {
          onReady: () => this.#onReady(opening),
          onMessage: (topic, payload) => this.#onMessage(opening, topic, payload),
          onEnd: (reason) => this.#onEnd(opening, reason),
        },
      )
    } catch (error) {
      // TLS material that does not parse, for one: said at each try, since the machine goes on measuring meanwhile.
      this.#onEnd(opening, errorLine(error))
    }
  }

  #onReady(opening: LinkOpening): void {
    if (this.#closed) return
    this.#upSince = performance.now()
    this.#guard('onUp', opening.onUp)
  }

  #onEnd(opening: LinkOpening, reason: string): void {
    if (this.#closed) return
    this.#session = undefined
    const upMs = this.#upSince === undefined ? undefined : performance.now() - this.#upSince
    this.#upSince = undefined
    // Two processes with one key take turns: without this they would do so at full speed.
    this.#failures = upMs !== undefined && upMs >= this.#settings.stableMs ? 1 : this.#failures + 1
    const waitMs = backoffMs(this.#failures, this.#settings.random(), this.#settings.backoff)
    this.#retry = setTimeout(() => this.#connect(opening), waitMs)
    if (upMs === undefined) this.#warn(`cannot reach the broker: ${reason}; next try in ${Math.round(waitMs)} ms`)
    else this.#guard('onDown', () => opening.onDown(reason))
  }

  /** Attacker-controlled: the broker, or whoever it lets publish, chooses topic and bytes. */
  #onMessage(opening: LinkOpening, topic: string, payload: Uint8Array): void {
    if (this.#closed) return
    const name = opening.subscriptions.find((candidate) => topicOf(opening.machine, candidate) === topic)
    if (name === undefined) this.#warn('ignored a message on a topic that was not asked for')
    else if (payload.length > MAX_MESSAGE_BYTES) this.#warn(`ignored ${payload.length} bytes on ${name}`)
    else this.#guard('onMessage', () => opening.onMessage(name, payload))
  }

  /** A handler that throws must not reach mqtt.js, which would leave its parser half way. */
  #guard(handler: string, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#warn(`${handler} threw: ${errorLine(error)}`)
    }
  }

  #warn(text: string): void {
    this.#settings.onWarning(text)
  }
}

function clientOptions(settings: Settings, { machine, will }: LinkOpening): IClientOptions {
  const { password, tls, protocolVersion, keepaliveS } = settings
  return {
    protocolVersion,
    clientId: machine,
    username: machine,
    clean: true,
    keepalive: keepaliveS,
    will: { topic: topicOf(machine, will.name), payload: Buffer.from(will.payload), qos: 1, retain: true },
    ...(password !== undefined && { password }),
    ...(protocolVersion === 5 && { properties: { maximumPacketSize: MAX_PACKET_BYTES } }),
    ...(tls?.ca !== undefined && { ca: typeof tls.ca === 'string' ? tls.ca : [...tls.ca] }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key !== undefined && { key: tls.key }),
    rejectUnauthorized: true,
  }
}

/** A message of the largest size with its topic and headers; an MQTT 5 broker keeps back what is over it. */
const MAX_PACKET_BYTES = MAX_MESSAGE_BYTES + 1024
