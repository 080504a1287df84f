/**
 * What a UART hears on a line of 8N1 whose bits may have another length than its own. It works as the receiver of an
 * ATmega328P (data sheet, "Asynchronous Data Reception"): a falling edge begins a frame, three samples around the middle of
 * each bit decide by majority, a start bit that is high was none, and a stop bit that is low is a framing error.
 * Times are in any one unit; apart because it is pure.
 */

/** A byte on the line: start bit low, 8 data bits the lowest first, stop bit high. The line is high between frames. */
export interface Frame {
  readonly byte: number
  /** Time of the start edge, not before the end of the frame before. */
  readonly startAt: number
  /** Length of a bit. */
  readonly bit: number
}

/** A byte that a receiver made of the line. */
export interface Heard {
  readonly byte: number
  /** False after a framing error: the stop bit was low. */
  readonly framed: boolean
  readonly startAt: number
  /** Time in the middle of the stop bit. */
  readonly at: number
}

/** A receiver; times that it is given never fall. */
export interface UartReceiver {
  /** The line carries a frame. What was heard until its end. */
  readonly hear: (frame: Frame) => Heard[]
  /** The line stayed as it was until `at`. What was heard until then. */
  readonly wait: (at: number) => Heard[]
}

/** Bits of a frame, start and stop included. */
export const FRAME_BITS = 10
const DATA_BITS = 8
/** Where a bit is sampled: samples 8, 9 and 10 of 16. */
const SAMPLES: readonly number[] = [7.5 / 16, 8.5 / 16, 9.5 / 16]
const STOP = 9
const LAST_SAMPLE = STOP + 9.5 / 16

/** A receiver whose bits are `bit` long. */
export function createUartReceiver(bit: number): UartReceiver {
  let frames: Frame[] = []
  let lookFrom = Number.NEGATIVE_INFINITY
  let knownTo = Number.NEGATIVE_INFINITY

  const sample = (startAt: number, index: number): boolean => {
    const high = SAMPLES.filter((offset) => levelAt(frames, startAt + (index + offset) * bit))
    return high.length >= 2
  }
  const read = (): Heard[] => {
    const heard: Heard[] = []
    for (;;) {
      const startAt = nextFall(frames, lookFrom)
      if (startAt === Number.POSITIVE_INFINITY || startAt + LAST_SAMPLE * bit > knownTo) break
      if (sample(startAt, 0)) {
        lookFrom = startAt + bit
        continue
      }
      let byte = 0
      for (let i = 0; i < DATA_BITS; i++) if (sample(startAt, 1 + i)) byte |= 1 << i
      lookFrom = startAt + LAST_SAMPLE * bit
      heard.push({ byte, framed: sample(startAt, STOP), startAt, at: lookFrom })
    }
    frames = frames.filter((frame) => endOf(frame) > lookFrom)
    return heard
  }
  return {
    hear: (frame) => {
      frames.push(frame)
      knownTo = endOf(frame)
      return read()
    },
    wait: (at) => {
      knownTo = Math.max(knownTo, at)
      return read()
    },
  }
}

/** What a receiver at `receiverBps` hears of bytes that follow each other without a pause at `senderBps`. */
export function hearAt(bytes: Uint8Array, senderBps: number, receiverBps: number): Heard[] {
  const receiver = createUartReceiver(1 / receiverBps)
  const bit = 1 / senderBps
  const frames = Array.from(bytes, (byte, i): Frame => ({ byte, startAt: i * FRAME_BITS * bit, bit }))
  return [...frames.flatMap(receiver.hear), ...receiver.wait(Number.POSITIVE_INFINITY)]
}

/** Error between both rates that a receiver certainly takes; the last sample is off by half a bit at 4.6 %. */
export const RATE_TOLERANCE = 0.03

/** Whether a receiver certainly hears what a sender with bits of another length says. */
export function isSameRate(bit: number, otherBit: number): boolean {
  return Math.abs(bit / otherBit - 1) <= RATE_TOLERANCE
}

function endOf({ startAt, bit }: Frame): number {
  return startAt + FRAME_BITS * bit
}

function levelIn(byte: number, index: number): boolean {
  if (index === 0) return false
  return index > DATA_BITS || (byte & (1 << (index - 1))) !== 0
}

function levelAt(frames: readonly Frame[], at: number): boolean {
  const frame = frames.findLast(({ startAt }) => startAt <= at)
  return frame === undefined || at >= endOf(frame) || levelIn(frame.byte, Math.floor((at - frame.startAt) / frame.bit))
}

/** The first falling edge from a time on, or infinity. */
function nextFall(frames: readonly Frame[], from: number): number {
  for (const { byte, startAt, bit } of frames) {
    for (let index = 0; index < FRAME_BITS; index++) {
      const at = startAt + index * bit
      if (at >= from && !levelIn(byte, index) && (index === 0 || levelIn(byte, index - 1))) return at
    }
  }
  return Number.POSITIVE_INFINITY
}
