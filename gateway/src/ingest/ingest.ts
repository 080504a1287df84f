/**
 * What becomes of a message between its arrival and its acknowledgement. A promise that resolves means "acknowledge it": a
 * batch is then durable in the log, or its refusal is on record. Batches of many machines are checked at once; those of one
 * machine are logged in the order in which they came.
 */
import { FieldproofError, hash32, type MachineId, type UnixMs } from '@fieldproof/sdk/base'
import type { Hash, Suites } from '@fieldproof/sdk/crypto'
import { decodeStatus, type ReceiptMessage, type TopicName } from '@fieldproof/sdk/wire'
import type { Ledger } from '../ledger/ledger.ts'
import type { LogEntry } from '../ledger/store.ts'
import { checkBatch } from './check-batch.ts'
import type { GatewayListener } from './events.ts'
import type { KeyDirectory } from './key-directory.ts'
import { RateLimit } from './rate-limit.ts'
import { type Refused, refusalMessage, refusalOf } from './refusal.ts'

/** Bounds of what is taken in. */
export interface IngestLimits {
  /** Messages a second and machine; 0 for no limit. */
  readonly messagesPerSecond: number
  /** Messages that a machine may send at once after a pause. */
  readonly messageBurst: number
  /** Batches that are being checked or wait for their commit. */
  readonly maxInFlight: number
}

/** What ingestion needs. */
export interface IngestOptions {
  readonly ledger: Ledger
  readonly directory: KeyDirectory
  readonly hash: Hash
  readonly suites: Suites
  readonly limits: IngestLimits
  readonly now: () => UnixMs
  /** Says something to a machine on its receipt topic, if it is connected. */
  readonly answer: (machine: MachineId, message: ReceiptMessage) => void
  readonly onEvent: GatewayListener
}

/** Characters of a foreign topic that an event quotes; MQTT allows 65 535 bytes. */
const MAX_TOPIC_SHOWN = 128
/** Refusals that say "later": they are told and counted, not kept, or a flood would fill the disk. */
const NOT_KEPT: readonly string[] = ['rate-limited', 'gateway-busy']

type Checked = { readonly entry: LogEntry } | { readonly refused: Refused }

/** Takes messages in. */
export class Ingest {
  readonly #options: IngestOptions
  readonly #rate: RateLimit
  /** Resolved when the last message of a machine has been handed to the ledger. */
  readonly #lanes = new Map<MachineId, Promise<void>>()
  readonly #births = new Map<MachineId, Promise<void>>()
  readonly #online = new Set<MachineId>()
  #inFlight = 0

  constructor(options: IngestOptions) {
    const { messagesPerSecond, messageBurst } = options.limits
    this.#options = options
    this.#rate = new RateLimit(messagesPerSecond, messageBurst, options.now)
  }

  /** Machines whose last status said that they are there. */
  get online(): ReadonlySet<MachineId> {
    return this.#online
  }

  /**
   * Takes one message of a machine.
   * @param name its topic
   * @returns when it may be acknowledged
   * @throws whatever made the gateway unable to decide: the message must not be acknowledged
   */
  async accept(machine: MachineId, name: TopicName, payload: Uint8Array): Promise<void> {
    if (name === 'batch') await this.#batch(machine, payload)
    else if (name === 'birth') await this.#birth(machine, payload)
    else await this.#guarded(machine, name, payload, () => this.#status(machine, payload))
  }

  /** Refuses a message that came where it may not: acknowledged, so that its sender does not send it for ever. */
  async refuseTopic(machine: MachineId, topic: string, payload: Uint8Array): Promise<void> {
    const error = new FieldproofError('wrong-topic', 'a machine publishes birth, status and batch under its own id')
    await this.#refuse(machine, topic.slice(0, MAX_TOPIC_SHOWN), payload, refusalOrThrow(error))
  }

  /** The connection of a machine ended. */
  gone(machine: MachineId): void {
    this.#rate.forget(machine)
    this.#setOnline(machine, false)
  }

