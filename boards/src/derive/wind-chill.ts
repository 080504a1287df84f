/** Wind chill, from temperature and wind. */

/** Limits of the U.S. National Weather Service's wind chill: up to 50 °F and above 3 mph. */
const CHILL_MOST_F = 50
const CHILL_LEAST_MPH = 3
/** The international mile, in m. */
const MILE_M = 1609.344

/**
 * Wind chill of the U.S. National Weather Service (2001): 35.74 + 0.6215 T + (-35.75 + 0.4275 T) V^0.16 in °F and mph (weewx).
 * @param airCel air temperature, Cel
 * @param windMps mean wind, m/s
 * @returns Cel; the air temperature itself from 50 °F on and up to 3 mph, where the formula does not hold
 */
export function windChill(airCel: number, windMps: number): number | null {
  const airF = airCel * 1.8 + 32
  const mph = (windMps * 3600) / MILE_M
  if (!Number.isFinite(airF) || !(mph >= 0) || !Number.isFinite(mph)) return null
  if (airF >= CHILL_MOST_F || mph <= CHILL_LEAST_MPH) return airCel
  const chillF = 35.74 + 0.6215 * airF + (-35.75 + 0.4275 * airF) * mph ** 0.16
  return (chillF - 32) / 1.8
}
