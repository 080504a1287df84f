export type { BoardSceneData } from './station/board-scene.ts'
export { BOARD_SCENE, type EmulatedBoard, emulatedMethod, startEmulatedBoard } from './station/emulated-board.ts'
export { type ReplayStationOptions, replayWeather } from './station/replay-station.ts'
export { WEATHER, weatherStream } from './station/weather-stream.ts'
export {
  createPlot,
  createReplay,
  createSite,
  createStation,
  createWorld,
  type DailyRecord,
  loadSeattle,
  METHOD,
  methodText,
  NO_SENSOR_NOISE,
  type Plot,
  parseDaily,
  type Replay,
  type ReplayOptions,
  SATURATION,
  SENSOR_NOISE,
  type SensorNoise,
  type Site,
  type SoilWater,
  type WeatherSample,
  type WeatherSource,
  type World,
} from './world/index.ts'
