/** The module that was sold as a BME280 is a BMP280, which has no humidity. */
import { calm, type Scenario } from './scenario.ts'

/** See the file's head. */
export const bmp280: Scenario = {
  name: 'bmp280',
  summary: 'A BMP280 sold as BME280: refused by its chip id, no humidity is invented, everything else goes on.',
  station: 'weather-station',
  setup: { chipId: 0x58 },
  play: async (lab, dice) => {
    lab.note('a BMP280 is where a BME280 should be')
    await calm(lab, dice, 20_000)
  },
  expect: {
    faults: [{ subject: 'air', code: 'sensor-mismatch', ends: false }],
    recoverMs: null,
    rows: 9,
    also: ({ rows }) => {
      const weather = rows.filter(({ stream }) => stream === 'weather')
      return [
        ...(weather.some(({ values }) => values['relativeHumidity'] !== null) ? ['a humidity was signed'] : []),
        ...(weather.some(({ values }) => values['windDirection'] === null) ? ['the wind vane did not go on'] : []),
      ]
    },
  },
}
