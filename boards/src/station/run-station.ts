/**
 * A station at work: a board that is kept connected, sensors that are read in time, rows that are recorded only when the board's own check
 * has shown that everything in them arrived as it was sent (BOARD-9). What fails is a row of health; what is old is no row at all.
 */
import { type Code, errorLine, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { type Clock, Serial } from '@fieldproof/sdk/machine'
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import type { BoardTiming } from '../board/connect.ts'
import type { BoardEvent } from '../board/events.ts'
import { patiently } from '../board/patience.ts'
import type { BoardSession } from '../board/ports.ts'
import { type SupervisedBoard, superviseBoard } from '../board/supervise.ts'
import type { OpenLine } from '../line/index.ts'
import type { StationDefinition } from './definition.ts'
import { type FaultEvent, Faults, type Recorder } from './faults.ts'
import { SessionSensors } from './sensors.ts'
import { type StationRow, StreamRows } from './stream-rows.ts'
import { ACTUATIONS, ValveControl } from './valve-control.ts'
import { whole } from './whole.ts'

/** What a running station tells. */
export type StationEvent =
  | BoardEvent
  | FaultEvent
  /** A row was measured and given to the recorder; `row-lost` follows if that does not take it. */
  | ({ readonly event: 'row'; readonly stream: string; readonly time: number; readonly epoch: number } & StationRow)
  /** The recorder did not take a row. */
  | { readonly event: 'row-lost'; readonly code: string; readonly detail: string }

/** Options of {@link runStation}. */
export interface StationRunOptions {
  readonly station: StationDefinition
  /** A machine that was started with {@link stationStreams}. */
  readonly recorder: Recorder
  readonly open: OpenLine
  readonly clock: Clock
  readonly timing?: Partial<BoardTiming>
  /** Firmware of somebody else is refused unless this is true: it has no check of the line, no counters and no valve. */
  readonly allowForeignFirmware?: boolean
  readonly onEvent?: (event: StationEvent) => void
}

/** A running station. */
export interface RunningStation {
  readonly board: SupervisedBoard
  readonly valve: ValveControl | null
  /** What is wrong now: code by subject. */
  readonly faults: Faults['standing']
  /** Monotonic ms of the last recorded row; null before the first. A watchdog looks at it. */
  readonly lastRowMs: number | null
  /** Closes the valve, ends the session and stops. Doing it again does nothing. */
  stop(): Promise<void>
}

/** Definitions of every stream that a station records, for the machine that signs them. @throws FieldproofError `config-invalid` */
export function stationStreams(station: StationDefinition): readonly StreamDefinition[] {
  const streams = Object.entries(station.streams).map(
    ([name, stream]) => new StreamRows(name, stream, station).definition,
  )
  return station.valve === undefined ? streams : [...streams, ACTUATIONS]
}

/** Starts a station; returns at once, and connects for as long as it runs. @throws FieldproofError `config-invalid` */
export function runStation(options: StationRunOptions): RunningStation {
  return new StationRun(options)
}

/** What a check comes to on a bad line; refused is one that the board has heard as something else. */
const LINE_FAULTS: ReadonlySet<Code> = new Set(['board-garbled', 'board-silent', 'board-refused', 'deadline-passed'])
/** How long the end may wait for the board to close the valve, in ms. */
const STOP_MS = 2_000

class StationRun implements RunningStation {
  readonly board: SupervisedBoard
  readonly valve: ValveControl | null
  lastRowMs: number | null = null
  readonly #options: StationRunOptions
  readonly #faults: Faults
  readonly #streams: readonly StreamRows[]
  readonly #turns = new Serial()
  readonly #cancels = new Set<() => void>()
  #stopping: Promise<void> | null = null

  constructor(options: StationRunOptions) {
    const { station, recorder, open, clock, timing } = options
    const onLost = (error: unknown): void => this.#lost(error)
    this.#options = options
    this.#faults = new Faults(recorder, clock, (event) => options.onEvent?.(event), onLost)
    this.#streams = Object.entries(station.streams).map(([name, stream]) => new StreamRows(name, stream, station))
    this.valve =
      station.valve === undefined
        ? null
        : new ValveControl(recorder, station.valve.maxMs, () => this.board.session, onLost)
    this.board = superviseBoard({
      open,
      clock,
      ...(timing && { timing }),
      onSession: (session) => this.#begin(session),
      onEvent: (event) => this.#onBoard(event),
    })
  }

  get faults(): Faults['standing'] {
    return this.#faults.standing
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#cancelTimers()
    await this.#within(STOP_MS, this.valve?.end())
    await this.board.stop()
    await this.#within(STOP_MS, this.#turns.idle())
  }

  /** Waits for work that may fail or hang, and for no longer than `ms`. */
  async #within(ms: number, work: Promise<void> = Promise.resolve()): Promise<void> {
    const late = (): FieldproofError => new FieldproofError('deadline-passed', `not within ${ms} ms`)
    await patiently(work, { limit: { clock: this.#options.clock, ms, late } }).catch(() => undefined)
  }

  async #begin(session: BoardSession): Promise<void> {
    const { station, clock, allowForeignFirmware = false } = this.#options
    if (session.identity === null && !allowForeignFirmware) throw foreign(session)
    if (session.identity !== null) await this.valve?.begin(session)
    session.signal.throwIfAborted()
    this.#faults.end('board', session.epoch) // not before: a board that is refused is not well
    const sensors = new SessionSensors(station, session, clock, this.#faults)
    for (const rows of this.#streams) this.#arm(rows, session, sensors)
    session.signal.addEventListener('abort', () => this.#cancelTimers(), { once: true })
  }

  /** Rows at multiples of `everyMs` since the session began, samples in between; one that is late is left out, never doubled. */
  #arm(rows: StreamRows, session: BoardSession, sensors: SessionSensors): void {
    const { station, clock } = this.#options
    const { everyMs, sampleMs = everyMs } = station.streams[rows.definition.name] ?? { everyMs: 1000 }
    const startMs = clock.monotonicMs()
    let ticks = 0
    let busyWith: 'row' | 'sample' | null = null
    let isRowDue = false
    const begin = (what: 'row' | 'sample'): void => {
      busyWith = what
      const work = what === 'row' ? () => this.#row(rows, session, sensors) : () => this.#sample(rows, session, sensors)
      void this.#turns
        .run(() => this.#safely(session, work))
        .finally(() => {
          busyWith = null
          if (!isRowDue) return
          isRowDue = false
          begin('row')
        })
    }
    const arm = (): void => {
      const cancel = clock.after(Math.max(0, startMs + ticks * sampleMs - clock.monotonicMs()), () => {
        this.#cancels.delete(cancel)
        const isRow = (ticks * sampleMs) % everyMs === 0
        ticks = Math.max(ticks + 1, Math.floor((clock.monotonicMs() - startMs) / sampleMs) + 1)
        if (!session.signal.aborted) arm()
        if (busyWith === null) begin(isRow ? 'row' : 'sample')
        else isRowDue ||= isRow && busyWith === 'sample' // samples that take long must not take every row's turn
      })
      this.#cancels.add(cancel)
    }
    arm()
  }

  async #row(rows: StreamRows, session: BoardSession, sensors: SessionSensors): Promise<void> {
    const { recorder, clock, onEvent } = this.#options
    const { given: measured, time } = await whole(session, clock, () => sensors.read(rows.sensors))
    for (const [name, { commit, fault }] of measured) {
      commit?.()
      if (fault === undefined) this.#faults.end(name, session.epoch)
      else this.#faults.begin(name, fault, session.epoch)
    }
    this.#faults.end('line', session.epoch)
    if (measured.size === 0) return
    const { epoch, identity } = session
    const values = new Map([...measured].map(([name, one]) => [name, one.values] as const))
    const row = rows.next(time, { epoch, boots: identity?.boots ?? null }, values)
    const stream = rows.definition.name
    // Not waited for: rows that are written together, half a minute later, must not hold up the next look at the sensors.
    recorder.record(stream, row.reading, time).then(
      () => {
        this.lastRowMs = clock.monotonicMs()
      },
      (error: unknown) => this.#lost(error),
    )
    onEvent?.({ event: 'row', stream, time, epoch, ...row })
  }

  async #sample(rows: StreamRows, session: BoardSession, sensors: SessionSensors): Promise<void> {
    const { clock } = this.#options
    const { given: commits } = await whole(session, clock, () => sensors.sample(rows.sensors))
    for (const commit of commits) commit()
  }

  /** A fault of the line is told; a session that is over says so itself; anything else costs a row. */
  async #safely(session: BoardSession, work: () => Promise<void>): Promise<void> {
    if (session.signal.aborted) return
    try {
      await work()
    } catch (error) {
      if (session.signal.aborted) return
      const fault = fieldproofErrorOf(error)
      if (fault !== undefined && LINE_FAULTS.has(fault.code)) this.#faults.begin('line', fault, session.epoch)
      else this.#lost(error)
    }
  }

  #onBoard(event: BoardEvent): void {
    this.#options.onEvent?.(event)
    if (event.event !== 'board-up' && this.#stopping === null)
      this.#faults.begin('board', { code: event.code, message: event.detail }, event.epoch)
  }

  #lost(error: unknown): void {
    this.#options.onEvent?.({
      event: 'row-lost',
      code: fieldproofErrorOf(error)?.code ?? 'row-invalid',
      detail: errorLine(error),
    })
  }

  #cancelTimers(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }
}

function foreign({ firmware }: BoardSession): FieldproofError {
  const { name, major, minor } = firmware
  return new FieldproofError(
    'board-firmware',
    `the board runs ${name} ${major}.${minor}: flash ours with: fieldproof flash`,
    {
      facts: { name },
    },
  )
}
