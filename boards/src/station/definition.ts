/**
 * A station as data: what is wired where, what is measured, which rows are signed. The wiring diagram, the stream definitions, the
 * column of quality flags and the list of `fieldproof sensors` all come from it, so they cannot disagree.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Ruleset } from '@fieldproof/sdk/quality'
import type { SensorDriver } from '../board/ports.ts'
import { PIN_NAMES, type PinName } from './pins.ts'

/** One wire of a part. */
export interface Wire {
  /** Terminal of the part, as it is printed on it: `SDA`. */
  readonly terminal: string
  readonly pin: PinName
  /** A resistor from here to a supply, beside the wire. */
  readonly pull?: { readonly ohms: number; readonly to: '5V' | '3V3' | 'GND' }
}

/** Something that is bought and wired. */
export interface Part {
  /** As a shop calls it. */
  readonly title: string
  readonly wires: readonly Wire[]
  /** What goes wrong most often, one sentence each. */
  readonly notes?: readonly string[]
}

/** What a sensor measures. */
export interface Quantity {
  /** SenML unit; empty for none. */
  readonly unit: string
  /** Digits kept after the decimal point. */
  readonly decimals: number
}

/** A sensor of a station. */
export interface SensorDefinition<Name extends string = string> {
  readonly part: Part
  readonly quantities: Readonly<Record<Name, Quantity>>
  readonly driver: SensorDriver<Name>
}

/** What a derived value may be computed from. */
export interface DeriveInput {
  /** Wall clock of the row, ms. */
  readonly time: number
  /** Board connection of the row: state from another one must not be gone on with unless it is provably continuous. */
  readonly epoch: number
  /** Columns to the left, in real units. */
  readonly values: Readonly<Record<string, number | null>>
}

/** A column: read from a sensor, or computed from columns to its left. */
export type ColumnSource =
  | { readonly sensor: string; readonly quantity: string }
  | (Quantity & {
      /** May keep state of its own; called once a row, in order, also when columns are null. */
      readonly derive: (input: DeriveInput) => number | null
    })

/** A stream of a station. */
export interface StreamDefinitionOfStation {
  /** One row this often, in ms. */
  readonly everyMs: number
  /** Sensors that have `sample` are sampled this often in between; divides {@link everyMs}. */
  readonly sampleMs?: number
  /** In the order of the columns. At most 13: flags, epoch and boot count follow. */
  readonly columns: Readonly<Record<string, ColumnSource>>
  /** Rules for the column of quality flags. */
  readonly quality?: Ruleset
  /** How the values come to be, in words; the quality rules are added as text. Both together have 1024 bytes. */
  readonly method: string
}

/** The valve or pump relay of a station, at the firmware's valve pin. */
export interface ValveDefinition {
  readonly part: Part
  /** Longest time that one command may keep it open, in ms; at most 3600000. */
  readonly maxMs: number
}

/** A station. */
export interface StationDefinition {
  /** kebab-case. */
  readonly name: string
  readonly title: string
  readonly board: 'uno'
  readonly sensors: Readonly<Record<string, SensorDefinition>>
  readonly valve?: ValveDefinition
  readonly streams: Readonly<Record<string, StreamDefinitionOfStation>>
}

const MAX_COLUMNS = 13
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const MAX_VALVE_MS = 3_600_000
/** Wires may share these. */
const SHARED: ReadonlySet<PinName> = new Set(['5V', '3V3', 'GND', 'A4', 'A5'])
const SERIAL_LINE: ReadonlySet<PinName> = new Set(['D0', 'D1'])
/** The firmware knows no other (BOARD-10). */
const VALVE_PIN: PinName = 'D7'

/**
 * A station, checked.
 * @throws FieldproofError `config-invalid` with every fault: an unknown sensor or quantity, a pin that is used twice, …
 */
export function defineStation(station: StationDefinition): StationDefinition {
  const faults = [
    ...stationFaults(station),
    ...wiringFaults(station),
    ...Object.entries(station.streams).flatMap(([name, stream]) => streamFaults(station, name, stream)),
  ]
  if (faults.length > 0) throw new FieldproofError('config-invalid', `station ${station.name}: ${faults.join('; ')}`)
  return Object.freeze(station)
}

function stationFaults({ name, valve, streams }: StationDefinition): string[] {
  const faults: string[] = []
  if (!NAME.test(name)) faults.push('name: want kebab-case')
  if (Object.keys(streams).length === 0) faults.push('streams: want at least one')
  if (valve !== undefined && !(Number.isInteger(valve.maxMs) && valve.maxMs >= 1 && valve.maxMs <= MAX_VALVE_MS)) {
    faults.push(`valve.maxMs: want 1 to ${MAX_VALVE_MS}`)
  }
  if (valve !== undefined && !valve.part.wires.some(({ pin }) => pin === VALVE_PIN))
    faults.push(`valve: want a wire to ${VALVE_PIN}`)
  return faults
}

/** Every part of a station with the name that it has there. */
export function partsOf({ sensors, valve }: StationDefinition): readonly (readonly [name: string, part: Part])[] {
  const parts = Object.entries(sensors).map(([name, { part }]) => [name, part] as const)
  return valve === undefined ? parts : [...parts, ['valve', valve.part] as const]
}

function wiringFaults(station: StationDefinition): string[] {
  const owners = new Map<PinName, string>()
  return partsOf(station).flatMap(([name, { wires }]) =>
    wires.flatMap(({ pin, terminal, pull }) => {
      const where = `${name}.${terminal}`
      if (!PIN_NAMES.includes(pin)) return [`${where}: no pin ${pin}`]
      if (SERIAL_LINE.has(pin)) return [`${where}: ${pin} is the line to this computer`]
      const owner = owners.get(pin)
      if (owner === undefined) owners.set(pin, name)
      return [
        ...(owner === undefined || SHARED.has(pin) ? [] : [`${where}: ${owner} already uses ${pin}`]),
        ...(pull === undefined || pull.ohms > 0 ? [] : [`${where}: want a resistor above 0 ohm`]),
      ]
    }),
  )
}

function streamFaults(station: StationDefinition, name: string, stream: StreamDefinitionOfStation): string[] {
  const { everyMs, sampleMs = everyMs, columns } = stream
  const faults: string[] = []
  if (!(Number.isInteger(everyMs) && everyMs >= 100)) faults.push('everyMs: want 100 or more')
  if (!(Number.isInteger(sampleMs) && sampleMs >= 100 && everyMs % sampleMs === 0)) {
    faults.push('sampleMs: want 100 or more, and a divisor of everyMs')
  }
  if (Object.keys(columns).length > MAX_COLUMNS) faults.push(`columns: at most ${MAX_COLUMNS}`)
  for (const [column, source] of Object.entries(columns)) {
    if (!('sensor' in source)) continue
    const quantities = station.sensors[source.sensor]?.quantities
    if (quantities === undefined) faults.push(`${column}: no sensor ${source.sensor}`)
    else if (!Object.hasOwn(quantities, source.quantity))
      faults.push(`${column}: ${source.sensor} has no ${source.quantity}`)
  }
  return faults.map((fault) => `${name}.${fault}`)
}
