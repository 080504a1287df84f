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
export type { LineHandlers, OpenLine, SerialLine } from './line/index.ts'
