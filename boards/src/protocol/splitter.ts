/**
 * Cuts a stream of bytes into MIDI-like messages, as both ends of the line do (08-board, BOARD-3): a status byte ends whatever
 * was begun, a data byte outside a message is dropped, and neither hinders the next message. The bytes are anything.
 */

/** First byte of a sysex. */
export const SYSEX_START = 0xf0
/** Last byte of a sysex. */
export const SYSEX_END = 0xf7

/** What has been thrown away since the splitter was made. */
export interface Dropped {
  /** Bytes that are part of no message that was handed on. */
  readonly bytes: number
  /** Messages that were begun and then interrupted, too long, or empty. */
  readonly messages: number
}

/** What a splitter knows of one direction. */
export interface SplitterRules {
  /** Data bytes after this status byte, or undefined when it begins no message. Never asked about f0 and f7. */
  readonly dataBytesOf: (status: number) => number | undefined
  /** Most bytes between f0 and f7. */
  readonly maxSysexBytes: number
  /** A whole message, from its status byte to its end. The array is the receiver's. */
  readonly onMessage: (bytes: Uint8Array) => void
  /** A sysex has ended that was too long: its first two data bytes. */
  readonly onTooLong?: (head: Uint8Array) => void
}

/** Takes one byte after the other. */
export interface Splitter {
  readonly push: (byte: number) => void
  /** Drops what is begun. */
  readonly restart: () => void
  readonly dropped: () => Dropped
}

/** Makes a splitter that is between two messages. */
export function createSplitter(rules: SplitterRules): Splitter {
  let begun: number[] = []
  /** Bytes that the begun message has once it is whole; a sysex says so itself. */
  let wanted = 0
  let excess = 0
  let bytes = 0
  let messages = 0

  const drop = (): void => {
    if (begun.length > 0) messages++
    bytes += begun.length + excess
    begun = []
    excess = 0
  }
  const finish = (): void => {
    const message = Uint8Array.from(begun)
    begun = []
    rules.onMessage(message)
  }
  const begin = (status: number): void => {
    drop()
    const dataBytes = status === SYSEX_START ? Number.POSITIVE_INFINITY : rules.dataBytesOf(status)
    if (dataBytes === undefined) {
      bytes++
      return
    }
    begun.push(status)
    wanted = 1 + dataBytes
    if (begun.length === wanted) finish()
  }
  const endSysex = (): void => {
    if (begun[0] === SYSEX_START && begun.length > 1 && excess === 0) {
      begun.push(SYSEX_END)
      finish()
    } else {
      const head = Uint8Array.from(begun.slice(1, 3))
      const isTooLong = excess > 0
      drop()
      bytes++
      if (isTooLong) rules.onTooLong?.(head)
    }
  }
  const addData = (byte: number): void => {
    if (begun.length === 0) bytes++
    else if (begun.length > rules.maxSysexBytes) excess++
    else {
      begun.push(byte)
      if (begun.length === wanted) finish()
    }
  }
  return {
    push: (byte) => {
      if (byte === SYSEX_END) endSysex()
      else if (byte > 0x7f) begin(byte)
      else addData(byte)
    },
    restart: drop,
    dropped: () => ({ bytes, messages }),
  }
}
