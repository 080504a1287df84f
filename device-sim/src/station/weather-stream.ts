/** The stream of a simulated weather station, whose definition says that nothing in it was measured here. */
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import { methodText } from '../world/index.ts'

/** Name of the stream. */
export const WEATHER = 'weather'

/**
 * Definition of a station's weather stream.
 * @param cadenceMs wall-clock ms between two rows
 */
export function weatherStream(seed: number, station: string, cadenceMs: number): StreamDefinition {
  return {
    name: WEATHER,
    columns: [
      { name: 'airTemperature', unit: 'Cel', exponent: -2, type: 'int' },
      { name: 'windSpeed', unit: 'm/s', exponent: -2, type: 'int' },
      { name: 'rainRate', unit: 'mm/h', exponent: -2, type: 'int' },
      { name: 'rainToday', unit: 'mm', exponent: -2, type: 'int' },
      // The row's own time is when it was produced; this is the recorded instant that it replays.
      { name: 'recordedTime', unit: 's', exponent: 0, type: 'int' },
    ],
    context: { cadenceMs, method: methodText(seed, station) },
  }
}
