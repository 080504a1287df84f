/**
 * One connection to a board: bytes in and out, questions one at a time, and the end of it. Everything from the line passes the strict
 * gate before Firmata or a driver sees it; what the board's own check finds wrong is remembered until somebody asks.
 */
import { EventEmitter } from 'node:events'
import { type FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { type Clock, Serial } from '@fieldproof/sdk/machine'
import type { OpenLine, SerialLine } from '../line/index.ts'
import {
  type BoardFrame,
  createFrameGate,
  decodeFirmata,
  decodeReply,
  type FirmataReport,
  type FrameGate,
  NUMBER_MODULUS,
  type Reply,
} from '../protocol/index.ts'
import { coded, disconnected, garbled, restarted } from './failures.ts'
import type { FirmataTransport } from './firmata-io.ts'

/** A message of the board, decoded. `raw` is a whole Firmata message that the codec leaves to others. */
export type Incoming =
  | Reply
  | Exclude<FirmataReport, { kind: 'other' }>
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }

/** A question: what is sent, and which message answers it. */
export interface Question<T> {
  readonly bytes: Uint8Array
  /** The answer in a message, or undefined when it is none. @throws FieldproofError a refusal, which ends the question too */
  readonly answer: (message: Incoming) => T | undefined
  readonly waitMs: number
  /** What it means that no answer came in time. */
  readonly silent: () => FieldproofError
}

/** How far a board's milliseconds may fall by running over (BOARD-1), and not by a reset. */
const WRAP_MS = 2 ** 34

/** See the file's head. */
export class Wire {
  /** What firmata-io and Johnny-Five write to and hear from. */
  readonly transport: FirmataTransport
  readonly signal: AbortSignal
  readonly ended: Promise<FieldproofError>
  readonly #clock: Clock
  readonly #gate: FrameGate
  readonly #turns = new Serial()
  readonly #listeners = new Set<(message: Incoming) => void>()
  readonly #failures = new Set<(reason: FieldproofError) => void>()
  readonly #abort = new AbortController()
  #line: SerialLine | null = null
  /** Of the last reply; no number after one whose own bytes are in doubt. */
  #last: { readonly number: number | null; readonly boardMs: number } | null = null
  #failAsking: ((reason: FieldproofError) => void) | null = null
  #fault: FieldproofError | null = null
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

  /** @throws FieldproofError `port-unavailable` */
  async open(open: OpenLine): Promise<void> {
    const onData = (bytes: Uint8Array): void => {
      if (!this.signal.aborted) this.#gate.take(bytes)
    }
    this.#line = await open({ onData, onClose: (reason) => this.end(disconnected(reason)) })
  }

  /** Ends the connection, once; later reasons are forgotten. */
  end(reason: FieldproofError): void {
    if (this.signal.aborted) return
    this.#abort.abort(reason)
    for (const fail of this.#failures) fail(reason)
    this.#failures.clear()
    this.#listeners.clear()
    this.transport.emit('close')
    void this.#line?.close()
  }

  /** Resolves when the line is closed; for the one who ends the connection. */
  async closed(): Promise<void> {
    await this.#line?.close()
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
    return this.#turns.run(() => {
      const begin = (fail: (reason: FieldproofError) => void): void => {
        this.#failAsking = fail
        this.send(question.bytes)
      }
      return this.await(question, begin).finally(() => {
        this.#failAsking = null
      })
    })
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
      if (this.#last !== null) this.#last = { ...this.#last, number: null }
      this.#failAsking?.(fault)
      return
    }
    this.#decoded(() => {
      const reply = decodeReply(bytes)
      this.#follow(reply)
      return reply
    })
  }

  /** Message number and milliseconds tell a lost reply from a reset. */
  #follow({ number, boardMs }: Reply): void {
    const last = this.#last
    this.#last = { number, boardMs }
    if (last === null) return
    const isWrap = last.boardMs - boardMs > WRAP_MS
    if (boardMs < last.boardMs && !isWrap) {
      this.end(restarted(`its clock went from ${last.boardMs} ms to ${boardMs} ms`))
    } else if (last.number !== null && number !== (last.number + 1) % NUMBER_MODULUS) {
      this.#faulty(garbled(`message ${number} came after ${last.number}`))
    }
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
    this.#fault ??= fault
  }
}
