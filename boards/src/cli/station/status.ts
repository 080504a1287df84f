/** What a running station knows of itself, kept from its events: the page and the metrics show it, and nothing else keeps it. */
import { type Clock, rowOf } from '@fieldproof/sdk/machine'
import { unpackFlags } from '@fieldproof/sdk/quality'
import type { Row, StreamDefinition } from '@fieldproof/sdk/wire'
import { decimal } from '../../local/index.ts'
import type { StationDefinition } from '../../station/definition.ts'
import { stationStreams } from '../../station/run-station.ts'
import { Counter } from './counter.ts'
import type { AnyEvent } from './station-process.ts'

/** A value of the newest row of a stream, as people read it. */
export interface LastValue {
  readonly name: string
  readonly text: string
  readonly unit: string
}

/** The newest row of a stream. */
export interface LastRow {
  readonly stream: string
  readonly timeMs: number
  /** On the monotonic clock. */
  readonly recordedMs: number
  readonly rows: number
  readonly values: readonly LastValue[]
}

/** A fault that stands. */
export interface StandingFault {
  readonly subject: string
  readonly code: string
  readonly detail: string
  readonly sinceMs: number
}

/** Upper edges of the sizes of batches, in bytes. */
export const SIZE_EDGES = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const

/** See the file's head. */
export class Status {
  readonly startedMs: number
  readonly last: Map<string, LastRow> = new Map()
  readonly faults: Map<string, StandingFault> = new Map()
  board: { readonly isUp: boolean; readonly text: string } = { isUp: false, text: 'connecting' }
  isLinkUp = false
  readonly samples: Counter = new Counter('sensor', 'quality')
  readonly sensorErrors: Counter = new Counter('sensor', 'reason')
  readonly flags: Counter = new Counter('column', 'flag')
  readonly reconnects: Counter = new Counter('reason')
  readonly dropped: Counter = new Counter('reason')
  readonly commands: Counter = new Counter('name', 'result')
  readonly signed: Counter = new Counter()
  readonly signedBytes: Counter = new Counter()
  readonly signedSizes: Counter = new Counter('le')
  readonly published: Counter = new Counter()
  readonly linkDowns: Counter = new Counter()
  readonly #station: StationDefinition
  readonly #clock: Clock
  readonly #definitions: ReadonlyMap<string, StreamDefinition>

  readonly #handlers: { readonly [E in AnyEvent['event']]?: (event: Extract<AnyEvent, { event: E }>) => void } = {
    row: (event) => this.#onSamples(event),
    'fault-begins': (event) => this.#onFault(event),
    'fault-goes-on': (event) => this.#onFault(event),
    'fault-ends': ({ subject }) => void this.faults.delete(subject),
    'board-up': ({ firmware, identity }) => {
      this.board = { isUp: true, text: `${firmware.name} ${identity?.buildId ?? ''}`.trim() }
    },
    'board-down': (event) => this.#onBoardLost(event),
    'board-unreachable': (event) => this.#onBoardLost(event),
    'batch-signed': (event) => this.#onSigned(event),
    'batch-published': () => this.published.add(1),
    'rows-dropped': ({ rows }) => this.dropped.add(rows, 'outbox-full'),
    'link-up': () => {
      this.isLinkUp = true
    },
    'link-down': () => {
      this.isLinkUp = false
      this.linkDowns.add(1)
    },
  }

  constructor(station: StationDefinition, clock: Clock) {
    this.#station = station
    this.#clock = clock
    this.startedMs = clock.now()
    this.#definitions = new Map(stationStreams(station).map((definition) => [definition.name, definition]))
  }

  /** A row is durable. Measured ones were shown when they were measured: they may have waited long for their flush. */
  onRow(definition: StreamDefinition, row: Row): void {
    if (!Object.hasOwn(this.#station.streams, definition.name)) this.#show(definition, row)
  }

  #show({ name, columns }: StreamDefinition, { time, values }: Row): void {
    const shown = columns.map(({ name: column, unit, exponent }, i): LastValue => {
      const value = values[i] ?? null
      const text = value === null ? '' : typeof value === 'number' ? decimal(value, exponent) : String(value)
      return { name: column, text, unit }
    })
    const rows = (this.last.get(name)?.rows ?? 0) + 1
    this.last.set(name, { stream: name, timeMs: time, recordedMs: this.#clock.monotonicMs(), rows, values: shown })
    if (name === 'actuations') this.#onActuation(shown)
  }

  /** Something happened. */
  onEvent(event: AnyEvent): void {
    const handle = this.#handlers[event.event] as ((event: AnyEvent) => void) | undefined
    handle?.(event)
  }

  #onSamples({ stream, time, reading, quality }: Extract<AnyEvent, { event: 'row' }>): void {
    const source = this.#station.streams[stream]
    const definition = this.#definitions.get(stream)
    if (source === undefined || definition === undefined) return
    this.#show(definition, rowOf(time, reading, definition))
    const rules = new Set(source.quality?.columns.map(({ column }) => column))
    const ruled = Object.keys(source.columns).filter((column) => rules.has(column)) // flags stand in the order of the columns
    const flags = quality === null ? [] : unpackFlags(quality.packed)
    const flagOf = new Map(ruled.map((column, i) => [column, flags[i] ?? 2]))
    for (const [column, flag] of flagOf) if (flag === 3 || flag === 4) this.flags.add(1, column, String(flag))
    const sensors = new Map<string, number>()
    for (const [column, from] of Object.entries(source.columns)) {
      if (!('sensor' in from) || reading[column] == null) continue
      sensors.set(from.sensor, Math.max(sensors.get(from.sensor) ?? 1, flagOf.get(column) ?? 2))
    }
    for (const [sensor, flag] of sensors) this.samples.add(1, sensor, QUALITY[flag] ?? 'not-evaluated')
  }

  #onFault({
    event,
    subject,
    code,
    detail,
  }: Extract<AnyEvent, { event: 'fault-begins' | 'fault-goes-on' | 'fault-ends' }>): void {
    const sinceMs = this.faults.get(subject)?.sinceMs ?? this.#clock.now()
    this.faults.set(subject, { subject, code, detail, sinceMs })
    if (event === 'fault-begins' && subject in this.#station.sensors) this.sensorErrors.add(1, subject, code)
  }

  #onBoardLost({ code, detail }: { readonly code: string; readonly detail: string }): void {
    this.reconnects.add(1, code)
    this.board = { isUp: false, text: detail }
  }

  #onSigned({ sizeBytes }: Extract<AnyEvent, { event: 'batch-signed' }>): void {
    this.signed.add(1)
    this.signedBytes.add(sizeBytes)
    for (const edge of SIZE_EDGES) if (sizeBytes <= edge) this.signedSizes.add(1, String(edge))
  }

  #onActuation(values: readonly LastValue[]): void {
    const text = (name: string): string => values.find((value) => value.name === name)?.text ?? ''
    if (text('command') !== '') this.commands.add(1, text('command'), text('outcome'))
  }
}

const QUALITY: Readonly<Record<number, string>> = {
  1: 'pass',
  2: 'not-evaluated',
  3: 'suspect',
  4: 'fail',
  9: 'missing',
}
