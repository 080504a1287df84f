/** Stations that are shipped. */
import { IRRIGATION_STATION } from './irrigation.ts'
import type { StationProfile } from './profile.ts'
import { WEATHER_STATION } from './weather.ts'

export { IRRIGATION_SETTINGS, type IrrigationSettings, irrigationStation } from './irrigation.ts'
export { parseSettings, type StationProfile, stationProfile } from './profile.ts'
export { WEATHER_SETTINGS, type WeatherSettings, weatherStation } from './weather.ts'

/** By name; what `fieldproof init` offers. */
export const STATIONS: Readonly<Record<string, StationProfile>> = Object.freeze(
  Object.fromEntries([WEATHER_STATION, IRRIGATION_STATION].map((profile) => [profile.name, profile])),
)
