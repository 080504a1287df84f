/**
 * The device runtime: rows in, signed batches out, nothing lost in between (architecture.md D1-D3). Platform-neutral: the
 * same code runs on a Pi, in a simulator in virtual time, and in a test that cuts the power.
 */
import {
  type BootId,
  bootId,
  errorLine,
  FieldproofError,
  fieldproofErrorOf,
  type MachineId,
  machineIdOf,
} from '../base/index.ts'
import { encodeCoseKey, thumbprint } from '../crypto/index.ts'
import { decodeBeacon, encodeBirth, encodeStatus, MAX_MESSAGE_BYTES, type Row, type TopicName } from '../wire/index.ts'
import type { MachineEvent } from './events.ts'
import { Beacons, History } from './history.ts'
import { DROPPED_ROWS, Journal } from './journal.ts'
import { type MachineOptions, type MachineTiming, parseTiming } from './options.ts'
import type { OutboxUsage, StoredBatch } from './ports.ts'
import { handleReceipt } from './receipts.ts'
import { Sender } from './sender.ts'
import { Serial } from './serial.ts'
import { signBatch } from './sign-batch.ts'
import { decodeStoredRow, encodeStoredRow, type Reading, rowOf } from './stored-row.ts'
import { HEALTH, openStreams, type Stream } from './streams.ts'

const BOOT_BYTES = 8

/**
 * Starts a machine: opens its streams, its history and its link.
 * @throws FieldproofError `config-invalid` with every fault, or what the outbox throws
 */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  try {
    const timing = parseTiming(options)
    const health = timing.healthMs > 0 ? [{ definition: HEALTH }] : []
    const streams = await openStreams([...options.streams, ...health], options.outbox, options.hash)
    const machine = new Machine(options, timing, streams)
    await machine.begin()
    return machine
  } catch (error) {
    await options.outbox.close().catch(() => undefined) // it is ours to close; the first error is the one to tell
    throw error
  }
}

/** A running machine. Make one with {@link startMachine}. */
export class Machine {
  readonly id: MachineId
  /** Drawn at this start; stands in every statement of it. */
  readonly boot: BootId
  readonly #options: MachineOptions
  readonly #timing: MachineTiming
  readonly #streams: readonly Stream[]
  readonly #journal: Journal
  readonly #sender: Sender
  readonly #history: History
  readonly #beacons: Beacons
  /** Sealing, adopting and receipts change the same history: one at a time. */
  readonly #steps = new Serial()
  readonly #startedMs: number
  #cancelAge: (() => void) | null = null
  #cancelHealth: (() => void) | null = null
  #stopped = false
  #stopping: Promise<void> | null = null

  constructor(options: MachineOptions, timing: MachineTiming, streams: readonly Stream[]) {
    const { outbox, link, clock, signer, hash, suites, gateway } = options
    const emit = (event: MachineEvent): void => this.#emit(event)
    this.#options = options
    this.#timing = timing
    this.#streams = streams
    this.id = machineIdOf(thumbprint(signer, hash))
    this.boot = bootId(options.entropy(BOOT_BYTES))
    this.#startedMs = clock.monotonicMs()
    this.#journal = new Journal(outbox, clock, timing.flushMs, emit)
    this.#sender = new Sender(outbox, link, clock, timing, emit)
    this.#beacons = new Beacons(gateway?.chainId ?? null)
    this.#history = new History(
      { machine: this.id, signer, outbox, hash, suites, clock, emit, steps: this.#steps },
      gateway === null ? 0 : timing.headWaitMs, // on its own it has nobody to wait for
      gateway !== null && options.isRestored === true,
    )
  }

