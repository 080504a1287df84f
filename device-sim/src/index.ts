export { type ReplayStationOptions, replayWeather } from './station/replay-station.ts'
export { WEATHER, weatherStream } from './station/weather-stream.ts'
export {
  createReplay,
  createStation,
  createWorld,
  type DailyRecord,
  loadSeattle,
  METHOD,
  methodText,
  NO_SENSOR_NOISE,
  parseDaily,
  type Replay,
  type ReplayOptions,
  SENSOR_NOISE,
  type SensorNoise,
  type WeatherSample,
  type WeatherSource,
  type World,
} from './world/index.ts'
