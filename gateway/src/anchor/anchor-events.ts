/** What anchoring looks at in the log, and what it tells. */
import type { FieldproofError, Hash32 } from '@fieldproof/sdk/base'
import type { EvidenceWanted, Head } from './ports.ts'

/** The log as the anchorer sees it: only heads that are committed (architecture.md G4). */
export interface LogHeads {
  current(): Head
  /** RFC 9162 consistency path, 1 <= oldSize <= newSize <= current size. */
  consistency(oldSize: number, newSize: number): readonly Uint8Array[]
  /** Root at a size from 1 to the current one. */
  rootAt(size: number): Hash32
  /**
   * Who signed the statements with an index from `from` to `to - 1`, and which blocks they name.
   * @param anchorBlock number of the block that anchored them
   */
  signersBetween(from: number, to: number, anchorBlock: number): Promise<EvidenceWanted>
}

/** What happened, said after it is durable. */
export type AnchorEvent =
  | {
      readonly kind: 'anchor-submitted'
      readonly id: number
      readonly head: Head
      readonly txHash: Hash32
      /** Whether it replaces an earlier transaction of the same anchor at a higher price. */
      readonly isReplacement: boolean
    }
  | {
      readonly kind: 'anchor-included' | 'anchor-final'
      readonly id: number
      readonly head: Head
      readonly txHash: Hash32
      readonly blockNumber: number
      readonly blockHash: Hash32
    }
  /** The block that mined it is no longer part of the chain. The same transaction is sent again. */
  | { readonly kind: 'anchor-reorg'; readonly id: number; readonly head: Head; readonly blockNumber: number }
  /** Something went wrong; it is tried again unless `isFatal`. `id` is null when no anchor is concerned. */
  | {
      readonly kind: 'anchor-failed'
      readonly id: number | null
      readonly error: FieldproofError
      readonly isFatal: boolean
    }
