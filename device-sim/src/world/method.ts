/**
 * What a stream of simulated readings says about itself, in its definition's context (key 5, "how values come to be"). It
 * is signed with every batch, so nobody can take a replay for a measurement.
 */
import { SEATTLE_SHA256 } from './daily.ts'
import { expectStation, SENSOR_NOISE, type SensorNoise } from './sensor.ts'
import { expectSeed } from './synthesis.ts'

/** The method and its version, at most 400 bytes. The version changes with any change that changes a value. */
export const METHOD: string =
  'Not measured here: fieldproof world 2 replays NOAA daily weather of Seattle 2012-2015 and synthesises finer values by ' +
  "seed: temperature by a monotone cubic through the day's minimum and maximum with eddies, rain in wet spells that sum to " +
  "the day's, wind around its mean with gusts, dew point near the minimum, pressure and direction by smooth noise, soil " +
  'water by buckets; then sensor noise.'

/**
 * {@link METHOD} with everything that is needed to compute the values again: seed, station, digest of the record, and the
 * standard deviations of the noise. At most 1024 bytes, the limit of context key 5.
 * @throws FieldproofError `out-of-range` for a seed or station name that {@link createStation} would refuse
 */
export function methodText(seed: number, station: string, noise: SensorNoise = SENSOR_NOISE): string {
  const sd = [
    `temperature offset ${noise.temperatureOffsetCel} Cel`,
    `temperature ${noise.temperatureCel} Cel`,
    `wind gain ${noise.windGain}`,
    `wind ${noise.windMps} m/s`,
    `rain gain ${noise.rainGain}`,
  ].join(', ')
  return `${METHOD} Seed ${expectSeed(seed)}; station ${expectStation(station)}; record SHA-256 ${SEATTLE_SHA256}; noise sd: ${sd}.`
}
