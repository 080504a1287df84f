/**
 * The serial port of an emulated board, as boards/src/line has one, with the hands of a scenario: pull the cable, plug it
 * back, let another program have the port.
 */
import type { LineHandlers, OpenLine, SerialLine } from '@fieldproof/boards/line'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Uno } from '../avr/face.ts'
import { type LineEnd, virtualEnd } from './line-end.ts'

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
export interface PulledLine {
  /** Opens the port. A write resolves when the board's line has carried it. */
  readonly open: OpenLine
  /** Pulls the cable: an open line is closed, and opening fails as `missing`. */
  readonly unplug: () => void
  readonly plug: () => void
  /** Another program has the port: opening fails as `taken` until the returned function is called. An open line keeps it. */
  readonly take: () => () => void
  /** Rate of the port from now on, bit/s, an open line's too. */
  readonly setBaudRate: (bps: number) => void
}

/** The port of an Uno in virtual time: nothing happens until somebody steps it, or runs the Uno. */
export interface UnoLine extends PulledLine {
  /** Runs the Uno for `ms` of virtual time. */
  readonly step: (ms: number) => void
}

const DEFAULT_BAUD_RATE_BPS = 57_600
const BITS_PER_BYTE = 10

/** The port of an Uno in virtual time. */
export function unoLine(uno: Uno, options: UnoLineOptions = {}): UnoLine {
  return { ...portOf(virtualEnd(uno), options), step: uno.run }
}

/** The port of a board, in whatever time it is. */
export function portOf(end: LineEnd, options: UnoLineOptions = {}): PulledLine {
  let baudRateBps = options.baudRateBps ?? DEFAULT_BAUD_RATE_BPS
  let isPlugged = true
  let takers = 0
  let current: Session | undefined

  const openNow = (handlers: LineHandlers): SerialLine => {
    const reason = !isPlugged ? 'missing' : takers > 0 || current !== undefined ? 'taken' : undefined
    if (reason !== undefined) {
      throw new FieldproofError('port-unavailable', `the emulated port is ${reason}`, { facts: { reason } })
    }
    end.setBaudRate(baudRateBps)
    if (options.dtr !== false) end.dtr()
    const session = connect(
      end,
      handlers,
      (bytes) => (bytes * BITS_PER_BYTE * 1000) / baudRateBps,
      () => {
        current = undefined
      },
    )
    current = session
    return session.line
  }
  return {
    open: async (handlers) => openNow(handlers),
    unplug: () => {
      isPlugged = false
      current?.end('unplugged')
      end.unsend()
      if (options.power !== 'own') end.powerOff()
    },
    plug: () => {
      isPlugged = true
      end.powerOn()
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
      end.setBaudRate(bps)
      baudRateBps = bps
    },
  }
}

interface Session {
  readonly line: SerialLine
  readonly end: (reason: string) => void
}

/** One opening of the port, until it ends. */
function connect(end: LineEnd, handlers: LineHandlers, msOf: (bytes: number) => number, onEnd: () => void): Session {
  let isOpen = true
  let freeMs = 0 // when the line has carried every write
  const unwritten = new Set<(error: FieldproofError) => void>()

  const stopHearing = end.onBytes(handlers.onData)
  const close = (reason: string): void => {
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
    end.send(bytes)
    const nowMs = end.nowMs()
    freeMs = Math.max(freeMs, nowMs) + msOf(bytes.length)
    return new Promise((resolve, reject) => {
      unwritten.add(reject)
      end.after(freeMs - nowMs, () => {
        if (unwritten.delete(reject)) resolve()
      })
    })
  }
  return { line: { write, close: async () => close('closed') }, end: close }
}

function disconnected(reason: string): FieldproofError {
  return new FieldproofError('board-disconnected', `no board any more: ${reason}`, { facts: { reason } })
}
