/** D2, first half: rows -> tree -> statement -> the exact message that will be published. Nothing here is stored. */
import type { BootId, MachineId } from '../base/index.ts'
import { type Hash32, hash32, statementId } from '../base/index.ts'
import {
  type ClockQuality,
  encodeStatement,
  type Hash,
  KID_BYTES,
  SEALED_KEY_BYTES,
  SEED_BYTES,
  type Signer,
  type Statement,
  sealBody,
  sealedSeed,
  sealKey,
  statementToBeSigned,
  thumbprint,
} from '../crypto/index.ts'
import { batchRoot } from '../merkle/index.ts'
import {
  type Batch,
  type Beacon,
  columnsOf,
  encodeBatch,
  encodeCbor,
  type Row,
  type StreamDefinition,
} from '../wire/index.ts'
import type { Entropy, HistoryHead, StoredBatch } from './ports.ts'

/** What signs and hashes. */
export interface Hands {
  readonly signer: Signer
  readonly hash: Hash
  readonly entropy: Entropy
}

/** What is to be signed, and where it stands in the machine's history. */
export interface BatchPlan {
  readonly machine: MachineId
  readonly boot: BootId
  readonly head: HistoryHead | null
  readonly issuedAt: number
  readonly clockQuality: ClockQuality
  readonly beacon: Beacon | null
  readonly streamKey: string
  readonly definition: StreamDefinition
  readonly definitionHash: Hash32
  readonly recipients: readonly Uint8Array[]
  readonly rows: readonly Row[]
}

/** Signs one batch. */
export async function signBatch(plan: BatchPlan, hands: Hands): Promise<StoredBatch> {
  const { hash, signer } = hands
  const { seed, body } = coverRows(plan, hands)
  const statement: Statement = {
    alg: signer.alg,
    kid: thumbprint(signer, hash).slice(0, KID_BYTES),
    machine: plan.machine,
    issuedAt: plan.issuedAt,
    boot: plan.boot,
    sequence: (plan.head?.sequence ?? 0) + 1,
    leafCount: plan.rows.length + 1,
    prev: plan.head?.id ?? null,
    definitionHash: plan.definitionHash,
    clockQuality: plan.clockQuality,
    beacon: plan.beacon,
    sealed: body.kind === 'sealed' ? hash32(hash.sha256(body.body)) : null,
    root: batchRoot(hash, plan.definitionHash, seed, plan.rows),
  }
  const toBeSigned = statementToBeSigned(statement)
  const bytes = encodeStatement(statement, await signer.sign(toBeSigned))
  const message = encodeBatch({ ...body, statement: bytes })
  return {
    sequence: statement.sequence,
    id: statementId(hash.sha256(toBeSigned)),
    stream: plan.streamKey,
    rowCount: plan.rows.length,
    digest: hash32(hash.sha256(message)),
    message,
  }
}

/** The rows as they travel, open or sealed, without their statement. */
type Cover = Batch extends infer B ? (B extends Batch ? Omit<B, 'statement'> : never) : never

function coverRows(plan: BatchPlan, { entropy, hash }: Hands): { seed: Uint8Array; body: Cover } {
  const columns = columnsOf(plan.rows, plan.definition)
  if (plan.recipients.length === 0) {
    const seed = entropy(SEED_BYTES)
    return { seed, body: { kind: 'open', seed, columns } }
  }
  const key = entropy(SEALED_KEY_BYTES)
  const boxes = plan.recipients.map((recipient) => sealKey(key, recipient, entropy(SEALED_KEY_BYTES)))
  return { seed: sealedSeed(key, hash), body: { kind: 'sealed', body: sealBody(encodeCbor(columns), key), boxes } }
}
