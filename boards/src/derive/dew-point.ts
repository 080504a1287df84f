/** Dew point, from temperature and humidity. */

/** Magnus coefficients of weewx (`dewpointC`), for water. */
const MAGNUS_A = 17.27
const MAGNUS_B_CEL = 237.7

/**
 * Dew point over water by the Magnus formula: g = 17.27 T / (237.7 + T) + ln(RH / 100), Td = 237.7 g / (17.27 - g) (weewx).
 * @param airCel air temperature, Cel
 * @param humidity relative, %RH
 * @returns Cel; null without a finite answer, as for a humidity of 0 or less
 */
export function dewPoint(airCel: number, humidity: number): number | null {
  if (!(humidity > 0) || !(airCel > -MAGNUS_B_CEL)) return null
  const gamma = (MAGNUS_A * airCel) / (MAGNUS_B_CEL + airCel) + Math.log(humidity / 100)
  const dew = (MAGNUS_B_CEL * gamma) / (MAGNUS_A - gamma)
  return Number.isFinite(dew) ? dew : null
}
