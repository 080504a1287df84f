/** A station over a scripted board, and what it recorded. */
import { createVirtualClock, type VirtualClock } from '@fieldproof/sdk/testing'
import { tmp36 } from '../../src/drivers/index.ts'
import {
  defineStation,
  type RunningStation,
  runStation,
  type SensorDefinition,
  type SensorDriver,
  type StationDefinition,
  type StationEvent,
} from '../../src/index.ts'
import type { Recorder } from '../../src/station/faults.ts'
import { type StoppableClock, stoppable } from './host-clock.ts'
import { createScriptedBoard, type ScriptedBoard } from './scripted-board.ts'

/** What was recorded. */
export interface Row {
  readonly stream: string
  readonly time: number
  readonly reading: Readonly<Record<string, unknown>>
}

/** See the file's head. */
export interface Rig {
  readonly clock: VirtualClock
  readonly host: StoppableClock
  readonly board: ScriptedBoard
  readonly station: RunningStation
  readonly rows: readonly Row[]
  readonly events: readonly StationEvent[]
  /** Rows of the stream of measurements. */
  readonly measured: () => readonly Row[]
  /** Stops the station, and lets the time pass that this takes; false when it does not end. */
  readonly end: () => Promise<boolean>
}

/** A sensor of this driver, which has no wires. */
export function sensorOf<Name extends string>(driver: SensorDriver<Name>, names: readonly Name[]): SensorDefinition {
  const quantities = Object.fromEntries(names.map((name) => [name, { unit: '', decimals: 0 }]))
  return { part: { title: 'x', wires: [] }, quantities, driver: driver as SensorDriver }
}

/** A station of these sensors, one row a second; columns are `sensor_quantity`. */
export function stationOf(
  sensors: Readonly<Record<string, SensorDefinition>>,
  everyMs = 1_000,
  sampleMs = everyMs,
): StationDefinition {
  const columns = Object.entries(sensors).flatMap(([sensor, { quantities }]) =>
    Object.keys(quantities).map((quantity) => [`${sensor}_${quantity}`, { sensor, quantity }] as const),
  )
  return defineStation({
    name: 'attacked',
    title: 'Attacked',
    board: 'uno',
    sensors,
    valve: { part: { title: 'Valve', wires: [{ terminal: 'IN', pin: 'D7' }] }, maxMs: 3_600_000 },
    streams: { air: { everyMs, sampleMs, columns: Object.fromEntries(columns), method: 'A test.' } },
  })
}

/** A thermometer at A0: `air_raw` is what the converter said. */
export const THERMOMETER: Readonly<Record<string, SensorDefinition>> = { air: tmp36('A0') }

/** Options of {@link createRig}. */
export interface RigOptions {
  readonly sensors?: Readonly<Record<string, SensorDefinition>>
  readonly everyMs?: number
  readonly sampleMs?: number
  readonly name?: string
  readonly allowForeignFirmware?: boolean
  readonly record?: Recorder['record']
}

/** A station that has been started. */
export function createRig(options: RigOptions = {}): Rig {
  const { sensors = THERMOMETER, everyMs, sampleMs, name, allowForeignFirmware = false, record } = options
  const clock = createVirtualClock()
  const host = stoppable(clock)
  const board = createScriptedBoard(clock, name)
  board.analog[0] = 200
  const rows: Row[] = []
  const events: StationEvent[] = []
  const recorder: Recorder = {
    record:
      record ??
      (async (stream, reading, time = clock.now()) => {
        rows.push({ stream, time, reading })
      }),
  }
  const station = runStation({
    station: stationOf(sensors, everyMs, sampleMs),
    recorder,
    open: board.open,
    clock: host,
    allowForeignFirmware,
    onEvent: (event) => events.push(event),
  })
  return {
    ...{ clock, host, board, station, rows, events },
    measured: () => rows.filter(({ stream }) => stream === 'air'),
    end: () => isDone(station.stop(), clock),
  }
}

/** Whether a promise settles within half a minute of virtual time. */
export async function isDone(promise: Promise<unknown> | undefined, clock: VirtualClock): Promise<boolean> {
  let is = false
  const done = (): void => {
    is = true
  }
  promise?.then(done, done)
  await clock.advance(0)
  for (let i = 0; i < 300 && !is; i++) await clock.advance(100)
  return is
}
