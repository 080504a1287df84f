/**
 * One connection to a board: bytes in and out, questions one at a time, and the end of it. Everything from the line passes the strict
 * gate before Firmata or a driver sees it; what the board's own check finds wrong is remembered until somebody asks.
 */
import { EventEmitter } from 'node:events'
import { FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { type Clock, Serial } from '@fieldproof/sdk/machine'
import type { OpenLine, SerialLine } from '../line/index.ts'
import { type BoardFrame, createFrameGate, decodeFirmata, decodeReply, type FrameGate } from '../protocol/index.ts'
import { coded, disconnected, garbled } from './failures.ts'
import type { Fence } from './fence.ts'
import type { FirmataTransport } from './firmata-io.ts'
import { patiently } from './patience.ts'
import type { Incoming, Question } from './question.ts'
import { ReplyOrder } from './reply-order.ts'

/** A port that does not close is left behind. */
const CLOSE_MS = 5_000

/** See the file's head. */
export class Wire {
  /** What firmata-io and Johnny-Five write to and hear from. */
  readonly transport: FirmataTransport
  readonly signal: AbortSignal
  readonly ended: Promise<FieldproofError>
  /** Makes fences; none as long as nobody knows which board it is. */
  fences: (() => Fence) | null = null
  readonly #clock: Clock
  readonly #gate: FrameGate
  readonly #turns = new Serial()
  readonly #listeners = new Set<(message: Incoming) => void>()
  readonly #failures = new Set<(reason: FieldproofError) => void>()
  readonly #abort = new AbortController()
  #line: SerialLine | null = null
  readonly #order = new ReplyOrder()
  #failAsking: ((reason: FieldproofError) => void) | null = null
  #fault: FieldproofError | null = null
  #faults = 0
  /** The answer to a question that failed may still come. */
  #isBehind = false
  #droppedBytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#gate = createFrameGate((frame) => this.#onFrame(frame))
    this.signal = this.#abort.signal
    this.ended = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(this.signal.reason as FieldproofError), { once: true })
    })
    const write = (bytes: Uint8Array, done?: () => void): void => {
      this.send(bytes)
      done?.()
    }
    this.transport = Object.assign(new EventEmitter(), { write })
  }

  /** Waits for the line for `ms`; one that comes later is closed. @throws FieldproofError `port-unavailable` */
  async open(open: OpenLine, ms: number): Promise<void> {
    const onData = (bytes: Uint8Array): void => {
      if (!this.signal.aborted) this.#gate.take(bytes)
    }
    const opening = async (): Promise<void> => {
      this.#line = await open({ onData, onClose: (reason) => this.end(disconnected(reason)) })
      if (this.signal.aborted) void this.#line.close()
    }
    const late = (): FieldproofError =>
      new FieldproofError('port-unavailable', `the port does not open within ${ms} ms`, { facts: { reason: 'failed' } })
    await patiently(opening(), { limit: { clock: this.#clock, ms, late }, signal: this.signal })
  }

  /** Ends the connection, once; later reasons are forgotten. */
  end(reason: FieldproofError): void {
    if (this.signal.aborted) return
    this.#abort.abort(reason)
    for (const fail of this.#failures) fail(reason)
    this.#failures.clear()
    this.#listeners.clear()
    this.#guard(() => this.transport.emit('close'))
    void this.#line?.close()
  }

  /** Resolves when the line is closed, or does not close; for the one who ends the connection. */
  async closed(): Promise<void> {
    if (this.#line === null) return
    const late = (): FieldproofError => disconnected('it does not close')
    const limit = { clock: this.#clock, ms: CLOSE_MS, late }
    await patiently(this.#line.close(), { limit }).catch(() => undefined)
  }

  /** Sends without an answer. After the end it does nothing: whoever needs to know that it arrived asks. */
  send(bytes: Uint8Array): void {
    if (this.signal.aborted || this.#line === null) return
    void this.#line.write(bytes).catch((error: unknown) => this.end(coded(error, disconnected)))
  }

  /** Hears every message until the returned function is called. */
  listen(listener: (message: Incoming) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Asks, when all earlier questions have been answered or have failed: the board's receive buffer is 64 bytes. */
  ask<T>(question: Question<T>): Promise<T> {
    return this.#turns.run(async () => {
      if (this.#isBehind) await this.#passFence(question)
      return await this.#put(question)
    })
  }

  /** When it resolves, all that the board said before the call has come: what is heard from then on is no older than the call. */
  catchUp(patience: Pick<Question<true>, 'waitMs' | 'silent'>): Promise<void> {
    return this.#turns.run(() => this.#passFence(patience))
  }

  async #passFence({ waitMs, silent }: Pick<Question<unknown>, 'waitMs' | 'silent'>): Promise<void> {
    if (this.fences === null) return
    await this.#put({ ...this.fences(), waitMs, silent })
    this.#isBehind = false
  }

  async #put<T>(question: Question<T>): Promise<T> {
    const begin = (fail: (reason: FieldproofError) => void): void => {
      this.#failAsking = fail
      this.send(question.bytes)
    }
    try {
      return await this.await(question, begin)
    } catch (error) {
      this.#isBehind = true
      throw error
    } finally {
      this.#failAsking = null
    }
  }

  /** The first answer that arrives from now on, beside whatever is being asked. */
  await<T>(
    { answer, waitMs, silent }: Omit<Question<T>, 'bytes'>,
    begin: (fail: (reason: FieldproofError) => void) => void = () => undefined,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) return reject(this.signal.reason)
      const finish = (settle: () => void): void => {
        cancel()
        stopListening()
        this.#failures.delete(fail)
        settle()
      }
      const fail = (reason: FieldproofError): void => finish(() => reject(reason))
      const cancel = this.#clock.after(waitMs, () => fail(silent()))
      const stopListening = this.listen((message) => {
        try {
          const value = answer(message)
          if (value !== undefined) finish(() => resolve(value))
        } catch (error) {
          finish(() => reject(error))
        }
      })
      this.#failures.add(fail)
      begin(fail)
    })
  }

  /** What was wrong on the line since the last call, or null. The reader's samples since then are not to be trusted. */
  takeFault(): FieldproofError | null {
    this.#noteDropped()
    const fault = this.#fault
    this.#fault = null
    return fault
  }

  /** Faults of the line so far, whoever has taken them. */
  get faults(): number {
    return this.#faults
  }

  #onFrame(frame: BoardFrame): void {
    if (this.signal.aborted) return
    this.#noteDropped()
    if (frame.kind === 'feature') {
      this.#onReply(frame)
      return
    }
    this.#decoded(() => {
      const report = decodeFirmata(frame.bytes)
      return report.kind === 'other' ? { kind: 'raw', bytes: frame.bytes } : report
    })
    // firmata-io trusts its bytes: what it throws on a pin that the board has not would end the process.
    this.#guard(() => this.transport.emit('data', frame.bytes))
  }

  #onReply({ bytes, check }: BoardFrame & { readonly kind: 'feature' }): void {
    if (check === 'bad') {
      const fault = garbled('the check over what the board sent does not match')
      this.#faulty(fault)
      this.#order.skip()
      this.#failAsking?.(fault)
      return
    }
    this.#decoded(() => {
      const reply = decodeReply(bytes)
      const fault = this.#order.follow(reply)
      if (fault?.code === 'board-restarted') this.end(fault)
      else if (fault !== null) this.#faulty(fault)
      return reply
    })
  }

  #decoded(decode: () => Incoming): void {
    this.#guard(() => {
      const message = decode()
      for (const listener of [...this.#listeners]) listener(message)
    })
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#faulty(fieldproofErrorOf(error) ?? garbled(String(error)))
    }
  }

  #noteDropped(): void {
    const { bytes } = this.#gate.dropped()
    if (bytes > this.#droppedBytes) this.#faulty(garbled(`${bytes - this.#droppedBytes} bytes belong to no message`))
    this.#droppedBytes = bytes
  }

  #faulty(fault: FieldproofError): void {
    this.#faults++
    this.#fault ??= fault
  }
}
