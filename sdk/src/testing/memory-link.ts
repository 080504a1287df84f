/** The machine's end of the hub in memory-hub.ts: a Link whose connection a test can break. */
import { errorLine, FieldproofError, type MachineId } from '../base/index.ts'
import type { Clock, Link, LinkOpening } from '../machine/index.ts'
import { MAX_MESSAGE_BYTES, type TopicName } from '../wire/index.ts'

/** A message at the hub. */
export interface HubMessage {
  readonly machine: MachineId
  readonly name: TopicName
  readonly payload: Uint8Array
  readonly retain: boolean
  /** `up`: from a machine (its will included), `down`: to it. */
  readonly direction: 'up' | 'down'
}

/** A {@link Link} that a test can break. */
export interface MemoryLink extends Link {
  /** Loses the connection: the hub publishes the will, the link comes back by itself. */
  cut(reason?: string): void
  readonly isUp: boolean
}

/** What a link asks of its hub. */
export interface Broker {
  readonly clock: Clock
  readonly reconnectMs: number
  readonly ackMs: number
  readonly isUp: boolean
  join(link: HubLink, opening: LinkOpening): void
  leave(link: HubLink): void
  /** Keeps and delivers a message. @returns whether its sender is told so */
  route(message: HubMessage): boolean
  warn(text: string): void
}

/** How long a graceful close waits for acknowledgements. */
const CLOSE_MS = 5000

/** One machine's connection to the hub. */
export class HubLink implements MemoryLink {
  readonly #hub: Broker
  readonly #inFlight = new Set<(error: FieldproofError) => void>()
  #opening: LinkOpening | undefined
  #cancelRetry: () => void = () => {}
  #onIdle: (() => void) | undefined
  #state: 'new' | 'down' | 'up' | 'closing' | 'closed' = 'new'
  /** Counts connections, so that what is under way on an old one is not delivered on the next. */
  connection = 0

  constructor(hub: Broker) {
    this.#hub = hub
  }

  get machine(): MachineId | undefined {
    return this.#opening?.machine
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  open(opening: LinkOpening): void {
    if (this.#state !== 'new') throw new FieldproofError('machine-stopped', 'a link opens once')
    this.#opening = opening
    this.#state = 'down'
    queueMicrotask(() => this.#connect())
  }

  publish(name: TopicName, payload: Uint8Array, options: { readonly retain?: boolean } = {}): Promise<void> {
    const machine = this.machine
    if (this.#state !== 'up' || machine === undefined) return Promise.reject(failed('the link is down'))
    const message: HubMessage = {
      machine,
      name,
      payload: payload.slice(),
      retain: options.retain ?? false,
      direction: 'up',
    }
    return new Promise((resolve, reject) => {
      this.#inFlight.add(reject)
      const { connection } = this
      const arrive = (): void => {
        if (connection !== this.connection || !this.#hub.route(message)) return
        if (this.#inFlight.delete(reject)) resolve()
        if (this.#inFlight.size === 0) this.#onIdle?.()
      }
      if (this.#hub.ackMs === 0) queueMicrotask(arrive)
      else this.#hub.clock.after(this.#hub.ackMs, arrive)
    })
  }

  async close(options: { readonly graceful?: boolean } = {}): Promise<void> {
    const wasUp = this.#state === 'up'
    this.#state = wasUp && options.graceful ? 'closing' : 'closed'
    this.#cancelRetry()
    if (this.#state === 'closing' && this.#inFlight.size > 0) await this.#idle()
    this.#state = 'closed'
    if (wasUp) this.#drop('closed', !options.graceful)
  }

  cut(reason = 'connection lost'): void {
    this.lose(reason, true)
  }

  /** Ends the connection from outside. */
  lose(reason: string, withWill: boolean): void {
    if (this.#state !== 'up' && this.#state !== 'closing') return
    const tellAndRetry = this.#state === 'up'
    this.#state = tellAndRetry ? 'down' : 'closed'
    this.#drop(reason, withWill)
    if (!tellAndRetry) return
    this.#retry()
    this.#guard(() => this.#opening?.onDown(reason))
  }

  receive(connection: number, name: TopicName, payload: Uint8Array): void {
    const opening = this.#opening
    if (connection !== this.connection || this.#state !== 'up' || opening === undefined) return
    if (!opening.subscriptions.includes(name) || payload.length > MAX_MESSAGE_BYTES) return
    this.#guard(() => opening.onMessage(name, payload))
  }

  #connect(): void {
    const opening = this.#opening
    if (this.#state !== 'down' || opening === undefined) return
    if (!this.#hub.isUp) {
      this.#retry()
      return
    }
    this.#state = 'up'
    this.#hub.join(this, opening)
    this.#guard(opening.onUp)
  }

  #retry(): void {
    this.#cancelRetry = this.#hub.clock.after(this.#hub.reconnectMs, () => this.#connect())
  }

  #drop(reason: string, withWill: boolean): void {
    this.connection++
    this.#hub.leave(this)
    for (const reject of this.#inFlight) reject(failed(`not acknowledged: ${reason}`))
    this.#inFlight.clear()
    this.#onIdle?.()
    const opening = this.#opening
    if (!withWill || opening === undefined) return
    const { machine, will } = opening
    this.#hub.route({ machine, name: will.name, payload: will.payload.slice(), retain: true, direction: 'up' })
  }

  async #idle(): Promise<void> {
    let giveUp = (): void => {}
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
      giveUp = this.#hub.clock.after(CLOSE_MS, resolve)
    })
    giveUp()
  }

  /** A handler that throws breaks its own machine only. */
  #guard(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#hub.warn(`a handler threw: ${errorLine(error)}`)
    }
  }
}

function failed(reason: string): FieldproofError {
  return new FieldproofError('link-failed', reason)
}
