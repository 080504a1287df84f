/** What a board's supervisor tells whoever runs it. Names are stable. */
import type { Code } from '@fieldproof/sdk/base'
import type { BoardIdentity, FirmwareName } from './ports.ts'

/** An event of a supervised board. */
export type BoardEvent =
  | {
      readonly event: 'board-up'
      readonly epoch: number
      readonly firmware: FirmwareName
      readonly identity: BoardIdentity | null
    }
  /** `board-down`: a session is over; `board-unreachable`: none came about. The next attempt comes in `retryMs`. */
  | {
      readonly event: 'board-down' | 'board-unreachable'
      readonly epoch: number
      readonly code: Code
      readonly detail: string
      readonly retryMs: number
    }

/** Receives events; must not throw. */
export type BoardListener = (event: BoardEvent) => void
