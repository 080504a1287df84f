/**
 * From an open line to a session that can be used: Firmata's handshake, the board's identity, and a heartbeat that notices a board
 * which hangs, was reset, or was swapped while nobody asked it anything.
 */
import { type FieldproofError, toHex } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import type { OpenLine } from '../line/index.ts'
import { encodeFirmwareQuery, encodeRequest, encodeVersionQuery, RESET_CAUSES, type Reply } from '../protocol/index.ts'
import { boardSilent, coded, disconnected, garbled, restarted } from './failures.ts'
import { Firmata, type FirmataIo } from './firmata-io.ts'
import type { BoardIdentity, BoardSession } from './ports.ts'
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
/** What our firmware calls itself. */
const OUR_NAME = 'fieldproof'
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
  try {
    await wire.open(open)
    wire.signal.throwIfAborted()
    const io = await handshake(wire, clock, times)
    const identity = isOurs(io.firmware.name) ? await identify(wire, times) : await confirmStranger(wire, times)
    const session = createSession({ wire, io, identity, epoch, clock, timing: times })
    const cancel = watch(wire, clock, times, identity)
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
    // Its own time-out is never to fire: it would knock once more.
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
    wire.signal.addEventListener('abort', () => settle(() => reject(wire.signal.reason)), { once: true })
    knock()
  })
}

function isOurs(name = ''): boolean {
  return name.toLowerCase().startsWith(OUR_NAME)
}

/** A name has no check: one byte that changed on the way must not make a stranger of our board. */
async function confirmStranger(wire: Wire, { answerMs }: BoardTiming): Promise<null> {
  const name = await wire.ask({
    bytes: encodeFirmwareQuery(),
    answer: (message) => (message.kind === 'firmware' ? message.name : undefined),
    waitMs: answerMs,
    silent: () => boardSilent('the board does not repeat its name'),
  })
  if (isOurs(name)) throw garbled('the board gave two names')
  return null
}

/** Twice: the first reply's check covers bytes from before this connection, the second one's must be good. */
async function identify(wire: Wire, timing: BoardTiming): Promise<BoardIdentity> {
  const first = await askIdentity(wire, timing)
  wire.takeFault() // noise of the boot
  const second = await askIdentity(wire, timing)
  const fault = wire.takeFault()
  if (fault !== null) throw fault
  if (first.boots !== second.boots) throw restarted('while it was being identified')
  return second
}

function askIdentity(wire: Wire, { answerMs }: BoardTiming): Promise<BoardIdentity> {
  return wire.ask({
    bytes: encodeRequest({ kind: 'identity' }),
    answer: (message) => (message.kind === 'identity' ? identityOf(message) : undefined),
    waitMs: answerMs,
    silent: () => boardSilent('the board does not say which firmware it runs'),
  })
}

function identityOf(reply: Reply & { readonly kind: 'identity' }): BoardIdentity {
  const resetCause = reply.resetCauses.reduce((bits, cause) => bits | (1 << RESET_CAUSES.indexOf(cause)), 0)
  return { buildId: toHex(reply.buildId), boots: reply.boots, resetCause }
}

/** Asks every now and then; returns what stops it. */
function watch(wire: Wire, clock: Clock, timing: BoardTiming, identity: BoardIdentity | null): () => void {
  let missed = 0
  let cancel = (): void => undefined
  const beat = async (): Promise<void> => {
    try {
      await (identity === null ? askVersion(wire, timing) : assertSame(wire, timing, identity))
      missed = 0
    } catch (error) {
      if (++missed >= MISSED_HEARTBEATS) wire.end(boardSilent(`${missed} heartbeats without an answer`))
      else if (coded(error, garbled).code === 'board-restarted') wire.end(coded(error, garbled))
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

async function assertSame(wire: Wire, timing: BoardTiming, identity: BoardIdentity): Promise<void> {
  const now = await askIdentity(wire, timing)
  if (now.boots !== identity.boots) throw restarted(`boot ${now.boots} came after boot ${identity.boots}`)
  if (now.buildId !== identity.buildId) throw restarted('another board answers')
}

function askVersion(wire: Wire, { answerMs }: BoardTiming): Promise<true> {
  return wire.ask({
    bytes: encodeVersionQuery(),
    answer: ({ kind }) => kind === 'version' || undefined,
    waitMs: answerMs,
    silent: () => boardSilent('no answer'),
  })
}
