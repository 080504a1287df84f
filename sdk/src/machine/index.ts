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
