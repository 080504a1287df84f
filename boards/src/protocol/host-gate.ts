/** The gate of a board's own side: bytes from the host, which may be anything, to whole messages (08-board, BOARD-3, BOARD-8). */
import { FIRMATA } from './firmata.ts'
import { createSplitter, type Dropped } from './splitter.ts'

/** Most bytes between f0 and f7 that a board takes (BOARD-8). */
export const MAX_REQUEST_BYTES = 96

/** What came from the host. */
export type HostMessage =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** A sysex of more than {@link MAX_REQUEST_BYTES}, which a board answers with `bad-length`, the sysex and its next byte. */
  | { readonly kind: 'too-long'; readonly sysex: number; readonly detail: number }

/** Takes the bytes that a board receives. */
export interface HostGate {
  /** The next bytes, in pieces of any size; calls `onMessage` for each message that they complete. */
  readonly take: (bytes: Uint8Array) => void
  /** Forgets a begun message, as a reset of the chip does. */
  readonly restart: () => void
  /** What has been thrown away since the gate was made. */
  readonly dropped: () => Dropped
}

/** Makes a gate that is between two messages. */
export function createHostGate(onMessage: (message: HostMessage) => void): HostGate {
  const splitter = createSplitter({
    dataBytesOf,
    maxSysexBytes: MAX_REQUEST_BYTES,
    onMessage: (bytes) => onMessage({ kind: 'message', bytes }),
    onTooLong: ([sysex = 0, detail = 0]) => onMessage({ kind: 'too-long', sysex, detail }),
  })
  return {
    take: (bytes) => {
      for (const byte of bytes) splitter.push(byte)
    },
    restart: splitter.restart,
    dropped: splitter.dropped,
  }
}

function dataBytesOf(status: number): number | undefined {
  switch (status) {
    case FIRMATA.version:
    case FIRMATA.reset:
      return 0
    case FIRMATA.pinMode:
    case FIRMATA.pinLevel:
      return 2
  }
  switch (status & 0xf0) {
    case FIRMATA.analog:
    case FIRMATA.digital:
      return 2
    case FIRMATA.reportAnalog:
    case FIRMATA.reportDigital:
      return 1
    default:
      return undefined
  }
}
