export {
  BOARD_DEFAULTS,
  type BoardTiming,
  type ConnectedBoard,
  type ConnectOptions,
  connectBoard,
} from './board/connect.ts'
export type { BoardEvent, BoardListener } from './board/events.ts'
export type { FirmataIo, FirmataTransport } from './board/firmata-io.ts'
export type { Board as JohnnyFiveBoard } from './board/johnny-five.ts'
export type {
  BoardIdentity,
  BoardSession,
  CounterReading,
  FirmwareName,
  Measurement,
  SensorDriver,
  StartedSensor,
  ValveReading,
} from './board/ports.ts'
export { type SupervisedBoard, type SupervisorOptions, superviseBoard } from './board/supervise.ts'
export {
  type ColumnSource,
  type DeriveInput,
  defineStation,
  type Part,
  partsOf,
  type Quantity,
  type SensorDefinition,
  type StationDefinition,
  type StreamDefinitionOfStation,
  type ValveDefinition,
  type Wire,
} from './station/definition.ts'
export type { FaultEvent, Recorder } from './station/faults.ts'
export { analogChannel, PIN_NAMES, type PinName, pinNumber } from './station/pins.ts'
export {
  type RunningStation,
  runStation,
  type StationEvent,
  type StationRunOptions,
  stationStreams,
} from './station/run-station.ts'
export type { ValveControl } from './station/valve-control.ts'
export {
  IRRIGATION_SETTINGS,
  type IrrigationSettings,
  irrigationStation,
  parseSettings,
  STATIONS,
  type StationProfile,
  stationProfile,
  WEATHER_SETTINGS,
  type WeatherSettings,
  weatherStation,
} from './stations/index.ts'
export { wiringSvg, wiringText } from './wiring/index.ts'
