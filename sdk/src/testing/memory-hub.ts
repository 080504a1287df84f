/**
 * A broker without a network: links that share a hub, retained messages, last wills, and faults on demand. Nothing is
 * delivered inside the call that sends it, as with a real broker; without delays everything happens within microtasks, so a
 * virtual clock can drive it.
 */
import type { MachineId } from '../base/index.ts'
import type { Clock, LinkOpening } from '../machine/index.ts'
import { type TopicName, topicOf } from '../wire/index.ts'
import { type Broker, HubLink, type HubMessage, type MemoryLink } from './memory-link.ts'

/**
 * What becomes of a message. `drop`: acknowledged and lost, which a broker may do; `no-ack`: passed on, but its sender
 * waits for the acknowledgement until the connection ends; `lose`: neither.
 */
export type MessageFate = 'deliver' | 'duplicate' | 'drop' | 'no-ack' | 'lose'

/** Settings of {@link createHub}. */
export interface HubOptions {
  readonly clock: Clock
  /** Time until a lost link tries again, in milliseconds. Default 1000. */
  readonly reconnectMs?: number
  /** Time from a publish to its acknowledgement, in milliseconds. Default 0: within microtasks. */
  readonly ackMs?: number
  /** Asked once for each message. */
  readonly fate?: (message: HubMessage) => MessageFate
  /** Told when a machine's handler throws. */
  readonly onWarning?: (text: string) => void
}

/** The broker and, with `subscribe` and `publish`, the gateway's side of it. */
export interface Hub {
  /** A new link; like a process with one network connection. */
  link(): MemoryLink
  /** Sees every message from machines; returns what ends it. */
  subscribe(listener: (message: HubMessage) => void): () => void
  /** Sends to a machine's topic. An empty retained payload forgets the retained one. */
  publish(machine: MachineId, name: TopicName, payload: Uint8Array, options?: { readonly retain?: boolean }): void
  retained(machine: MachineId, name: TopicName): Uint8Array | undefined
  /** Starts or stops the broker; a stop cuts every link and publishes no wills. */
  setUp(up: boolean): void
}

/** A hub that is up. */
export function createHub(options: HubOptions): Hub {
  return new MemoryHub(options)
}

class MemoryHub implements Hub, Broker {
  readonly clock: Clock
  readonly reconnectMs: number
  readonly ackMs: number
  readonly warn: (text: string) => void
  readonly #fate: (message: HubMessage) => MessageFate
  readonly #links = new Set<HubLink>()
  readonly #listeners = new Set<(message: HubMessage) => void>()
  readonly #retained = new Map<string, HubMessage>()
  #up = true

  constructor(options: HubOptions) {
    this.clock = options.clock
    this.reconnectMs = options.reconnectMs ?? 1000
    this.ackMs = options.ackMs ?? 0
    this.warn = options.onWarning ?? (() => {})
    this.#fate = options.fate ?? (() => 'deliver')
  }

  get isUp(): boolean {
    return this.#up
  }

  link(): MemoryLink {
    return new HubLink(this)
  }

  subscribe(listener: (message: HubMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  publish(machine: MachineId, name: TopicName, payload: Uint8Array, options: { readonly retain?: boolean } = {}): void {
    const retain = options.retain ?? false
    this.route({ machine, name, payload: payload.slice(), retain, direction: 'down' })
  }

  retained(machine: MachineId, name: TopicName): Uint8Array | undefined {
    return this.#retained.get(topicOf(machine, name))?.payload.slice()
  }

  setUp(up: boolean): void {
    this.#up = up
    if (up) return
    for (const link of [...this.#links]) link.lose('the broker stopped', false)
  }

  /** A client id has one connection: the newer wins, as MQTT demands. */
  join(link: HubLink, { machine, subscriptions }: LinkOpening): void {
    for (const other of [...this.#links]) if (other.machine === machine) other.lose('session taken over', true)
    this.#links.add(link)
    for (const name of subscriptions) {
      const message = this.#retained.get(topicOf(machine, name))
      if (message !== undefined) this.#deliver(message, link)
    }
  }

  leave(link: HubLink): void {
    this.#links.delete(link)
  }

  /** Keeps and delivers a message. @returns whether its sender is told so */
  route(message: HubMessage): boolean {
    const fate = this.#fate(message)
    if (fate === 'drop' || fate === 'lose') return fate === 'drop'
    const topic = topicOf(message.machine, message.name)
    if (message.retain && message.payload.length === 0) this.#retained.delete(topic)
    else if (message.retain) this.#retained.set(topic, message)
    for (let copies = fate === 'duplicate' ? 2 : 1; copies > 0; copies--) this.#fanOut(message)
    return fate !== 'no-ack'
  }

  #fanOut(message: HubMessage): void {
    for (const link of this.#links) if (link.machine === message.machine) this.#deliver(message, link)
    if (message.direction === 'down') return
    for (const listener of this.#listeners) {
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener({ ...message, payload: message.payload.slice() })
      })
    }
  }

  #deliver({ name, payload }: HubMessage, link: HubLink): void {
    const connection = link.connection
    queueMicrotask(() => link.receive(connection, name, payload.slice()))
  }
}
