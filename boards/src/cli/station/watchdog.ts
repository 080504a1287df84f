/**
 * Tells systemd how the station is: ready, at work, stopping. Called for every row that became durable, or that a full outbox refused: no
 * restart makes room, and each one resets the board.
 */
import type { Clock } from '@fieldproof/sdk/machine'
import type { Evidence } from './evidence.ts'
import type { Notifier } from './notify.ts'

const STATUS = {
  measuring: 'measuring',
  'without-board': 'works, with a fault: see its health rows',
} as const

/** See the file's head. */
export class Watchdog {
  readonly #evidence: Evidence
  readonly #notifier: Notifier
  readonly #clock: Clock
  #saidReady: keyof typeof STATUS | null = null
  #fedMs: number | null = null
  #isStopping = false

  constructor(evidence: Evidence, notifier: Notifier, clock: Clock) {
    this.#evidence = evidence
    this.#notifier = notifier
    this.#clock = clock
    // The unit cannot know the cadences of this station's settings: it is told here, again at each start. The first row may wait for its
    // flush longer than the unit lets a start take.
    const silenceUs = evidence.silenceMs * 1000
    if (notifier.isOn) void notifier.send(`EXTEND_TIMEOUT_USEC=${silenceUs}`)
    if (notifier.hasWatchdog) void notifier.send(`WATCHDOG_USEC=${silenceUs}`)
  }

  /** A row of a stream is durable, or was refused. */
  recorded(stream: string): void {
    const isAtWork = this.#evidence.recorded(stream)
    if (this.#isStopping || !this.#notifier.isOn) return
    const { ready } = this.#evidence
    if (ready !== null && ready !== this.#saidReady) {
      this.#saidReady = ready
      void this.#notifier.send('READY=1', `STATUS=${STATUS[ready]}`)
    }
    if (isAtWork && this.#notifier.hasWatchdog && this.#isDue()) {
      this.#fedMs = this.#clock.monotonicMs()
      void this.#notifier.send('WATCHDOG=1')
    }
  }

  /** The service is about to end. */
  async stopping(): Promise<void> {
    this.#isStopping = true
    await this.#notifier.send('STOPPING=1')
  }

  /** A program is started for each notice: not for every row. */
  #isDue(): boolean {
    return this.#fedMs === null || this.#clock.monotonicMs() - this.#fedMs >= this.#evidence.silenceMs / 6
  }
}
