export type { MachineEvent, MachineListener } from './events.ts'
export { Machine, startMachine } from './machine.ts'
export {
  DEFAULTS,
  type GatewayIdentity,
  type MachineOptions,
  type MachineTiming,
  type StreamOptions,
} from './options.ts'
export type {
  BatchState,
  Clock,
  Entropy,
  HistoryHead,
  Link,
  LinkHandlers,
  LinkOpening,
  Outbox,
  OutboxUsage,
  PendingRow,
  StoredBatch,
} from './ports.ts'
export { Serial } from './serial.ts'
export { type BatchPlan, type Hands, signBatch } from './sign-batch.ts'
export { decodeStoredRow, encodeStoredRow, type Reading, rowOf } from './stored-row.ts'
export { HEALTH } from './streams.ts'
