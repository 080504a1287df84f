/**
 * The gateway's durable state (architecture.md G2-G5, A1-A2). Every method is durable when its promise resolves, and all or
 * nothing. One process at a time: opening a second one fails with `store-locked`. The contract is a test suite that runs
 * on every implementation (test/ledger/store-contract.ts).
 */
import type { BootId, Code, Hash32, MachineId, StatementId, UnixMs } from '@fieldproof/sdk/base'
import type { AnchorStore } from '../anchor/ports.ts'

/**
 * How a statement sits in its machine's history: `first` has no predecessor; `linked` names one that is held; the
 * predecessor of `gap` is not held (yet: it may fill late); `branch` is a second successor of one predecessor.
 */
export type HistoryLink = 'first' | 'linked' | 'gap' | 'branch'

/** A statement that passed every check of bytes (G1), ready to be logged. */
export interface LogEntry {
  readonly machine: MachineId
  readonly boot: BootId
  readonly sequence: number
  readonly id: StatementId
  readonly prev: StatementId | null
  readonly definitionHash: Hash32
  /** Name of the stream. */
  readonly stream: string
  /** Thumbprint of the key that signed it. */
  readonly key: Hash32
  /** Exact bytes of the statement: the log's leaf. */
  readonly statement: Uint8Array
  /** Exact bytes of the batch message, the statement included. */
  readonly message: Uint8Array
  /** SHA-256(0x00 ‖ statement). */
  readonly leafHash: Hash32
  readonly rowCount: number
  /** Smallest and largest time of its rows; null when they are sealed. */
  readonly times: { readonly first: UnixMs; readonly last: UnixMs } | null
  readonly receivedAt: UnixMs
}

/** A logged statement. */
export interface StoredLeaf extends LogEntry {
  /** Index in the log, from 1: leaf 0 is the genesis. */
  readonly index: number
  readonly link: HistoryLink
}

/** What came of one entry. `index` is where the statement that is held stands; for a fork, the one that was first. */
export type AppendOutcome =
  | { readonly kind: 'logged'; readonly index: number; readonly link: HistoryLink }
  | { readonly kind: 'duplicate'; readonly index: number }
  | { readonly kind: 'fork'; readonly index: number }

/** A message that was refused, kept as evidence. */
export interface Refusal {
  readonly machine: MachineId
  /** SHA-256 of the message. */
  readonly digest: Hash32
  readonly code: Code
  readonly detail: string
  readonly message: Uint8Array
  readonly receivedAt: UnixMs
}

/** Two statements of one machine, boot and sequence: proof that its key signed two histories. */
export interface Fork {
  readonly machine: MachineId
  /** Index of the statement that was logged first. */
  readonly index: number
  /** The other one. */
  readonly id: StatementId
  readonly message: Uint8Array
  readonly receivedAt: UnixMs
}

/** A log head that this gateway committed itself to. */
export interface CheckpointRow {
  readonly size: number
  readonly root: Hash32
  /** Null between the commitment (G4) and the signing (G5). */
  readonly signatures: CheckpointSignatures | null
}

/** The log key's two signatures at one size, 64 bytes each. */
export interface CheckpointSignatures {
  /** Over `receiptToBeSigned`: serves every receipt at this size. */
  readonly receipt: Uint8Array
  /** Over the text of the C2SP checkpoint. */
  readonly note: Uint8Array
}

/** A machine's enrolled key. */
export interface StoredKey {
  readonly thumbprint: Hash32
  readonly machine: MachineId
  /** COSE_Key bytes. */
  readonly coseKey: Uint8Array
  /** The key is good for sequences below this; 0 means no end is set. */
  readonly retiredSequence: number
  readonly revoked: boolean
}

/** A machine as far as its history tells. */
export interface MachineSummary {
  readonly machine: MachineId
  /** Name and version that its birth message gave. */
  readonly software: string
  readonly batches: number
  readonly rows: number
  /** Highest sequence logged; 0 before the first. */
  readonly sequence: number
  readonly lastReceivedAt: UnixMs | null
  readonly branches: number
  readonly forks: number
}

