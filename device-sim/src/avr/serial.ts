/**
 * The two lines between a board and its host, in the board's cycles. Where both ends have the same rate, a byte arrives
 * whole when its time is over; where not, the receiving end makes of it what a UART makes of the waveform.
 */
import { createUartReceiver, FRAME_BITS, type Heard, isSameRate, type UartReceiver } from './uart.ts'

/** Runs something at a cycle, which is not past. */
export type Plan = (cycles: number, action: () => void) => void

/** One direction of the line. */
export interface OneWay {
  /** A frame with bits of `bit` cycles begins at the cycle `startAt`, now or before. */
  readonly carry: (byte: number, startAt: number, bit: number) => void
}

/** Receiving end of one direction. */
export interface Receiver {
  readonly nowCycles: () => number
  readonly plan: Plan
  /** Cycles of a bit as the receiver has it set, or null while it is off. */
  readonly bitCycles: () => number | null
  /** A byte that began at the cycle `startAt` was received, or lost (null). `framed` is false after a framing error. */
  readonly receive: (byte: number | null, framed: boolean, startAt: number) => void
}

/** Carries bytes to a receiver. */
export function createOneWay({ nowCycles, plan, bitCycles, receive }: Receiver): OneWay {
  let other: { readonly receiver: UartReceiver; readonly bit: number; until: number } | undefined

  const deliver = (heard: readonly Heard[]): void => {
    for (const { byte, framed, startAt, at } of heard) {
      plan(Math.max(Math.ceil(at), nowCycles()), () => receive(byte, framed, startAt))
    }
  }
  return {
    carry: (byte, startAt, bit) => {
      const endAt = startAt + Math.round(FRAME_BITS * bit)
      const own = bitCycles()
      if (own === null) {
        other = undefined
        receive(null, false, startAt)
        return
      }
      const isBusy = other !== undefined && other.bit === own && other.until > startAt
      if (!isBusy && isSameRate(bit, own)) {
        other = undefined
        plan(Math.max(endAt, nowCycles()), () => receive(byte, true, startAt))
        return
      }
      if (!isBusy) other = { receiver: createUartReceiver(own), bit: own, until: 0 }
      const current = other
      if (current === undefined) return
      // A frame that the receiver has begun may need the quiet line after the last one.
      const quietAt = endAt + Math.ceil(FRAME_BITS * own)
      current.until = quietAt
      deliver(current.receiver.hear({ byte, startAt, bit }))
      plan(Math.max(quietAt, nowCycles()), () => {
        if (current.until === quietAt) deliver(current.receiver.wait(quietAt))
      })
    },
  }
}

/** Sends bytes one after the other at a rate that may change. */
export interface Sender {
  readonly send: (bytes: Uint8Array) => void
  /** Forgets what is not on the line yet. */
  readonly clear: () => void
}

/** A sender on one direction; `bitCycles` is read when a byte begins. */
export function createSender(line: OneWay, bitCycles: () => number, now: () => number, plan: Plan): Sender {
  let waiting: number[] = []
  let freeAt = 0
  let isSending = false
  const next = (): void => {
    const byte = waiting.shift()
    isSending = byte !== undefined
    if (byte === undefined) return
    const bit = bitCycles()
    const startAt = Math.max(freeAt, now())
    freeAt = startAt + Math.round(FRAME_BITS * bit)
    line.carry(byte, startAt, bit)
    plan(freeAt, next)
  }
  return {
    send: (bytes) => {
      waiting.push(...bytes)
      if (isSending || waiting.length === 0) return
      isSending = true
      plan(now(), next)
    },
    clear: () => {
      waiting = []
    },
  }
}
