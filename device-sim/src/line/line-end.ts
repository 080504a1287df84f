/** The board's side of a port, as ports and pseudo-terminals use it: an Uno in virtual time, or one in a thread of its own. */
import type { Uno } from '../avr/face.ts'

/** A board behind a USB chip. */
export interface LineEnd {
  readonly send: (bytes: Uint8Array) => void
  /** Forgets the bytes of `send` that are not on the line yet. */
  readonly unsend: () => void
  /** Hears what the board says, in chunks. Returns a function that ends it. */
  readonly onBytes: (listener: (bytes: Uint8Array) => void) => () => void
  /** The board's time, or one that goes as fast, ms. */
  readonly nowMs: () => number
  /** Does something `ms` later, in that time. */
  readonly after: (ms: number, action: () => void) => void
  readonly setBaudRate: (bps: number) => void
  /** What opening a port does to an Uno: resets it. */
  readonly dtr: () => void
  readonly powerOff: () => void
  readonly powerOn: () => void
}

/** A USB chip hands over what came in after this time at the latest, ms. */
const LATENCY_MS = 1

/** The board's side of an Uno that somebody runs in virtual time. */
export function virtualEnd(uno: Uno): LineEnd {
  const after = (ms: number, action: () => void): void => uno.at(uno.nowMs() + ms, action)
  return {
    send: uno.send,
    unsend: uno.unsend,
    onBytes: (listener) => {
      let heard: number[] = []
      let isOn = true
      const flush = (): void => {
        const bytes = Uint8Array.from(heard)
        heard = []
        if (isOn) listener(bytes)
      }
      const stop = uno.onSerial(({ byte }) => {
        if (heard.push(byte) === 1) after(LATENCY_MS, flush)
      })
      return () => {
        isOn = false
        stop()
      }
    },
    nowMs: uno.nowMs,
    after,
    setBaudRate: uno.setBaudRate,
    dtr: uno.dtr,
    powerOff: uno.powerOff,
    powerOn: uno.powerOn,
  }
}
