/** The texts that a log key signs of one head: the one that receipts share, the C2SP checkpoint, and that it is anchored. */
import { type Hash32, utf8 } from '@fieldproof/sdk/base'
import type { Hash } from '@fieldproof/sdk/crypto'
import { assembleNote, checkpointKeyId, encodeCheckpointBody } from '@fieldproof/sdk/merkle'
import { anchorToBeSigned, type LogIdentity, receiptToBeSigned } from '@fieldproof/sdk/verify'
import type { AnchorReference } from '@fieldproof/sdk/wire'
import type { LogSigner } from './log-signer.ts'
import type { CheckpointSignatures } from './store.ts'

/** Signs a head. The caller has committed itself to it before (G4). */
export function signHead(
  signer: LogSigner,
  log: LogIdentity,
  head: { size: number; root: Hash32 },
  hash: Hash,
): CheckpointSignatures {
  return {
    receipt: signer.sign(receiptToBeSigned(log, head.size, head.root, hash)),
    note: signer.sign(utf8(encodeCheckpointBody({ origin: log.origin, ...head }))),
  }
}

/** Signs that a head is anchored: machines drop their rows for it, so the anchor must be final. */
export function signAnchor(
  signer: LogSigner,
  log: LogIdentity,
  head: { size: number; root: Hash32 },
  anchor: AnchorReference,
): Uint8Array {
  return signer.sign(anchorToBeSigned(log.origin, head, anchor))
}

/** The signed note of a head (c2sp.org/tlog-checkpoint). */
export function checkpointNote(
  log: LogIdentity,
  head: { size: number; root: Hash32 },
  signature: Uint8Array,
  hash: Hash,
): string {
  const keyId = checkpointKeyId(log.origin, log.logKey, hash)
  return assembleNote(encodeCheckpointBody({ origin: log.origin, ...head }), [{ name: log.origin, keyId, signature }])
}
