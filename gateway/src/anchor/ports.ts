/**
 * Anchoring needs two things from outside: a chain that takes log heads, and a store that remembers what was sent before
 * it was sent. Heads are cumulative, so a lost transaction is healed by the next one.
 */
import type { Hash32 } from '@fieldproof/sdk/base'

/** A log head to anchor. */
export interface Head {
  readonly size: number
  readonly root: Hash32
}

/** Where a transaction stands. `lost`: not pending, not mined; a reorg or a node that forgot it. */
export type TransactionStatus =
  | { readonly kind: 'pending' }
  | { readonly kind: 'included'; readonly blockNumber: number; readonly blockHash: Hash32 }
  | { readonly kind: 'final'; readonly blockNumber: number; readonly blockHash: Hash32 }
  | { readonly kind: 'reverted'; readonly blockNumber: number }
  | { readonly kind: 'lost' }

/** A signed transaction, ready to be sent. Stored before it is sent, so that a crash cannot send two. */
export interface PreparedAnchor {
  readonly head: Head
  readonly nonce: number
  readonly txHash: Hash32
  /** Raw signed transaction; public once sent. Empty for one that was found on the chain and is never sent from here. */
  readonly rawTransaction: Uint8Array
}

/** The transaction that gave the contract a head. */
export interface MinedHead {
  readonly nonce: number
  readonly txHash: Hash32
  readonly blockNumber: number
  readonly blockHash: Hash32
}

/** Whose entries some nodes prove. */
export interface EvidenceCover {
  /** Thumbprints of keys, in the order of their bytes. */
  readonly keys: readonly Hash32[]
  /** Numbers of machines whose home the log was once, 16 bytes each, in the order of their bytes. */
  readonly machines: readonly Uint8Array[]
}

/**
 * What a chain keeps of an anchor that may be gone later: stored at confirmation (A2). It is of the block that mined the
 * head, or of a later final block in which the contract still holds that head: the header says which.
 */
export interface AnchorEvidence extends EvidenceCover {
  /** RLP of the block header, whose keccak-256 is the block hash. */
  readonly header: Uint8Array
  /** Trie nodes under the header's state root, each once, in any order. */
  readonly nodes: readonly Uint8Array[]
  /** RLP of the headers of canonical blocks that statements name as beacons. */
  readonly beaconHeaders: readonly Uint8Array[]
}

/** What the statements under an anchor need besides its head. */
export interface EvidenceWanted {
  /** Thumbprints of keys. */
  readonly keys: readonly Hash32[]
  /** Machine numbers, 16 bytes each. */
  readonly machines: readonly Uint8Array[]
  /** Blocks that statements name; the word of a machine. */
  readonly beacons: readonly { readonly number: number; readonly hash: Hash32 }[]
}

/** A block, by number and hash: after a reorganisation another one has the number. */
export interface MinedBlock {
  readonly blockNumber: number
  readonly blockHash: Hash32
}

/** A chain that takes heads of one log. */
export interface AnchorTarget {
  readonly caip2: string
  /** MachineRegistry and AnchorLog addresses, 20 bytes each. */
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
  /** The head that the contract holds now. @throws FieldproofError `rpc-failed`, `contract-missing` */
  head(): Promise<Head>
  /** Signs the transaction that moves the contract's head from `from` to `to`; sends nothing. */
  prepare(from: Head, to: Head, consistency: readonly Uint8Array[], replaces?: PreparedAnchor): Promise<PreparedAnchor>
  /**
   * Sends a prepared transaction. Sending one twice is harmless.
   * @throws FieldproofError `transaction-failed` when it is refused or could not be mined, `rpc-failed`: it may be sent
   */
  send(prepared: PreparedAnchor): Promise<void>
  status(txHash: Hash32): Promise<TransactionStatus>
  /** The transaction that gave the contract the head that it holds now; null when that is another head, or none is found. */
  find(head: Head): Promise<MinedHead | null>
  /** Wei per gas that a transaction would pay now. */
  gasPrice(): Promise<bigint>
  /**
   * Header and state proofs of a head that was mined in that block, and of what is wanted as far as it is there: keys that
   * nobody enrolled and beacons that are not of this chain, or too old, are left out.
   * @throws FieldproofError `rpc-failed` when the node has forgotten, or has other blocks now; `rpc-invalid` when it says
   * what no state proves, or the contract got another head in that block
   */
  evidence(head: Head, minedIn: MinedBlock, wanted: EvidenceWanted): Promise<AnchorEvidence>
  /** Hash of the canonical block of a number, or null when the node has none. */
  blockHash(blockNumber: number): Promise<Hash32 | null>
  /** Newest finalised block. */
  finalised(): Promise<{
    readonly chainId: number
    readonly number: number
    readonly hash: Hash32
    readonly timestamp: number
  }>
}

/**
 * `intent`: stored, perhaps sent; `included`; `final`: cannot be undone, short of a chain that forgets its own blocks (a
 * development chain after a power cut), which makes it `lost`; `lost`: replaced by a later anchor.
 */
export type AnchorState = 'intent' | 'included' | 'final' | 'lost'

/** An anchor as the store keeps it. */
export interface AnchorRecord {
  /** Counts from 1. */
  readonly id: number
  readonly state: AnchorState
  readonly head: Head
  /** Every transaction that was ever sent for it, newest last. */
  readonly transactions: readonly PreparedAnchor[]
  /** The transaction that was mined, with its block. */
  readonly mined: { readonly txHash: Hash32; readonly blockNumber: number; readonly blockHash: Hash32 } | null
}

/** The part of the gateway's store that anchoring writes. Every method is durable when it resolves. */
export interface AnchorStore {
  /** A1: stores the intent with its first transaction. */
  putAnchorIntent(prepared: PreparedAnchor): Promise<AnchorRecord>
  /** Adds a replacement transaction, before it is sent. */
  addAnchorTransaction(id: number, prepared: PreparedAnchor): Promise<void>
  setAnchorState(id: number, state: AnchorState, mined: AnchorRecord['mined']): Promise<void>
  /** A2 */
  setAnchorEvidence(id: number, evidence: AnchorEvidence): Promise<void>
  /** Whose entries the evidence of an anchor shows, without the evidence; null as below. */
  anchorCover(id: number): Promise<EvidenceCover | null>
  /** What was stored for an anchor; null when there is none, or it is of an older form. */
  anchorEvidence(id: number): Promise<AnchorEvidence | null>
  /** Anchors in a state, oldest first. */
  anchorsIn(state: AnchorState): Promise<readonly AnchorRecord[]>
  /** The newest final anchor, or null. */
  newestFinalAnchor(): Promise<AnchorRecord | null>
  /** The oldest final anchor whose size is above `leafIndex`, or null. */
  finalAnchorCovering(leafIndex: number): Promise<AnchorRecord | null>
}
