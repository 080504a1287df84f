/**
 * The host's end of an Uno's serial line (its USB chip): sends to the board and hears it, at a rate of its own. Two UARTs of
 * one rate pass bytes whole; otherwise each gets what it makes of the other's waveform. A framing error does not keep a
 * byte from the host: a raw terminal passes it on, and so does Arduino's `Serial`.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { createOneWay, createSender, type Plan } from './serial.ts'
import { subscribe } from './subscribe.ts'
import { FRAME_BITS } from './uart.ts'

const DEFAULT_BAUD_RATE_BPS = 57_600
const MIN_BAUD_RATE_BPS = 50
const MAX_BAUD_RATE_BPS = 2_000_000

/** What the host's end is connected to. */
export interface HostEndOptions {
  readonly cpuHz: number
  readonly nowCycles: () => number
  readonly plan: Plan
  readonly baudRateBps?: number
  /** Bit of the board's receiver, or null while it is off. */
  readonly boardBitCycles: () => number | null
  /** The board gets a byte; false when it has lost it. */
  readonly receive: (byte: number, framed: boolean) => boolean
}

/** The host's end. */
export interface HostEnd {
  readonly send: (bytes: Uint8Array) => void
  /** Forgets what is not on the line yet. */
  readonly unsend: () => void
  /** @throws FieldproofError `out-of-range` for a rate outside 50 bit/s to 2 Mbit/s */
  readonly setBaudRate: (bps: number) => void
  readonly lostBytes: () => number
  /** The board begins to send a byte now. */
  readonly carry: (byte: number, bitCycles: number) => void
  /** The board's transmitter stops now: the line is high from here on. */
  readonly cut: () => void
  /** Hears every byte. */
  readonly onByte: (listener: (byte: number) => void) => () => void
}

/** A host's end of the line. */
export function createHostEnd(options: HostEndOptions): HostEnd {
  const { cpuHz, nowCycles, plan } = options
  const listeners = new Set<(byte: number) => void>()
  let bitCycles = bitOf(cpuHz, options.baudRateBps ?? DEFAULT_BAUD_RATE_BPS)
  let lost = 0
  let cutAt = Number.NEGATIVE_INFINITY

  const toBoard = createOneWay({
    nowCycles,
    plan,
    bitCycles: options.boardBitCycles,
    receive: (byte, framed) => {
      if (byte === null || !options.receive(byte, framed)) lost++
    },
  })
  const toHost = createOneWay({
    nowCycles,
    plan,
    bitCycles: () => bitCycles,
    receive: (byte, _, startAt) => {
      if (byte === null) return
      // Bits of this frame that were sent before the cut, its start bit included.
      const sentBits = cutAt <= startAt ? FRAME_BITS : Math.floor((cutAt - startAt) / bitCycles)
      if (sentBits === 0) return
      const heard = (byte | (0xff << (sentBits - 1))) & 0xff
      for (const listener of listeners) listener(heard)
    },
  })
  const sender = createSender(toBoard, () => bitCycles, nowCycles, plan)
  return {
    send: sender.send,
    unsend: sender.clear,
    setBaudRate: (bps) => {
      bitCycles = bitOf(cpuHz, bps)
    },
    lostBytes: () => lost,
    carry: (byte, bit) => toHost.carry(byte, nowCycles(), bit),
    cut: () => {
      cutAt = nowCycles()
    },
    onByte: (listener) => subscribe(listeners, listener),
  }
}

function bitOf(cpuHz: number, bps: number): number {
  if (!(bps >= MIN_BAUD_RATE_BPS && bps <= MAX_BAUD_RATE_BPS)) {
    throw new FieldproofError('out-of-range', `a serial line at ${bps} bit/s`, { facts: { bps } })
  }
  return cpuHz / bps
}
