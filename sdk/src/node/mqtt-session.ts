/**
 * One MQTT connection, from CONNECT to the end of the socket. mqtt.js would reconnect, resend and queue by itself; all of
 * that is off, because its queue lives in memory and the outbox is the store.
 */
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { FieldproofError } from '../base/index.ts'

/** What a session needs. */
export interface SessionOpening {
  readonly url: string
  readonly client: IClientOptions
  readonly topics: readonly string[]
  /** Time from the first packet to the last subscription acknowledged, in milliseconds. */
  readonly handshakeMs: number
}

/** What a session tells. After `onEnd`, which comes once, it tells nothing more. */
export interface SessionHandlers {
  readonly onReady: () => void
  readonly onMessage: (topic: string, payload: Uint8Array) => void
  readonly onEnd: (reason: string) => void
}

/** Off, so that mqtt.js sends what it is told, once, and keeps nothing for later. */
const NO_QUEUE: IClientOptions = {
  reconnectPeriod: 0,
  resubscribe: false,
  queueQoSZero: false,
  autoUseTopicAlias: false,
}

/** A connection that is being made, is up, or has ended. */
export class MqttSession {
  readonly #client: MqttClient
  readonly #handlers: SessionHandlers
  readonly #inFlight = new Set<(error: FieldproofError) => void>()
  readonly #handshake: NodeJS.Timeout
  #onIdle: (() => void) | undefined
  #reason = 'connection closed'
  #state: 'opening' | 'ready' | 'ended' = 'opening'

  constructor({ url, client, topics, handshakeMs }: SessionOpening, handlers: SessionHandlers) {
    this.#handlers = handlers
    this.#client = connect(url, { ...client, ...NO_QUEUE, connectTimeout: handshakeMs, log: () => {} })
    this.#handshake = setTimeout(() => this.cut('no answer from the broker'), handshakeMs)
    this.#client.on('connect', () => this.#subscribe(topics))
    this.#client.on('message', (topic, payload) => {
      if (this.#state !== 'ended') handlers.onMessage(topic, new Uint8Array(payload))
    })
    this.#client.on('error', (error) => {
      this.#reason = error.message
    })
    this.#client.on('disconnect', ({ reasonCode }) => {
      this.#reason = `the broker ended the session with reason ${reasonCode ?? 0}`
    })
    this.#client.on('close', () => this.#end())
  }

  /** Publishes at QoS 1. @throws FieldproofError `link-failed` */
  publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'ready') {
        reject(new FieldproofError('link-failed', 'the link is down'))
        return
      }
      this.#inFlight.add(reject)
      const bytes = Buffer.from(payload) // a copy: the caller may reuse its array before the socket has taken it
      this.#client.publish(topic, bytes, { qos: 1, retain }, (error) => {
        if (!this.#inFlight.delete(reject)) return
        if (error) reject(failed(error.message))
        else resolve()
        if (this.#inFlight.size === 0) this.#onIdle?.()
      })
    })
  }

  /** Ends without a DISCONNECT: the broker publishes the will. */
  cut(reason: string): void {
    this.#reason = reason
    this.#end()
  }

  /** Ends with a DISCONNECT, after in-flight publishes are acknowledged or `withinMs` have passed. */
  async leave(withinMs: number): Promise<void> {
    if (this.#state !== 'ready') {
      this.cut('closed')
      return
    }
    const patience = deadline(withinMs)
    await Promise.race([this.#idle(), patience.passed])
    const said = new Promise<void>((resolve) => this.#client.end(false, {}, () => resolve()))
    // end() waits for acknowledgements of its own; when they do not come, the socket goes without a word.
    await Promise.race([said, patience.passed])
    patience.cancel()
    this.cut('closed')
  }

  #subscribe(topics: readonly string[]): void {
    if (topics.length === 0) {
      this.#ready()
      return
    }
    this.#client.subscribe([...topics], { qos: 1 }, (error, grants) => {
      const refused = grants?.find(({ qos }) => qos > 2)
      if (error || refused) this.cut(`the broker refused a subscription: ${error?.message ?? refused?.topic}`)
      else this.#ready()
    })
  }

  #ready(): void {
    if (this.#state !== 'opening') return
    this.#state = 'ready'
    clearTimeout(this.#handshake)
    this.#handlers.onReady()
  }

  #end(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearTimeout(this.#handshake)
    for (const reject of this.#inFlight) reject(failed(this.#reason))
    this.#inFlight.clear()
    this.#onIdle?.()
    this.#client.end(true)
    this.#client.stream.destroy() // end() does nothing when a graceful one is under way
    this.#handlers.onEnd(this.#reason)
  }

  #idle(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }
}

function deadline(withinMs: number): { passed: Promise<void>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs)
  })
  return { passed, cancel: () => clearTimeout(timer) }
}

function failed(reason: string): FieldproofError {
  return new FieldproofError('link-failed', `not acknowledged: ${reason}`, { facts: { reason } })
}
