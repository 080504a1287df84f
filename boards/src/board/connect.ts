/**
 * From an open line to a session that can be used: Firmata's handshake, the board's identity, and a heartbeat that notices a board
 * which hangs, was reset, or was swapped while nobody asked it anything.
 */
import type { FieldproofError } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import type { OpenLine } from '../line/index.ts'
import { encodeFirmwareQuery, encodeVersionQuery } from '../protocol/index.ts'
import { boardSilent, coded, disconnected, garbled, restarted } from './failures.ts'
import { createFences } from './fence.ts'
import { Firmata, type FirmataIo } from './firmata-io.ts'
import { assertSame, identify, isOurs } from './identity.ts'
import type { BoardSession } from './ports.ts'
import { createSession } from './session.ts'
import { Wire } from './wire.ts'

/** How long a board may take. */
export interface BoardTiming {
  /** From the open line to a usable board, in ms: an Uno's bootloader waits a second, some boards three. */
  readonly handshakeMs: number
  /** For an answer, in ms. */
  readonly answerMs: number
  /** Between two heartbeats, in ms. Two that are missed end the session. */
  readonly heartbeatMs: number
  /** Between two reports of an analog pin, 10 to 16383 ms. */
  readonly samplingMs: number
}

/** Defaults of {@link BoardTiming}. */
export const BOARD_DEFAULTS: BoardTiming = Object.freeze({
  handshakeMs: 10_000,
  answerMs: 500,
  heartbeatMs: 2_000,
  samplingMs: 50,
})

/** Options of {@link connectBoard}. */
export interface ConnectOptions {
  readonly open: OpenLine
  readonly clock: Clock
  /** Of the session; the caller counts. */
  readonly epoch: number
  readonly timing?: Partial<BoardTiming>
  /** Gives up, whatever is under way, and later ends the session. */
  readonly signal?: AbortSignal
}

/** A session and the hands that end it. */
export interface ConnectedBoard {
  readonly session: BoardSession
  /** Resolves with the reason when the session is over. */
  readonly ended: Promise<FieldproofError>
  /** Ends it, with a reason of the caller's; resolves when the line is closed. */
  close(reason?: FieldproofError): Promise<void>
}

/** How often the version is asked for until the board answers. */
const KNOCK_MS = 500
const MISSED_HEARTBEATS = 2
/** Answers to the knocking may come this late. */
const SETTLE_MS = 1_500

/**
 * Connects once. @throws FieldproofError `port-unavailable`, `board-silent`, `board-firmware`, `board-disconnected`, …
 */
export async function connectBoard({ open, clock, epoch, timing, signal }: ConnectOptions): Promise<ConnectedBoard> {
  const times: BoardTiming = { ...BOARD_DEFAULTS, ...timing }
  const wire = new Wire(clock)
  const close = async (reason: FieldproofError = closedByUs()) => {
    wire.end(reason)
    await wire.closed()
  }
  const abort = (): void => wire.end(closedByUs())
  signal?.addEventListener('abort', abort, { once: true })
  wire.signal.addEventListener('abort', () => signal?.removeEventListener('abort', abort), { once: true })
  if (signal?.aborted) abort()
  try {
    await wire.open(open, times.handshakeMs)
    wire.signal.throwIfAborted()
    const io = await handshake(wire, clock, times)
    const feature = { wire, waitMs: times.answerMs }
    const identity = (await isOurs(feature, io.firmware.name ?? '')) ? await identify(feature) : null
    wire.fences = createFences(identity !== null)
    const stillSame = async (): Promise<void> => {
      try {
        if (identity !== null) await assertSame(feature, identity)
      } catch (error) {
        if (coded(error, garbled).code === 'board-restarted') wire.end(coded(error, garbled))
        throw error
      }
    }
    const session = createSession({ wire, io, identity, epoch, timing: times, assertSame: stillSame })
    const cancel = watch(wire, clock, times, () => (identity === null ? askVersion(wire, times) : stillSame()))
    wire.signal.addEventListener('abort', cancel, { once: true })
    return { session, ended: wire.ended, close }
  } catch (error) {
    const reason = coded(error, boardSilent)
    await close(reason)
    throw reason
  }
}

function closedByUs(): FieldproofError {
  return disconnected('closed by this program')
}

function handshake(wire: Wire, clock: Clock, { handshakeMs, samplingMs }: BoardTiming): Promise<FirmataIo> {
  return new Promise((resolve, reject) => {
    let cancelKnock = (): void => undefined
    const settle = (act: () => void): void => {
      cancelKnock()
      cancelDeadline()
      act()
    }
    const cancelDeadline = clock.after(handshakeMs, () => {
      settle(() =>
        reject(boardSilent(`no Firmata within ${handshakeMs} ms: wrong baud rate, no firmware, or a board that hangs`)),
      )
    })
    // A board that is not reset by opening its port says nothing by itself; one in its bootloader hears nothing yet.
    const knock = (): void => {
      wire.send(encodeVersionQuery())
      wire.send(encodeFirmwareQuery())
      cancelKnock = clock.after(KNOCK_MS, knock)
    }
    const io = new Firmata(
      wire.transport,
      { reportVersionTimeout: handshakeMs * 2, samplingInterval: samplingMs },
      (error) => {
        if (error === undefined) settle(() => resolve(io))
      },
    )
    io.setMaxListeners(0)
    io.on('error', () => undefined) // the wire's own end says it
    io.once('reportversion', () => cancelKnock())
    keepClean(io, wire)
    wire.signal.addEventListener('abort', () => settle(() => reject(wire.signal.reason)), { once: true })
    knock()
  })
}

/** firmata-io trusts its bytes; what a hostile message does to it must not last, nor outlive the connection. */
function keepClean(io: FirmataIo, wire: Wire): void {
  // Every piece is a whole message. When a handler throws, its bytes stay, and nothing is understood any more.
  wire.transport.prependListener('data', () => {
    io.buffer.length = 0
    io.analogPins.length = Math.min(io.analogPins.length, io.pins.length) // each answer to the mapping query adds to them
  })
  wire.signal.addEventListener('abort', () => clearTimeout(io.reportVersionTimeoutId), { once: true })
}

/** Asks every now and then; returns what stops it. */
function watch(wire: Wire, clock: Clock, timing: BoardTiming, ask: () => Promise<unknown>): () => void {
  let missed = 0
  let cancel = (): void => undefined
  const beat = async (): Promise<void> => {
    try {
      await ask()
      missed = 0
    } catch {
      // A board that was reset has ended the connection by now, and what is said here is forgotten.
      if (++missed >= MISSED_HEARTBEATS) wire.end(boardSilent(`${missed} heartbeats without an answer`))
    }
    arm()
  }
  // Boards say their name by themselves when they start, and nobody asks them for it later.
  let hasSettled = false
  const stopSettling = clock.after(SETTLE_MS, () => {
    hasSettled = true
  })
  wire.listen(({ kind }) => {
    if (kind === 'firmware' && hasSettled) wire.end(restarted('it said its name again'))
  })
  const arm = (): void => {
    if (!wire.signal.aborted) cancel = clock.after(timing.heartbeatMs, () => void beat())
  }
  arm()
  return () => {
    cancel()
    stopSettling()
  }
}

function askVersion(wire: Wire, { answerMs }: BoardTiming): Promise<true> {
  return wire.ask({
    bytes: encodeVersionQuery(),
    answer: ({ kind }) => kind === 'version' || undefined,
    waitMs: answerMs,
    silent: () => boardSilent('no answer'),
  })
}