  /** Opens the link and arms the timers. Called by {@link startMachine}. */
  async begin(): Promise<void> {
    const { outbox, link, clock } = this.#options
    for (const stream of this.#streams) {
      if ((await outbox.pendingCount(stream.key)) > 0) stream.dueMs = clock.monotonicMs() // left by the last run
    }
    link.open({
      machine: this.id,
      subscriptions: ['receipt', 'head', 'beacon'],
      will: { name: 'status', payload: encodeStatus({ online: false, boot: this.boot }) },
      onUp: () => this.#onUp(),
      onDown: (reason) => this.#onDown(reason),
      onMessage: (name, payload) => this.#onMessage(name, payload),
    })
    this.#armAge()
    if (this.#timing.healthMs > 0) this.#armHealth()
  }

  /**
   * Takes one reading, in real units; resolves when it is durable.
   * @param time whole milliseconds since 1970; the clock's when absent
   * @throws FieldproofError `row-invalid`, `outbox-full`, `stream-unknown` or `machine-stopped`
   */
  async record(streamName: string, reading: Reading, time: number = this.#options.clock.now()): Promise<void> {
    const stream = this.#stream(streamName)
    await this.#append(stream, rowOf(time, reading, stream.definition))
  }

  /** Rows and batches that the outbox holds. */
  usage(): Promise<OutboxUsage> {
    return this.#options.outbox.usage()
  }

  /** Signs everything journalled so far, without waiting for a full batch. */
  async sealAll(): Promise<void> {
    await this.#journal.flush()
    await this.#steps.run(() => this.#seal(() => true))
  }

  /** Makes everything durable, says goodbye and closes link and outbox. Unsent batches wait for the next start. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#stopped = true
    const { link, outbox } = this.#options
    this.#cancelAge?.()
    this.#cancelHealth?.()
    this.#history.close()
    await this.#journal.flush()
    await this.#steps.idle()
    this.#sender.close()
    // Not awaited before the link is closed, which bounds the wait: a broker that acknowledges nothing must not hold us here.
    const goodbye = link
      .publish('status', encodeStatus({ online: false, boot: this.boot }), { retain: true })
      .catch(() => undefined) // the link is down, so the broker publishes the will
    await link.close({ graceful: true })
    await goodbye
    await Promise.all([this.#steps.idle(), this.#sender.idle()]) // what came in meanwhile still needs the outbox
    await outbox.close()
  }

  #stream(name: string): Stream {
    if (this.#stopped) throw new FieldproofError('machine-stopped', 'this machine has been stopped')
    const stream = this.#streams.find((s) => s.definition.name === name)
    if (stream !== undefined) return stream
    throw new FieldproofError('stream-unknown', `this machine has no stream ${name}`, { facts: { stream: name } })
  }

  async #append(stream: Stream, row: Row): Promise<void> {
    await this.#journal.append(stream.definition.name, stream.key, encodeStoredRow(row))
    this.#options.onRow?.(stream.definition, row)
    if (stream.dueMs === null) {
      stream.dueMs = this.#options.clock.monotonicMs() + this.#timing.maxAgeMs
      this.#armAge()
    }
    if (this.#stopped) return // durable, and the next start signs it
    if ((await this.#options.outbox.pendingCount(stream.key)) >= this.#timing.maxRows) {
      void this.#steps.run(() => this.#seal((s) => s === stream))
    }
  }

  #armAge(): void {
    if (this.#stopped) return
    const due = this.#streams.flatMap((stream) => (stream.dueMs === null ? [] : [stream.dueMs]))
    this.#cancelAge?.()
    this.#cancelAge = null
    if (due.length === 0) return
    const { clock } = this.#options
    const waitMs = Math.max(0, Math.min(...due) - clock.monotonicMs())
    this.#cancelAge = clock.after(waitMs, () => {
      const now = clock.monotonicMs()
      void this.#steps.run(() => this.#seal((stream) => stream.dueMs !== null && stream.dueMs <= now))
    })
  }

  /** Signs the rows of some streams, oldest first. Problems become events: a machine goes on measuring. */
  async #seal(wanted: (stream: Stream) => boolean): Promise<void> {
    if (!(await this.#history.ready())) return
    for (const stream of this.#streams.filter(wanted)) {
      try {
        await this.#sealStream(stream)
      } catch (error) {
        const code = fieldproofErrorOf(error)?.code ?? 'outbox-corrupt'
        this.#emit({ event: 'fault', code, detail: errorLine(error) })
        stream.dueMs = this.#options.clock.monotonicMs() + this.#timing.maxAgeMs
      }
    }
    this.#armAge()
  }

  async #sealStream(stream: Stream): Promise<void> {
    const { outbox } = this.#options
    let limit = this.#timing.maxRows
    stream.dueMs = null // before the rows are read, so that one that comes meanwhile is due in its own time
    for (let rows = await outbox.pendingRows(stream.key, limit); ; rows = await outbox.pendingRows(stream.key, limit)) {
      const last = rows.at(-1)
      if (last === undefined) break
      const batch = await this.#sign(
        stream,
        rows.map((row) => decodeStoredRow(row.bytes, stream.definition)),
      )
      if (batch.message.length > MAX_MESSAGE_BYTES && rows.length > 1) {
        limit = Math.ceil(rows.length / 2) // long texts: nothing was stored, so the same sequence is used again
        continue
      }
      // D2: if we stop before this line the rows are still unsigned and nobody has seen the statement.
      await outbox.sealBatch(batch, last.key)
      const { sequence, rowCount } = batch
      const sizeBytes = batch.message.length
      this.#emit({ event: 'batch-signed', stream: stream.definition.name, sequence, rows: rowCount, sizeBytes })
    }
    this.#sender.kick()
  }

