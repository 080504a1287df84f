/** What a running station knows of itself, kept from its events: the page and the metrics show it, and nothing else keeps it. */
import type { Clock } from '@fieldproof/sdk/machine'
import { unpackFlags } from '@fieldproof/sdk/quality'
import type { Row, StreamDefinition } from '@fieldproof/sdk/wire'
import { decimal } from '../../local/index.ts'
import type { StationDefinition } from '../../station/definition.ts'
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
  readonly last = new Map<string, LastRow>()
  readonly faults = new Map<string, StandingFault>()
  board: { readonly isUp: boolean; readonly text: string } = { isUp: false, text: 'connecting' }
  isLinkUp = false
  newestSequence = 0
  newestLogged = 0
  newestAnchored = 0
  readonly samples = new Counter('sensor', 'quality')
  readonly sensorErrors = new Counter('sensor', 'reason')
  readonly flags = new Counter('column', 'flag')
  readonly reconnects = new Counter('reason')
  readonly dropped = new Counter('reason')
  readonly commands = new Counter('name', 'result')
  readonly signed = new Counter()
  readonly signedBytes = new Counter()
  readonly signedSizes = new Counter('le')
  readonly published = new Counter()
  readonly linkDowns = new Counter()
  readonly #station: StationDefinition
  readonly #clock: Clock

  constructor(station: StationDefinition, clock: Clock) {
    this.#station = station
    this.#clock = clock
    this.startedMs = clock.now()
  }

  /** A row is durable. */
  onRow({ name, columns }: StreamDefinition, { time, values }: Row): void {
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
    switch (event.event) {
      case 'row':
        return this.#onSamples(event)
      case 'fault-begins':
      case 'fault-goes-on':
        return this.#onFault(event)
      case 'fault-ends':
        return void this.faults.delete(event.subject)
      case 'board-up':
        this.board = { isUp: true, text: `${event.firmware.name} ${event.identity?.buildId ?? ''}`.trim() }
        return
      case 'board-down':
      case 'board-unreachable':
        this.reconnects.add(1, event.code)
        this.board = { isUp: false, text: event.detail }
        return
      case 'batch-signed':
        return this.#onSigned(event)
      case 'batch-published':
        return this.published.add(1)
      case 'batch-logged':
        this.newestLogged = Math.max(this.newestLogged, event.sequence)
        return
      case 'batch-anchored':
        this.newestAnchored = Math.max(this.newestAnchored, event.sequence)
        return
      case 'rows-dropped':
        return this.dropped.add(event.rows, 'outbox-full')
      case 'link-up':
        this.isLinkUp = true
        return
      case 'link-down':
        this.isLinkUp = false
        return this.linkDowns.add(1)
    }
  }

  #onSamples({ stream, reading, quality }: Extract<AnyEvent, { event: 'row' }>): void {
    const source = this.#station.streams[stream]
    if (source === undefined) return
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

  #onFault({ event, subject, code, detail }: Extract<AnyEvent, { event: 'fault-begins' | 'fault-goes-on' | 'fault-ends' }>): void {
    const sinceMs = this.faults.get(subject)?.sinceMs ?? this.#clock.now()
    this.faults.set(subject, { subject, code, detail, sinceMs })
    if (event === 'fault-begins' && subject in this.#station.sensors) this.sensorErrors.add(1, subject, code)
  }

  #onSigned({ sequence, sizeBytes }: Extract<AnyEvent, { event: 'batch-signed' }>): void {
    this.newestSequence = Math.max(this.newestSequence, sequence)
    this.signed.add(1)
    this.signedBytes.add(sizeBytes)
    for (const edge of SIZE_EDGES) if (sizeBytes <= edge) this.signedSizes.add(1, String(edge))
  }

  #onActuation(values: readonly LastValue[]): void {
    const text = (name: string): string => values.find((value) => value.name === name)?.text ?? ''
    if (text('command') !== '') this.commands.add(1, text('command'), text('outcome'))
  }
}

const QUALITY: Readonly<Record<number, string>> = { 1: 'pass', 2: 'not-evaluated', 3: 'suspect', 4: 'fail', 9: 'missing' }
