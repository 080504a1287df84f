export { expectAdvance } from './checkpoint-rule.ts'
export { checkpointNote, signHead } from './head-signing.ts'
export { Ledger, type LedgerOptions, openLedger, type Settled, type SignedHead } from './ledger.ts'
export { openLibsqlStore } from './libsql-store.ts'
export type { LogSigner } from './log-signer.ts'
export { MemoryStore } from './memory-store.ts'
export type {
  AppendOutcome,
  BatchQuery,
  CheckpointRow,
  CheckpointSignatures,
  Fork,
  HistoryLink,
  LeafId,
  LogEntry,
  MachineSummary,
  Refusal,
  Store,
  StoredKey,
  StoredLeaf,
} from './store.ts'
