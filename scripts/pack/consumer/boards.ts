/** A program of a maker: a sensor of its own in a station of its own, on an emulated board and on a real one. */
import {
  type BoardSession,
  defineStation,
  type RunningStation,
  runStation,
  type SensorDefinition,
  STATIONS,
  type StationDefinition,
  stationStreams,
} from '@fieldproof/boards'
import { dewPoint } from '@fieldproof/boards/derive'
import { bme280 } from '@fieldproof/boards/drivers'
import { type OpenLine, serialPortLine } from '@fieldproof/boards/line'
import { createFrameGate, encodeRequest } from '@fieldproof/boards/protocol'
import { type BoardPlace, boardContract } from '@fieldproof/boards/testing'
import { installVirtualTime } from '@fieldproof/device-sim/lab'
import { portOf, startUnoThread, unoLine } from '@fieldproof/device-sim/line'
import { createModelUno } from '@fieldproof/device-sim/model'
import { soilProbe } from '@fieldproof/device-sim/parts'
import { packFlags, rulesetText, rulesFor } from '@fieldproof/sdk/quality'
import { createVirtualClock } from '@fieldproof/sdk/testing'

const light: SensorDefinition<'raw'> = {
  part: { title: 'LDR', wires: [{ terminal: 'OUT', pin: 'A3' }] },
  quantities: { raw: { unit: '', decimals: 0 } },
  driver: {
    start: async (session: BoardSession) => ({ read: async () => ({ values: { raw: await session.analogRead(3) } }) }),
  },
}

export const station: StationDefinition = defineStation({
  name: 'porch',
  title: 'Porch',
  board: 'uno',
  sensors: { light, air: bme280({ address: 0x76, chip: 'BME280' }) },
  streams: {
    porch: {
      everyMs: 1000,
      columns: { light: { sensor: 'light', quantity: 'raw' }, air: { sensor: 'air', quantity: 'temperature' } },
      method: 'An LDR and a BME280.',
    },
  },
})

export function run(open: OpenLine): RunningStation {
  return runStation({ station, recorder: { record: async () => undefined }, open, clock: createVirtualClock() })
}

export const lines: readonly OpenLine[] = [unoLine(createModelUno()).open, serialPortLine('COM3')]
export const texts: readonly unknown[] = [
  stationStreams(station),
  Object.keys(STATIONS),
  dewPoint(20, 50),
  packFlags([1, 9]),
  rulesetText({ name: 'a', version: 1, maxGapMs: 1, columns: [rulesFor.airTemperature('air')], consistency: [] }),
  encodeRequest({ kind: 'check' }),
]
export const kinds: readonly string[] = [
  createFrameGate,
  boardContract,
  installVirtualTime,
  portOf,
  startUnoThread,
  soilProbe,
].map((used) => typeof used)

// @ts-expect-error the types are not lost on the way: a place has a clock
export const nowhere: BoardPlace = {}
