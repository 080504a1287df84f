export { type Backoff, backoffMs } from './backoff.ts'
export { type BackupContent, backupStation, restoreStation } from './backup.ts'
export {
  fetchGatewayInfo,
  type GatewayDifference,
  type GatewayInfo,
  gatewayDifferences,
  parseGatewayInfo,
} from './gateway-info.ts'
export { type HttpRpcOptions, httpRpc } from './json-rpc.ts'
export { createKeyFile, openKeyFile } from './key-file.ts'
export { type LibsqlOutboxOptions, openLibsqlOutbox } from './libsql-outbox.ts'
export { type MqttLinkOptions, type MqttTls, mqttLink } from './mqtt-link.ts'
export { noLink } from './no-link.ts'
export { type OpenMachineOptions, openMachine } from './open-machine.ts'
export { type BatchEvidence, type EvidenceOutbox, OUTBOX_DEFAULTS } from './outbox-evidence.ts'
export { type Station, type StationOptions, type StationStream, startStation } from './station.ts'
export type { ColumnOptions } from './station-columns.ts'
export {
  type InitResult,
  initLocalStation,
  initStation,
  pinnedGateway,
  type StationFiles,
  stationFiles,
} from './station-files.ts'
export { SYNCED_FOR_MS, type SystemClockOptions, systemClock, TIMESYNCD_MARKER } from './system-clock.ts'
export { systemEntropy } from './system-entropy.ts'
export { createWholeFile, errnoOf, fileError, replaceWholeFile } from './whole-file.ts'
