/**
 * Evidence that a station works, for systemd's watchdog: rows that became durable, or that a full outbox refused, and nothing else. No timer asks
 * here; a row does. So a process whose event loop turns and whose station stands still is ended, and a station whose sensor is broken and
 * says so is not.
 */
import type { Clock } from '@fieldproof/sdk/machine'
import type { StationDefinition } from '../../station/definition.ts'

/** A row may be late by so many of its cadences. */
const MISSED = 3
/** What no stream can do without. */
const BOARD_SUBJECTS = ['board', 'line'] as const
const HEALTH = 'health'
const MIN_SILENCE_MS = 60_000

/** Options of {@link Evidence}. */
export interface EvidenceOptions {
  readonly station: StationDefinition
  /** Cadence of the health stream, ms. */
  readonly healthMs: number
  readonly clock: Clock
  /** How long a row waits until it is durable, ms. */
  readonly flushMs: number
  /** What is wrong now, by subject. */
  readonly faults: () => ReadonlyMap<string, unknown>
}

/** Judges whether the station is at work. */
export class Evidence {
  readonly #options: EvidenceOptions
  readonly #lastMs = new Map<string, number>()
  readonly #startMs: number
  #firstRow = false

  constructor(options: EvidenceOptions) {
    this.#options = options
    this.#startMs = options.clock.monotonicMs()
  }

  /** How long there may be no evidence, in ms: what systemd is told to wait. */
  get silenceMs(): number {
    const { station, healthMs, flushMs } = this.#options
    const cadences = Object.values(station.streams).map(({ everyMs }) => everyMs)
    return Math.max(MIN_SILENCE_MS, MISSED * Math.max(healthMs, ...cadences) + 2 * flushMs)
  }

  /**
   * A row is durable.
   * @returns whether the station is at work: each stream has a row within three of its cadences, or a fault that stands explains why it has
   * none and its health has
   */
  recorded(stream: string): boolean {
    this.#lastMs.set(stream, this.#options.clock.monotonicMs())
    if (stream in this.#options.station.streams) this.#firstRow = true
    const { station, healthMs } = this.#options
    return Object.entries(station.streams).every(
      ([name, { everyMs }]) =>
        this.#isFresh(name, everyMs) || (this.#isExplained(name) && this.#isFresh(HEALTH, healthMs)),
    )
  }

  /** Why the station counts as ready: it measured, or it works without its board and has said so in its health; null for not yet. */
  get ready(): 'measuring' | 'without-board' | null {
    if (this.#firstRow) return 'measuring'
    return this.#lastMs.has(HEALTH) && this.#options.faults().size > 0 ? 'without-board' : null
  }

  #isFresh(stream: string, everyMs: number): boolean {
    const lastMs = this.#lastMs.get(stream) ?? this.#startMs
    return this.#options.clock.monotonicMs() - lastMs <= MISSED * everyMs + this.#options.flushMs
  }

  #isExplained(stream: string): boolean {
    const faults = this.#options.faults()
    if (BOARD_SUBJECTS.some((subject) => faults.has(subject))) return true
    const columns = Object.values(this.#options.station.streams[stream]?.columns ?? {})
    const sensors = columns.flatMap((source) => ('sensor' in source ? [source.sensor] : []))
    return sensors.length > 0 && sensors.every((sensor) => faults.has(sensor))
  }
}
