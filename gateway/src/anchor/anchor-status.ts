/** Where an anchor stands: any of its transactions may be the one that is mined. */
import { equalBytes, FieldproofError } from '@fieldproof/sdk/base'
import type { AnchorRecord, AnchorStore, AnchorTarget, PreparedAnchor, TransactionStatus } from './ports.ts'

/** A mined transaction and its block. */
export type Mined = NonNullable<AnchorRecord['mined']>

/** From least to most hope. */
const ORDER: readonly TransactionStatus['kind'][] = ['lost', 'reverted', 'pending']

/** The best that the chain says of any of the anchor's transactions. */
export async function statusOf(
  target: AnchorTarget,
  record: AnchorRecord,
): Promise<{ readonly status: TransactionStatus; readonly mined: Mined | null }> {
  let best: TransactionStatus = { kind: 'lost' }
  for (const { txHash } of record.transactions.toReversed()) {
    const status = await target.status(txHash)
    if (status.kind === 'included' || status.kind === 'final') {
      return { status, mined: { txHash, blockNumber: status.blockNumber, blockHash: status.blockHash } }
    }
    if (ORDER.indexOf(status.kind) > ORDER.indexOf(best.kind)) best = status
  }
  return { status: best, mined: null }
}

/** Whether the same transaction is in the same block. */
export function isSameBlock(a: AnchorRecord['mined'], b: Mined): boolean {
  return a !== null && equalBytes(a.txHash, b.txHash) && equalBytes(a.blockHash, b.blockHash)
}

/** The newest transaction, unless it was found on the chain and is not ours to send. */
export function sendable(record: AnchorRecord): PreparedAnchor | null {
  const newest = record.transactions.at(-1)
  return newest === undefined || newest.rawTransaction.length === 0 ? null : newest
}

/**
 * The newest final anchor when the chain no longer has its block; null when it has, or there is none.
 * @throws FieldproofError `rpc-failed` when the node has not come that far yet
 */
export async function undoneFinal(
  store: Pick<AnchorStore, 'newestFinalAnchor'>,
  target: Pick<AnchorTarget, 'blockHash'>,
): Promise<AnchorRecord | null> {
  const newest = await store.newestFinalAnchor()
  if (newest?.mined == null) return null
  const { blockNumber, blockHash } = newest.mined
  const canonical = await target.blockHash(blockNumber)
  if (canonical === null) {
    throw new FieldproofError('rpc-failed', `the node is behind: it has no block ${blockNumber} yet`, {
      facts: { blockNumber },
    })
  }
  return equalBytes(canonical, blockHash) ? null : newest
}
