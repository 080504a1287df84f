/**
 * The serial port of an Uno in virtual time, as boards/src/line has one, with the hands of a scenario: pull the cable, plug
 * it back, let another program have the port. Nothing happens until somebody runs the Uno.
 */
import type { LineHandlers, OpenLine, SerialLine } from '@fieldproof/boards/line'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Uno } from '../avr/face.ts'

/** How the port and its cable are. */
export interface UnoLineOptions {
  /** Rate that the host opens the port with, bit/s; default 57600. */
  readonly baudRateBps?: number
  /** False for a port whose DTR does not reset the board (`hupcl` off and a cut trace); default true. */
  readonly dtr?: boolean
  /** `usb`: the cable feeds the board, so that it loses power with it; `own`: the board has a supply of its own. Default `usb`. */
  readonly power?: 'usb' | 'own'
}

/** A port that somebody can pull. */
export interface UnoLine {
  /** Opens the port. */
  readonly open: OpenLine
  /** Runs the Uno for `ms` of virtual time. */
  readonly step: (ms: number) => void
  /** Pulls the cable: an open line is closed, and opening fails as `missing`. */
  readonly unplug: () => void
  readonly plug: () => void
  /** Another program has the port: opening fails as `taken` until the returned function is called. An open line keeps it. */
  readonly take: () => () => void
  /** Rate of the port from now on, bit/s, an open line's too. */
  readonly setBaudRate: (bps: number) => void
}

/** A USB chip hands over what came in after this time at the latest, ms. */
const LATENCY_MS = 1
const DEFAULT_BAUD_RATE_BPS = 57_600
const BITS_PER_BYTE = 10

/** The port of an Uno that somebody else runs. */
export function unoLine(uno: Uno, options: UnoLineOptions = {}): UnoLine {
  let baudRateBps = options.baudRateBps ?? DEFAULT_BAUD_RATE_BPS
  let isPlugged = true
  let takers = 0
  let current: { readonly end: (reason: string) => void } | undefined

  const openNow = (handlers: LineHandlers): SerialLine => {
    const reason = !isPlugged ? 'missing' : takers > 0 || current !== undefined ? 'taken' : undefined
    if (reason !== undefined) {
      throw new FieldproofError('port-unavailable', `the emulated port is ${reason}`, { facts: { reason } })
    }
    uno.setBaudRate(baudRateBps)
    if (options.dtr !== false) uno.dtr()
    const session = connect(
      uno,
      handlers,
      () => baudRateBps,
      () => {
        current = undefined
      },
    )
    current = session
    return session.line
  }
  return {
    open: async (handlers) => openNow(handlers),
    step: uno.run,
    unplug: () => {
      isPlugged = false
      current?.end('unplugged')
      uno.unsend()
      if (options.power !== 'own') uno.powerOff()
    },
    plug: () => {
      isPlugged = true
      uno.powerOn()
    },
    take: () => {
      takers++
      let isTaken = true
      return () => {
        if (isTaken) takers--
        isTaken = false
      }
    },
    setBaudRate: (bps) => {
      uno.setBaudRate(bps)
      baudRateBps = bps
    },
  }
}

interface Session {
  readonly line: SerialLine
  readonly end: (reason: string) => void
}

/** One opening of the port, until it ends. */
function connect(uno: Uno, handlers: LineHandlers, rateBps: () => number, onEnd: () => void): Session {
  let isOpen = true
  let heard: number[] = []
  let freeMs = 0
  const unwritten = new Set<(error: FieldproofError) => void>()

  const flush = (): void => {
    const bytes = Uint8Array.from(heard)
    heard = []
    if (isOpen) handlers.onData(bytes)
  }
  const stopHearing = uno.onSerial(({ byte }) => {
    if (heard.push(byte) === 1) uno.at(uno.nowMs() + LATENCY_MS, flush)
  })
  const end = (reason: string): void => {
    if (!isOpen) return
    isOpen = false
    stopHearing()
    onEnd()
    for (const fail of unwritten) fail(disconnected(reason))
    unwritten.clear()
    handlers.onClose(reason)
  }
  const write = (bytes: Uint8Array): Promise<void> => {
    if (!isOpen) return Promise.reject(disconnected('the line is closed'))
    uno.send(bytes)
    freeMs = Math.max(freeMs, uno.nowMs()) + (bytes.length * BITS_PER_BYTE * 1000) / rateBps()
    return new Promise((resolve, reject) => {
      unwritten.add(reject)
      uno.at(freeMs, () => {
        if (unwritten.delete(reject)) resolve()
      })
    })
  }
  return { line: { write, close: async () => end('closed') }, end }
}

function disconnected(reason: string): FieldproofError {
  return new FieldproofError('board-disconnected', `no board any more: ${reason}`, { facts: { reason } })
}
