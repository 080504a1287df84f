/**
 * The gateway's word that a head is anchored (schemas/spec/05-receipt.md). A receipt says nothing of the chain, and a
 * machine drops its rows for the anchor, so the log key signs that too: whoever merely carries messages cannot say it.
 */
import { FieldproofError, type Hash32 } from '../base/index.ts'
import type { Suite } from '../crypto/index.ts'
import { type AnchorReference, anchorItems, encodeCbor } from '../wire/index.ts'
import type { LogIdentity } from './receipt.ts'

const TYPE = 'fieldproof-anchor'
const VERSION = 1

/** A head of the log: what is anchored. */
export interface AnchoredHead {
  readonly size: number
  readonly root: Hash32
}

/** What the log key signs once for an anchor: all anchored messages at its size carry the same signature. */
export function anchorToBeSigned(origin: string, head: AnchoredHead, anchor: AnchorReference): Uint8Array {
  return encodeCbor([TYPE, VERSION, origin, head.size, head.root, anchorItems(anchor)])
}

/**
 * Checks that the log itself says that this head is anchored there.
 * @param head as a verified receipt gives it
 * @throws FieldproofError `bad-signature`
 */
export async function verifyAnchorWord(
  signature: Uint8Array,
  head: AnchoredHead,
  anchor: AnchorReference,
  log: LogIdentity,
  ed25519: Suite,
): Promise<void> {
  if (await ed25519.verify(log.logKey, anchorToBeSigned(log.origin, head, anchor), signature)) return
  throw new FieldproofError('bad-signature', `the log has not signed that size ${head.size} is anchored there`, {
    facts: { size: head.size },
  })
}
