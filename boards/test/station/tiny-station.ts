/** The smallest station: one sensor of two quantities, one derived column, one rule. */
import { defineStation, type SensorDriver, type StationDefinition } from '../../src/index.ts'

/** A driver that measures nothing. */
export const NO_DRIVER: SensorDriver = { start: async () => ({ read: async () => ({ values: {} }) }) }

/** A station over this driver. */
export function tinyStation(driver: SensorDriver = NO_DRIVER): StationDefinition {
  return defineStation({
    name: 'tiny',
    title: 'Tiny station',
    board: 'uno',
    sensors: {
      air: {
        part: { title: 'Thermometer', wires: [{ terminal: 'OUT', pin: 'A0' }] },
        quantities: { temperature: { unit: 'Cel', decimals: 1 }, raw: { unit: '', decimals: 0 } },
        driver,
      },
    },
    streams: {
      air: {
        everyMs: 1000,
        columns: {
          airTemperature: { sensor: 'air', quantity: 'temperature' },
          raw: { sensor: 'air', quantity: 'raw' },
          doubled: {
            unit: 'Cel',
            decimals: 1,
            derive: ({ values: { airTemperature: t } }) => (t == null ? null : 2 * t),
          },
        },
        quality: {
          name: 'tiny',
          version: 1,
          maxGapMs: 5_000,
          columns: [
            {
              column: 'airTemperature',
              unit: 'Cel',
              range: { fail: [-40, 85] },
              step: { withinMs: 5_000, suspect: 3 },
            },
          ],
          consistency: [],
        },
        method: 'A test.',
      },
    },
  })
}
