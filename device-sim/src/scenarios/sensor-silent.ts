/** The I2C sensor fails in every way that it has, one after the other. The rest of the station goes on. */
import type { Bme280Fault } from '../parts/index.ts'
import { calm, type Scenario } from './scenario.ts'

const WAYS: readonly (readonly [what: string, fault: Bme280Fault])[] = [
  ['the BME280 does not answer', 'absent'],
  ['the BME280 stops answering in the middle of a reading', { silentAfterBytes: 5 }],
  ['the BME280 holds the bus', 'holds'],
  ['the BME280 answers zeros', 'zeros'],
  ['the BME280 gives the same numbers for ever', 'frozen'],
]
const BROKEN_MS = 8_000
/** A sensor that could not be started is tried again every 5 s. */
const MENDED_MS = 9_000

/** See the file's head. */
export const sensorSilent: Scenario = {
  name: 'sensor-silent',
  summary:
    'The BME280 stops answering, falls silent within a reading, holds the bus, reads zeros, freezes; and comes back each time.',
  station: 'weather-station',
  play: async (lab, dice) => {
    for (const [what, fault] of WAYS) {
      await calm(lab, dice, MENDED_MS)
      lab.note(what)
      lab.bench.weather?.climate.fail(fault)
      await lab.pass(BROKEN_MS)
      lab.note('it is well again')
      lab.bench.weather?.climate.fail(undefined)
      lab.mended()
    }
    await calm(lab, dice, MENDED_MS)
  },
  expect: {
    faults: [
      { subject: 'air', code: 'sensor-silent' },
      { subject: 'air', code: 'sensor-invalid' },
    ],
    mayAlso: [{ subject: 'air', code: 'sensor-mismatch' }], // zeros are also another chip's id
    recoverMs: 9_000,
    recoverColumn: 'airTemperature',
    rows: 40,
    also: ({ rows }) => {
      const others = rows.filter(({ values }) => values['airTemperature'] === null && values['windDirection'] !== null)
      return others.length < WAYS.length * 3
        ? [`only ${others.length} rows of the other sensors while it was broken`]
        : []
    },
  },
}
