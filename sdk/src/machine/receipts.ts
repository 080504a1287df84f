/**
 * What comes on the receipt topic. Nothing is deleted on anyone's word: a receipt is checked against the pinned log key and
 * the exact bytes that were published, and only a receipt at an anchored size lets the outbox drop a batch.
 */
import { CODES, codeOfNumber, errorLine, FieldproofError, fieldproofErrorOf, type StatementId } from '../base/index.ts'
import type { Hash, Suites } from '../crypto/index.ts'
import { caip2Of } from '../evm/index.ts'
import { verifyReceipt } from '../verify/index.ts'
import {
  type AnchorReference,
  decodeBatch,
  decodeReceiptMessage,
  encodeCbor,
  type ReceiptMessage,
} from '../wire/index.ts'
import type { MachineListener } from './events.ts'
import type { GatewayIdentity } from './options.ts'
import type { Outbox, StoredBatch } from './ports.ts'
import type { Sender } from './sender.ts'

/** What the receipt handler works with. */
export interface ReceiptContext {
  readonly outbox: Outbox
  readonly sender: Sender
  readonly gateway: GatewayIdentity
  readonly hash: Hash
  readonly suites: Suites
  readonly emit: MachineListener
  /** Publishes the birth message again: the gateway does not know the key or a stream. */
  readonly republishBirth: () => void
}

/** Handles one message; problems become events. */
export async function handleReceipt(payload: Uint8Array, context: ReceiptContext): Promise<void> {
  try {
    const message = decodeReceiptMessage(payload)
    if (message.kind === 'refused') await onRefused(message, context)
    else await onReceipt(message, context)
  } catch (error) {
    const code = fieldproofErrorOf(error)?.code ?? 'receipt-invalid'
    context.emit({ event: 'receipt-rejected', code, detail: errorLine(error) })
  }
}

type Given = Exclude<ReceiptMessage, { kind: 'refused' }>
type Refused = Extract<ReceiptMessage, { kind: 'refused' }>

async function onReceipt(message: Given, context: ReceiptContext): Promise<void> {
  const { outbox, sender, emit, gateway } = context
  const batch = await outbox.batch(message.id)
  if (batch === null) return // anchored and dropped already: the gateway may say it again
  const { size, index } = await checkReceipt(message.id, message.receipt, batch, context)
  const { sequence } = batch
  if (message.kind === 'logged') {
    if (batch.state === 'logged') return
    await outbox.markLogged(message.id, message.receipt)
    emit({ event: 'batch-logged', sequence, logIndex: index, logSize: size })
  } else {
    if (message.anchor.caip2 !== caip2Of(gateway.chainId)) {
      throw new FieldproofError(
        'receipt-invalid',
        `anchored on ${message.anchor.caip2}, want ${caip2Of(gateway.chainId)}`,
      )
    }
    await outbox.markAnchored(message.id, message.receipt, encodeAnchor(message.anchor))
    emit({ event: 'batch-anchored', sequence, logSize: size, blockNumber: message.anchor.blockNumber })
  }
  sender.settled(sequence)
}

async function checkReceipt(
  id: StatementId,
  receipt: Uint8Array,
  batch: StoredBatch,
  { gateway, hash, suites }: ReceiptContext,
): Promise<{ size: number; index: number }> {
  const ed25519 = suites(-19)
  if (ed25519 === undefined) throw new FieldproofError('receipt-invalid', 'no Ed25519 suite to check receipts with')
  const { statement } = decodeBatch(batch.message)
  return await verifyReceipt(receipt, statement, gateway, ed25519, hash).catch((cause: unknown) => {
    throw new FieldproofError('receipt-invalid', `for sequence ${batch.sequence}: ${errorLine(cause)}`, {
      cause,
      facts: { sequence: batch.sequence, idLength: id.length },
    })
  })
}

async function onRefused(message: Refused, { outbox, sender, emit, republishBirth }: ReceiptContext): Promise<void> {
  const batch = await outbox.batchByDigest(message.message)
  // A refusal is unsigned: it may park a batch for its owner, it never deletes one, and a receipted batch is out of its reach.
  if (batch === null || batch.state !== 'pending') return
  const code = codeOfNumber(message.number)
  const parked = code !== undefined && CODES[code][2] === 'final'
  if (parked) {
    await outbox.markParked(batch.id, message.code)
    sender.settled(batch.sequence)
  } else {
    if (code === 'unknown-key' || code === 'stream-unknown') republishBirth()
    sender.postpone(batch.sequence)
  }
  emit({ event: 'batch-refused', sequence: batch.sequence, code: message.code, detail: message.detail, parked })
}

function encodeAnchor(a: AnchorReference): Uint8Array {
  return encodeCbor([a.caip2, a.registry, a.logId, a.blockNumber, a.blockHash, a.txHash])
}
