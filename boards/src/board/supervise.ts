/**
 * Keeps a board connected. Johnny-Five has no reconnect, and a half-dead connection is worse than none: every attempt builds line,
 * Firmata and session anew, under a new epoch, and whoever uses the board starts from the beginning on each.
 */
import type { FieldproofError } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import type { OpenLine } from '../line/index.ts'
import { type BoardTiming, type ConnectedBoard, connectBoard } from './connect.ts'
import type { BoardListener } from './events.ts'
import { coded, disconnected } from './failures.ts'
import { patiently } from './patience.ts'
import type { BoardSession } from './ports.ts'

/** Wait before the second attempt, in ms; doubles with each further one. */
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 30_000
/** A port that is not there costs nothing to look for, and its owner has just plugged it in. */
const MISSING_MAX_MS = 2_000
/** A session of this length was no accident: the next attempt waits the shortest time again. */
const STABLE_MS = 10_000

/** Options of {@link superviseBoard}. */
export interface SupervisorOptions {
  readonly open: OpenLine
  readonly clock: Clock
  readonly timing?: Partial<BoardTiming>
  /**
   * Told of every session, as soon as it is ready. When it rejects, the session is ended and the board connected anew.
   * @throws FieldproofError why this board cannot be used, e.g. `board-firmware`
   */
  readonly onSession: (session: BoardSession) => Promise<void>
  readonly onEvent?: BoardListener
}

/** A board that is being kept connected. */
export interface SupervisedBoard {
  /** The session of now; null while there is none. */
  readonly session: BoardSession | null
  /** Ends the session and stops connecting. Doing it again does nothing. */
  stop(): Promise<void>
}

/** Starts connecting; returns at once. */
export function superviseBoard(options: SupervisorOptions): SupervisedBoard {
  const supervisor = new Supervisor(options)
  const ended = supervisor.run()
  return {
    get session() {
      return supervisor.session
    },
    async stop() {
      supervisor.stop()
      await ended
    },
  }
}

class Supervisor {
  readonly #options: SupervisorOptions
  #epoch = 1
  #failures = 0
  #stopped = false
  #wake: () => void = () => undefined
  readonly #stop = new AbortController()
  session: BoardSession | null = null

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const { session, reason } = await this.#attempt()
      if (this.#stopped) return
      const maxMs = reason.facts['reason'] === 'missing' ? MISSING_MAX_MS : RETRY_MAX_MS
      const retryMs = Math.min(maxMs, RETRY_MIN_MS * 2 ** Math.min(this.#failures, 16))
      this.#failures++
      const { code, message: detail } = reason
      const event = session === null ? 'board-unreachable' : 'board-down'
      this.#options.onEvent?.({ event, epoch: this.#epoch, code, detail, retryMs })
      if (session !== null) this.#epoch++ // attempts that come to nothing are no connections
      await this.#sleep(retryMs)
    }
  }

  stop(): void {
    this.#stopped = true
    this.#wake()
    this.#stop.abort()
  }

  /** One connection from its first byte to its end, and why it ended; without a session when there never was one. */
  async #attempt(): Promise<{ readonly session: BoardSession | null; readonly reason: FieldproofError }> {
    const { open, clock, timing, onSession, onEvent } = this.#options
    let connected: ConnectedBoard
    try {
      const signal = this.#stop.signal
      connected = await connectBoard({ open, clock, epoch: this.#epoch, signal, ...(timing && { timing }) })
    } catch (error) {
      return { session: null, reason: reasonOf(error) }
    }
    const startedMs = clock.monotonicMs()
    const { session } = connected
    const { firmware, identity, epoch } = session
    onEvent?.({ event: 'board-up', epoch, firmware, identity })
    try {
      await patiently(onSession(session), { signal: session.signal })
      this.session = session
      await connected.ended
    } catch (error) {
      await connected.close(reasonOf(error))
    }
    this.session = null
    if (clock.monotonicMs() - startedMs >= STABLE_MS) this.#failures = 0
    return { session, reason: await connected.ended }
  }

  #sleep(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** Without a code it is a bug of the board's user: that ends the session, and never the supervisor. */
function reasonOf(error: unknown): FieldproofError {
  return coded(error, (detail) => disconnected(`its user failed without a code: ${detail}`))
}