/** A logged statement by its two names. */
export interface LeafId {
  readonly index: number
  readonly id: StatementId
}

/** Which batches to read. */
export interface BatchQuery {
  readonly machine: MachineId
  readonly stream: string
  /** Batches with a row at or after this time. */
  readonly from: UnixMs
  /** Only batches whose log index is below this. */
  readonly below: number
  readonly limit: number
  /** Newest first instead of oldest first. */
  readonly newestFirst: boolean
}

/** The gateway's store. */
export interface Store extends AnchorStore {
  /** Begins a log with leaf 0. @throws FieldproofError `key-exists` when there is a log already */
  create(genesis: Uint8Array, leafHash: Hash32): Promise<void>
  /** Leaf 0, or null when there is no log yet. */
  genesis(): Promise<Uint8Array | null>
  /**
   * G2, in one transaction: unique (machine, boot, sequence), history link, log index. Refusals are kept beside, the newest
   * of them. One outcome an entry, in order; later entries see the earlier ones.
   */
  append(entries: readonly LogEntry[], refusals: readonly Refusal[]): Promise<readonly AppendOutcome[]>
  /** Number of leaves, the genesis included; 0 when there is no log. */
  leafCount(): Promise<number>
  /** Bytes and hashes of leaves `from` to `to - 1`, the genesis included, as they are stored. */
  readLeaves(
    from: number,
    to: number,
  ): Promise<readonly { readonly bytes: Uint8Array; readonly leafHash: Uint8Array }[]>
  /** Statements `from` to `to - 1`, `from` at least 1. */
  leaves(from: number, to: number): Promise<readonly StoredLeaf[]>
  /** The statements of a machine with that sequence: more than one after a branch. */
  leavesAt(machine: MachineId, sequence: number): Promise<readonly StoredLeaf[]>
  /** The statement with the highest sequence, the newest of them; null before the first. */
  newestLeaf(machine: MachineId): Promise<StoredLeaf | null>
  /** Statements of a machine with an index from `from` to `to - 1`, oldest first, by index and id. */
  idsOf(machine: MachineId, from: number, to: number, limit: number): Promise<readonly LeafId[]>
  /** Batches by the time of their last row, oldest first, or newest first. */
  batches(query: BatchQuery): Promise<readonly StoredLeaf[]>
  /** Names of the streams that a machine has logged. */
  streams(machine: MachineId): Promise<readonly string[]>
  refusals(limit: number): Promise<readonly Refusal[]>
  forks(): Promise<readonly Fork[]>

  /** G4. @throws FieldproofError `head-conflict` unless the newest checkpoint is `expected` and `next` is larger */
  advanceCheckpoint(
    expected: { size: number; root: Hash32 } | null,
    next: { size: number; root: Hash32 },
  ): Promise<void>
  /** G5: what may be published from now on. */
  signCheckpoint(size: number, signatures: CheckpointSignatures): Promise<void>
  newestCheckpoint(): Promise<CheckpointRow | null>
  /** The smallest checkpoint that covers a leaf, or null. */
  checkpointCovering(index: number): Promise<CheckpointRow | null>

  /** Stores an enrolled key and what its machine's streams mean. */
  putBirth(key: StoredKey, definitions: ReadonlyMap<Hash32, Uint8Array>, software: string): Promise<void>
  /** Changes the state of a key that is held. */
  putKey(key: StoredKey): Promise<void>
  /** All keys: they fit in memory, as the tree does. */
  keys(): Promise<readonly StoredKey[]>
  definition(hash: Hash32): Promise<Uint8Array | null>
  machines(): Promise<readonly MachineSummary[]>
  /** Size of the newest anchor that a machine was told of; 0 before the first. */
  told(machine: MachineId): Promise<number>
  setTold(machines: readonly MachineId[], size: number): Promise<void>

  /** Housekeeping that must not delay an acknowledgement; called between groups. */
  tidy(): Promise<void>
  close(): Promise<void>
}

/** How many refusals are kept: the newest, within both limits. */
export const REFUSALS_KEPT: Readonly<{ count: number; sizeBytes: number }> = Object.freeze({
  count: 10_000,
  sizeBytes: 64 * 1024 * 1024,
})
