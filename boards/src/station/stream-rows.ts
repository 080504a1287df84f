/** Rows of one stream: sensor values and derived ones, then what they are worth: quality flags, board connection, board boot. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { type Reading, rowOf } from '@fieldproof/sdk/machine'
import { createQualityControl, type Evaluation, type QualityControl, rulesetText } from '@fieldproof/sdk/quality'
import type { Column, StreamDefinition } from '@fieldproof/sdk/wire'
import type { ColumnSource, Quantity, StationDefinition, StreamDefinitionOfStation } from './definition.ts'

/** From which connection to which board a row is. */
export interface RowOrigin {
  /** Connection of this process. */
  readonly epoch: number
  /** Boot count of the board; null on foreign firmware. */
  readonly boots: number | null
}

/** What sensors gave, by sensor and quantity; a sensor that failed is not in it. */
export type SensorValues = ReadonlyMap<string, Readonly<Record<string, number | null>>>

/** A row that is ready to be recorded. */
export interface StationRow {
  readonly reading: Reading
  readonly quality: Evaluation | null
}

const MAX_METHOD_BYTES = 1024
const NAMES = { quality: 'quality', epoch: 'boardEpoch', boots: 'boardBoots' } as const

/** Makes the rows of one stream of a station, in order. */
export class StreamRows {
  /** What is signed with every batch. */
  readonly definition: StreamDefinition
  /** Sensors that its columns read. */
  readonly sensors: readonly string[]
  readonly #columns: readonly (readonly [name: string, source: ColumnSource])[]
  readonly #control: QualityControl | null

  /** @throws FieldproofError `config-invalid` for quality rules that do not fit, or a text that is too long */
  constructor(name: string, stream: StreamDefinitionOfStation, station: StationDefinition) {
    this.#columns = Object.entries(stream.columns)
    this.sensors = [...new Set(this.#columns.flatMap(([, source]) => ('sensor' in source ? [source.sensor] : [])))]
    this.definition = definitionOf(name, stream, station)
    this.#control = stream.quality === undefined ? null : createQualityControl(stream.quality, this.definition.columns)
  }

  /** The next row. Derived columns see those to their left, and keep their own state. */
  next(time: number, origin: RowOrigin, sensors: SensorValues): StationRow {
    const values: Record<string, number | null> = {}
    for (const [name, source] of this.#columns) {
      values[name] =
        'sensor' in source
          ? (sensors.get(source.sensor)?.[source.quantity] ?? null)
          : finite(source.derive({ time, epoch: origin.epoch, values }))
    }
    const reading: Reading = { ...values, [NAMES.epoch]: origin.epoch, [NAMES.boots]: origin.boots }
    if (this.#control === null) return { reading, quality: null }
    const row = rowOf(time, reading, this.definition)
    const quality = this.#control.evaluate({ time, epoch: origin.epoch, values: row.values })
    return { reading: { ...reading, [NAMES.quality]: quality.packed }, quality }
  }
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}

function definitionOf(name: string, stream: StreamDefinitionOfStation, station: StationDefinition): StreamDefinition {
  const measured = Object.entries(stream.columns).map(([column, source]) =>
    columnOf(column, quantityOf(source, station)),
  )
  const flags = stream.quality === undefined ? [] : [count(NAMES.quality)]
  const rules = stream.quality === undefined ? [] : [rulesetText(stream.quality)]
  const method = [stream.method, ...rules].join(' ')
  const sizeBytes = new TextEncoder().encode(method).length
  if (sizeBytes > MAX_METHOD_BYTES) {
    throw new FieldproofError(
      'config-invalid',
      `stream ${name}: method and rules have ${sizeBytes} bytes of ${MAX_METHOD_BYTES}`,
    )
  }
  return {
    name,
    columns: [...measured, ...flags, count(NAMES.epoch), count(NAMES.boots)],
    context: { cadenceMs: stream.everyMs, method },
  }
}

function quantityOf(source: ColumnSource, { sensors }: StationDefinition): Quantity {
  if (!('sensor' in source)) return source
  const quantity = sensors[source.sensor]?.quantities[source.quantity]
  if (quantity !== undefined) return quantity
  throw new FieldproofError('config-invalid', `no sensor ${source.sensor} with ${source.quantity}`)
}

function columnOf(name: string, { unit, decimals }: Quantity): Column {
  return { name, unit, exponent: decimals === 0 ? 0 : -decimals, type: 'int' }
}

function count(name: string): Column {
  return { name, unit: '', exponent: 0, type: 'int' }
}
