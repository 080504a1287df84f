/** The model's way to the host: bytes one after the other at the rate of the line, and the check over them (BOARD-9). */
import { CRC_START, crc16, encodeReply, NUMBER_MODULUS, type ReplyBody } from '@fieldproof/boards/protocol'
import { type BoardTime, CYCLES_PER_MS, millisOf } from './board-time.ts'

/** 57600 bit/s. */
export const BIT_CYCLES: number = (CYCLES_PER_MS * 1000) / 57_600
const BYTE_CYCLES = Math.round(10 * BIT_CYCLES)

/** Says things to the host. */
export interface Transmitter {
  readonly say: (bytes: Iterable<number>) => void
  /** A reply of feature 01, with its number, the time and the check. */
  readonly reply: (body: ReplyBody) => void
  /** Bytes that wait. */
  readonly backlog: () => number
}

/** A transmitter at its first byte. `carry` puts a byte on the line now. */
export function createTransmitter(
  time: BoardTime,
  carry: (byte: number, bitCycles: number) => void,
  onSent: () => void,
): Transmitter {
  let waiting: number[] = []
  let at = 0
  let isSending = false
  let crc = CRC_START
  let number = 0

  const next = (): void => {
    const byte = waiting[at++]
    if (byte === undefined) {
      waiting = []
      at = 0
      isSending = false
      return
    }
    carry(byte, BIT_CYCLES)
    time.plan(time.nowCycles() + BYTE_CYCLES, next)
    onSent()
  }
  const send = (bytes: Iterable<number>): void => {
    waiting.push(...bytes)
    if (isSending) return
    isSending = true
    next()
  }
  return {
    // Check and number are up to date before a byte is sent: that may have the board take another request at once.
    say: (bytes) => {
      crc = crc16(bytes, crc)
      send(bytes)
    },
    reply: (body) => {
      const bytes = encodeReply({ ...body, number, boardMs: millisOf(time) }, crc)
      crc = CRC_START
      number = (number + 1) % NUMBER_MODULUS
      send(bytes)
    },
    backlog: () => waiting.length - at,
  }
}
