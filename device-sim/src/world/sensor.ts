/**
 * A station in a world: the same weather through one set of imperfect sensors. Each station has errors of its own that
 * stay (a thermometer that reads 0.2 Cel high) and errors that change with every reading, so stations side by side agree
 * but do not repeat each other. Noise is apart from the weather: a test can ask for either alone.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { bell, mix32, subkey } from './rng.ts'
import { toThousandths, type WeatherSample, type WeatherSource, type World } from './synthesis.ts'

/** Standard deviations of a station's errors. */
export interface SensorNoise {
  /** Constant error of the thermometer, Cel. */
  readonly temperatureOffsetCel: number
  /** Error of each temperature reading, Cel. */
  readonly temperatureCel: number
  /** Constant relative error of the anemometer. */
  readonly windGain: number
  /** Error of each wind reading, m/s; a reading below zero becomes zero. */
  readonly windMps: number
  /** Constant relative error of the rain gauge. It has no error of each reading, so the day's sum never falls. */
  readonly rainGain: number
}

/** What {@link createStation} uses unless told otherwise: ordinary instruments of a farm station. */
export const SENSOR_NOISE: SensorNoise = Object.freeze({
  temperatureOffsetCel: 0.15,
  temperatureCel: 0.05,
  windGain: 0.03,
  windMps: 0.1,
  rainGain: 0.02,
})

/** No error at all. */
export const NO_SENSOR_NOISE: SensorNoise = Object.freeze({
  temperatureOffsetCel: 0,
  temperatureCel: 0,
  windGain: 0,
  windMps: 0,
  rainGain: 0,
})

const STATION = /^[a-z0-9][a-z0-9._-]{0,63}$/

/**
 * A station of the given name. Same world, name and time: same reading.
 * @param station 1 to 64 characters `[a-z0-9][a-z0-9._-]*`
 * @throws FieldproofError `out-of-range` for another name or a standard deviation that is negative or not finite
 */
export function createStation(world: World, station: string, noise: SensorNoise = SENSOR_NOISE): WeatherSource {
  const key = subkey(subkey(mix32(world.seed), 'station'), expectStation(station))
  expectNoise(noise)
  const offsetCel = noise.temperatureOffsetCel * bell(key, 0)
  const windGain = Math.max(0, 1 + noise.windGain * bell(key, 1))
  const rainGain = Math.max(0, 1 + noise.rainGain * bell(key, 2))
  return {
    sample: (recordedMs): WeatherSample => {
      const weather = world.sample(recordedMs)
      const instant = subkey(key, recordedMs)
      return {
        airTemperature: toThousandths(weather.airTemperature + offsetCel + noise.temperatureCel * bell(instant, 0)),
        windSpeed: toThousandths(Math.max(0, weather.windSpeed * windGain + noise.windMps * bell(instant, 1))),
        rainRate: toThousandths(weather.rainRate * rainGain),
        rainToday: toThousandths(weather.rainToday * rainGain),
      }
    },
  }
}

/** @throws FieldproofError `out-of-range` unless `station` is a station's name */
export function expectStation(station: string): string {
  if (!STATION.test(station)) {
    throw new FieldproofError('out-of-range', 'a station name has 1 to 64 characters [a-z0-9][a-z0-9._-]*', {
      facts: { station },
    })
  }
  return station
}

function expectNoise(noise: SensorNoise): void {
  for (const [name, sd] of Object.entries(noise)) {
    if (!(sd >= 0 && sd < Number.POSITIVE_INFINITY)) {
      throw new FieldproofError('out-of-range', `standard deviation ${name} is ${sd}`, { facts: { name, sd } })
    }
  }
}