  async #sign(stream: Stream, rows: readonly Row[]): Promise<StoredBatch> {
    const { clock, outbox } = this.#options
    return await signBatch(
      {
        machine: this.id,
        boot: this.boot,
        head: await outbox.head(),
        issuedAt: Math.floor(clock.now() / 1000),
        clockQuality: clock.quality(),
        beacon: this.#beacons.use(),
        streamKey: stream.key,
        definition: stream.definition,
        definitionHash: stream.definitionHash,
        recipients: stream.recipients,
        rows,
      },
      this.#options,
    )
  }

  #armHealth(): void {
    if (this.#stopped) return
    this.#cancelHealth = this.#options.clock.after(this.#timing.healthMs, () => {
      void this.#recordHealth().finally(() => this.#armHealth())
    })
  }

  async #recordHealth(): Promise<void> {
    const { outbox, clock } = this.#options
    try {
      const usage = await outbox.usage()
      await this.record(HEALTH.name, {
        uptime: (clock.monotonicMs() - this.#startedMs) / 1000,
        outboxRows: usage.rows,
        outboxSize: usage.sizeBytes,
        pendingBatches: usage.pending,
        unanchoredBatches: usage.logged,
        parkedBatches: usage.parked,
        droppedRows: await outbox.count(DROPPED_ROWS, 0),
      })
    } catch (error) {
      if (this.#stopped) return
      this.#emit({ event: 'fault', code: fieldproofErrorOf(error)?.code ?? 'outbox-corrupt', detail: errorLine(error) })
    }
  }

  #onUp(): void {
    if (this.#stopped) return // it was still connecting: there is nothing left to say but goodbye
    this.#emit({ event: 'link-up' })
    this.#history.linkUp()
    this.#beacons.linkUp()
    this.#announce()
    this.#sender.up()
  }

  #onDown(reason: string): void {
    this.#sender.down()
    this.#beacons.linkDown()
    this.#history.linkDown()
    this.#emit({ event: 'link-down', reason })
  }

  /** Birth and status; the link orders them before any batch. */
  #announce(): void {
    const { link, signer, software } = this.#options
    const definitions = this.#streams.map((stream) => stream.definitionBytes)
    const birth = encodeBirth({ key: encodeCoseKey(signer), definitions, software })
    const status = encodeStatus({ online: true, boot: this.boot })
    const ignore = (): undefined => undefined // the link is down again, and says so itself
    void link.publish('birth', birth, { retain: true }).catch(ignore)
    void link.publish('status', status, { retain: true }).catch(ignore)
  }

  #onMessage(name: TopicName, payload: Uint8Array): void {
    const { outbox, gateway, hash, suites } = this.#options
    if (gateway === null) return
    if (name === 'receipt') {
      const republishBirth = (): void => this.#announce()
      const emit = (event: MachineEvent): void => this.#emit(event)
      const context = { outbox, sender: this.#sender, gateway, hash, suites, emit, republishBirth }
      void this.#steps.run(() => handleReceipt(payload, context))
    } else if (name === 'head') {
      // Not behind a seal that waits for this very message.
      void this.#history.onHead(payload)
    } else if (name === 'beacon') this.#onBeacon(payload)
  }

  #onBeacon(payload: Uint8Array): void {
    try {
      this.#beacons.offer(decodeBeacon(payload))
    } catch (error) {
      const code = fieldproofErrorOf(error)?.code ?? 'message-invalid'
      this.#emit({ event: 'message-rejected', topic: 'beacon', code, detail: errorLine(error) })
    }
  }

  #emit(event: MachineEvent): void {
    this.#options.onEvent?.(event)
  }
}
