/** Pressure at sea level. */

/** Absolute zero, Cel. */
const ZERO_KELVIN_CEL = -273.15
/** Gas constant of dry air over gravity: 287.05 / 9.80665 rounded as weewx (`sealevel_pressure_Metric`) has it, m/K. */
const METRES_PER_KELVIN = 29.263

/**
 * Station pressure reduced to sea level: p0 = p / exp(-z / (29.263 T)), T in K (weewx). It takes the air below the station to be as
 * warm as at the station, so it is for low places.
 * @param stationHpa pressure at the station, hPa
 * @param altitudeM of the barometer above mean sea level, m
 * @param airCel air temperature at the station, Cel
 * @returns hPa; null without a finite answer
 */
export function seaLevelPressure(stationHpa: number, altitudeM: number, airCel: number): number | null {
  const kelvin = airCel - ZERO_KELVIN_CEL
  if (!(stationHpa > 0) || !(kelvin > 0)) return null
  const seaLevel = stationHpa / Math.exp(-altitudeM / (kelvin * METRES_PER_KELVIN))
  return Number.isFinite(seaLevel) ? seaLevel : null
}
