/**
 * A serial line, as everything above it sees one: a real port, a pseudo-terminal, an emulated board. Callbacks and not an
 * EventEmitter: after `onClose` nothing is called any more, and a listener that nobody attached cannot end the process.
 */

/** What an open line tells. */
export interface LineHandlers {
  /** Bytes as they arrive, in order. Hostile until decoded. */
  readonly onData: (bytes: Uint8Array) => void
  /** The line is gone, once: unplugged, failed, or closed by us. */
  readonly onClose: (reason: string) => void
}

/** An open line. */
export interface SerialLine {
  /**
   * Sends bytes; resolves when the system has taken them, and perhaps not before the line is closed.
   * @throws FieldproofError `board-disconnected` when the line is closed, or goes away before that
   */
  write(bytes: Uint8Array): Promise<void>
  /** Closes the line; doing it again does nothing. Never throws. */
  close(): Promise<void>
}

/**
 * Opens the line, which resets an Arduino Uno (DTR). Each call is a new line with handlers of its own.
 * @throws FieldproofError `port-unavailable` with `facts.reason` `missing`, `taken`, `denied` or `failed`
 */
export type OpenLine = (handlers: LineHandlers) => Promise<SerialLine>
