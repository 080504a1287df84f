/**
 * The gate between the bytes of a serial line and everything that reads them: whole messages of the board and nothing else come
 * through, and each reply of feature 01 says whether every byte since the reply before has arrived as it was sent (08-board,
 * BOARD-3, BOARD-9). Firmata has no checksum of its own, so a report is as good as the next reply's check.
 */
import { CRC_START, crc16 } from './crc16.ts'
import { FEATURE_ID, FIRMATA } from './firmata.ts'
import { decodeNumber } from './groups.ts'
import { CHECK_GROUPS } from './replies.ts'
import { createSplitter, type Dropped, SYSEX_START } from './splitter.ts'

/**
 * `good`: what came since the reply before, this reply included, is what the board has sent. `bad`: it is not. `unknown`: there
 * was no reply before, and the host may have begun to listen in the middle.
 */
export type LineCheck = 'good' | 'bad' | 'unknown'

/** A whole message of the board, with status byte and, for a sysex, f7. Its data bytes are below 0x80; its meaning is not checked. */
export type BoardFrame =
  | { readonly kind: 'feature'; readonly bytes: Uint8Array; readonly check: LineCheck }
  | { readonly kind: 'firmata'; readonly bytes: Uint8Array }

/** Options of {@link createFrameGate}. */
export interface FrameGateOptions {
  /** Most bytes between f0 and f7; 2048, which holds the capabilities of any board that speaks Firmata. */
  readonly maxSysexBytes?: number
  /** Whether the first byte that comes is the first after a reset of the board: then its first reply can be checked too. */
  readonly fromReset?: boolean
}

/** Takes the bytes of a line. */
export interface FrameGate {
  /** The next bytes, in pieces of any size; calls `onFrame` for each message that they complete. */
  readonly take: (bytes: Uint8Array) => void
  /** Forgets a begun message and the check, as on another connection. */
  readonly restart: (fromReset?: boolean) => void
  /** What has been thrown away since the gate was made; a growing number is a bad line or another program's board. */
  readonly dropped: () => Dropped
}

/** Bytes of a check and of the f7 after it. */
const TAIL_BYTES: number = CHECK_GROUPS + 1

/** Makes a gate. What `onFrame` throws, `take` throws; the gate then goes on with the next call. */
export function createFrameGate(onFrame: (frame: BoardFrame) => void, options: FrameGateOptions = {}): FrameGate {
  /** Check over every byte since the last reply, and what it was before the last f0. */
  let crc = CRC_START
  let crcAtStart = CRC_START
  let isKnown = options.fromReset ?? false

  const splitter = createSplitter({
    dataBytesOf: (status) => ([0xe0, 0x90].includes(status & 0xf0) || status === FIRMATA.version ? 2 : undefined),
    maxSysexBytes: options.maxSysexBytes ?? 2048,
    onMessage: (bytes) => {
      if (bytes[0] !== SYSEX_START || bytes[1] !== FEATURE_ID) return onFrame({ kind: 'firmata', bytes })
      const check = !isKnown ? 'unknown' : hasCheck(bytes, crcAtStart) ? 'good' : 'bad'
      crc = CRC_START
      isKnown = true
      onFrame({ kind: 'feature', bytes, check })
    },
  })
  return {
    take: (bytes) => {
      for (const byte of bytes) {
        // A f0 begins a message wherever it stands, so a whole reply has no other byte between its first and its last.
        if (byte === SYSEX_START) crcAtStart = crc
        crc = crc16([byte], crc)
        splitter.push(byte)
      }
    },
    restart: (fromReset = false) => {
      splitter.restart()
      crc = CRC_START
      isKnown = fromReset
    },
    dropped: splitter.dropped,
  }
}

function hasCheck(bytes: Uint8Array, crcAtStart: number): boolean {
  if (bytes.length < 2 + TAIL_BYTES) return false
  return crc16(bytes.subarray(0, -TAIL_BYTES), crcAtStart) === decodeNumber(bytes.subarray(-TAIL_BYTES, -1))
}