  async #batch(machine: MachineId, payload: Uint8Array): Promise<void> {
    const { ledger } = this.#options
    const before = this.#lanes.get(machine)
    let leave = (): void => undefined
    const turn = new Promise<void>((resolve) => {
      leave = resolve
    })
    this.#lanes.set(machine, turn)
    this.#inFlight += 1
    try {
      const checked = await this.#check(machine, payload)
      await before
      if ('refused' in checked) return await this.#refuse(machine, 'batch', payload, checked.refused)
      const logged = ledger.append(checked.entry)
      leave()
      const outcome = await logged
      if (outcome.kind === 'fork') this.#onFork(checked.entry, outcome.index, payload)
    } finally {
      this.#inFlight -= 1
      leave()
      if (this.#lanes.get(machine) === turn) this.#lanes.delete(machine)
    }
  }

  async #check(machine: MachineId, payload: Uint8Array): Promise<Checked> {
    const { directory, hash, suites, now, limits } = this.#options
    try {
      if (this.#inFlight > limits.maxInFlight) throw new FieldproofError('gateway-busy', 'too much waits to be logged')
      this.#expectTurn(machine)
      await this.#births.get(machine) // a batch right behind its birth message is checked after it
      const context = {
        hash,
        suites,
        keyFor: directory.keyFor.bind(directory),
        definitionOf: directory.definitionOf.bind(directory),
      }
      return { entry: await checkBatch(payload, machine, context, now()) }
    } catch (error) {
      return { refused: refusalOrThrow(error) }
    }
  }

  #expectTurn(machine: MachineId): void {
    if (!this.#rate.take(machine)) throw new FieldproofError('rate-limited', 'too many messages in a short time')
  }

  async #birth(machine: MachineId, payload: Uint8Array): Promise<void> {
    const task = this.#guarded(machine, 'birth', payload, async () => {
      const { enrolled, streams } = await this.#options.directory.announce(machine, payload)
      this.#options.onEvent({ event: 'machine-born', machine, enrolled, streams })
    })
    const done = task.catch(() => undefined) // whoever called hears of it
    this.#births.set(machine, done)
    await task.finally(() => {
      if (this.#births.get(machine) === done) this.#births.delete(machine)
    })
  }

  #status(machine: MachineId, payload: Uint8Array): void {
    this.#setOnline(machine, decodeStatus(payload).online)
  }

  #setOnline(machine: MachineId, online: boolean): void {
    if (this.#online.has(machine) === online) return
    if (online) this.#online.add(machine)
    else this.#online.delete(machine)
    this.#options.onEvent({ event: online ? 'machine-online' : 'machine-offline', machine })
  }

  async #guarded(
    machine: MachineId,
    topic: string,
    payload: Uint8Array,
    task: () => void | Promise<void>,
  ): Promise<void> {
    try {
      this.#expectTurn(machine)
      await task()
    } catch (error) {
      await this.#refuse(machine, topic, payload, refusalOrThrow(error))
    }
  }

  /** On record first, then told: then the message may be acknowledged. */
  async #refuse(machine: MachineId, topic: string, payload: Uint8Array, refused: Refused): Promise<void> {
    const { ledger, hash, now, answer, onEvent } = this.#options
    const { code, detail } = refused
    const digest = hash32(hash.sha256(payload))
    if (!NOT_KEPT.includes(code)) {
      const message = code === 'too-large' ? new Uint8Array() : payload
      await ledger.refuse({ machine, digest, code, detail, message, receivedAt: now() })
    }
    onEvent({ event: 'refused', machine, topic, code, detail })
    answer(machine, refusalMessage(digest, refused))
  }

  /** The evidence went into the store with the group; the machine is told, and so is whoever watches. */
  #onFork({ machine, sequence }: LogEntry, index: number, payload: Uint8Array): void {
    const { hash, answer, onEvent } = this.#options
    onEvent({ event: 'fork', machine, sequence, logIndex: index })
    const error = new FieldproofError(
      'fork',
      `another statement with this boot and sequence is leaf ${index} of the log`,
    )
    answer(machine, refusalMessage(hash32(hash.sha256(payload)), refusalOrThrow(error)))
  }
}

/** The refusal that an error means. Anything else is not the message's fault, and is thrown on. */
function refusalOrThrow(error: unknown): Refused {
  const refused = refusalOf(error)
  if (refused === undefined) throw error
  return refused
}
