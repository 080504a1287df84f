/**
 * D1: rows on their way into the outbox. With `flushMs` they are written together, because every write wears the card;
 * what has not been written is what a power cut may lose.
 */
import { errorLine, FieldproofError, fieldproofErrorOf } from '../base/index.ts'
import type { MachineListener } from './events.ts'
import type { Clock, Outbox } from './ports.ts'
import { Serial } from './serial.ts'

interface Waiting {
  readonly stream: string
  readonly streamKey: string
  readonly bytes: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Durable counter of rows that a full outbox turned away. */
export const DROPPED_ROWS = 'dropped-rows'

/** Collects rows and writes them in order. */
export class Journal {
  readonly #outbox: Outbox
  readonly #clock: Clock
  readonly #flushMs: number
  readonly #emit: MachineListener
  readonly #writes = new Serial()
  #waiting: Waiting[] = []
  #cancelFlush: (() => void) | null = null

  constructor(outbox: Outbox, clock: Clock, flushMs: number, emit: MachineListener) {
    this.#outbox = outbox
    this.#clock = clock
    this.#flushMs = flushMs
    this.#emit = emit
  }

  /** Resolves when the row is durable. @throws FieldproofError `outbox-full` when it was not stored */
  append(stream: string, streamKey: string, bytes: Uint8Array): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ stream, streamKey, bytes, resolve, reject })
    })
    if (this.#flushMs === 0) void this.flush()
    else this.#cancelFlush ??= this.#clock.after(this.#flushMs, () => void this.flush())
    return done
  }

  /** Writes everything that waits; resolves when it is durable or refused. */
  flush(): Promise<void> {
    this.#cancelFlush?.()
    this.#cancelFlush = null
    return this.#writes.run(async () => {
      const rows = this.#waiting
      this.#waiting = []
      for (const run of runsOf(rows)) await this.#write(run)
    })
  }

  async #write(run: readonly Waiting[]): Promise<void> {
    const [first] = run
    if (first === undefined) return
    const { stream, streamKey } = first
    try {
      await this.#outbox.appendRows(
        streamKey,
        run.map((row) => row.bytes),
      )
    } catch (error) {
      await this.#refused(stream, run, error)
      return
    }
    for (const row of run) row.resolve()
    this.#emit({ event: 'rows-journalled', stream, rows: run.length })
  }

  /** A full outbox turns new rows away; the count is durable and the next `health` row signs it. */
  async #refused(stream: string, run: readonly Waiting[], error: unknown): Promise<void> {
    for (const row of run) row.reject(error)
    if (fieldproofErrorOf(error)?.code === 'outbox-full') {
      const totalDropped = await this.#outbox.count(DROPPED_ROWS, run.length).catch(() => Number.NaN)
      this.#emit({ event: 'rows-dropped', stream, rows: run.length, totalDropped })
      return
    }
    const code = error instanceof FieldproofError ? error.code : 'outbox-corrupt'
    this.#emit({ event: 'fault', code, detail: errorLine(error) })
  }
}

/** Neighbours of one stream, in order: each becomes one write. */
function runsOf(rows: readonly Waiting[]): Waiting[][] {
  const runs: Waiting[][] = []
  for (const row of rows) {
    const last = runs.at(-1)
    if (last?.[0]?.streamKey === row.streamKey) last.push(row)
    else runs.push([row])
  }
  return runs
}
