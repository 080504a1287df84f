/** What every outbox of ours keeps besides the port. Apart from libsql, so that the fake does not load it. */
import type { StatementId } from '../base/index.ts'
import type { BatchState, Outbox } from '../machine/index.ts'

/** What became of a batch: its proof of delivery, or the refusal. */
export interface BatchEvidence {
  readonly sequence: number
  readonly state: BatchState | 'anchored'
  readonly receipt: Uint8Array | null
  readonly anchor: Uint8Array | null
  /** Code of the refusal of a parked batch. */
  readonly refusal: string | null
}

/** An {@link Outbox} that also shows the evidence it keeps. */
export interface EvidenceOutbox extends Outbox {
  /** Evidence of a statement; null when it is unknown or older than `maxReceipts` anchored ones. */
  evidence(id: StatementId): Promise<BatchEvidence | null>
}

/** Defaults of an outbox's bounds, the same for every implementation. */
export const OUTBOX_DEFAULTS: { readonly maxBytes: number; readonly maxReceipts: number } = {
  maxBytes: 256 * 1024 * 1024,
  maxReceipts: 100_000,
}
