/**
 * What comes on the receipt topic. Whoever carries messages can make nothing go: a receipt is checked against the pinned
 * log key and the exact bytes that were published, and only an anchor that the same key signed lets the outbox drop a batch.
 */
import { CODES, codeOfNumber, equalBytes, errorLine, FieldproofError, fieldproofErrorOf } from '../base/index.ts'
import type { Hash, Suite, Suites } from '../crypto/index.ts'
import { caip2Of } from '../evm/index.ts'
import { type AnchoredHead, verifyAnchorWord, verifyReceipt } from '../verify/index.ts'
import {
  type AnchorReference,
  anchorItems,
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
type Anchored = Extract<ReceiptMessage, { kind: 'anchored' }>
type Refused = Extract<ReceiptMessage, { kind: 'refused' }>

async function onReceipt(message: Given, context: ReceiptContext): Promise<void> {
  const { outbox, sender, emit } = context
  const batch = await outbox.batch(message.id)
  if (batch === null) return // anchored and dropped already: the gateway may say it again
  const { size, index, root } = await checkReceipt(message.receipt, batch, context)
  const { sequence } = batch
  if (message.kind === 'logged') {
    if (batch.state === 'logged') return
    await outbox.markLogged(message.id, message.receipt)
    emit({ event: 'batch-logged', sequence, logIndex: index, logSize: size })
  } else {
    await checkAnchor(message, { size, root }, context)
    // The signature is kept with the anchor: if it is not on the chain, they prove who said that it was.
    const evidence = encodeCbor([anchorItems(message.anchor), message.signature])
    await outbox.markAnchored(message.id, message.receipt, evidence)
    emit({ event: 'batch-anchored', sequence, logSize: size, blockNumber: message.anchor.blockNumber })
  }
  sender.settled(sequence)
}

/** RCPT-20: the anchor is where this machine looks for it, and the log itself says that the receipt's head is there. */
async function checkAnchor(message: Anchored, head: AnchoredHead, context: ReceiptContext): Promise<void> {
  expectPinnedAnchor(message.anchor, context.gateway)
  await verifyAnchorWord(message.signature, head, message.anchor, context.gateway, ed25519Of(context)).catch(
    (cause: unknown) => {
      throw new FieldproofError('receipt-invalid', errorLine(cause), { cause })
    },
  )
}

/** RCPT-20: an anchor elsewhere is none of this machine's. */
function expectPinnedAnchor({ caip2, registry, logId }: AnchorReference, gateway: GatewayIdentity): void {
  const want = caip2Of(gateway.chainId)
  if (caip2 === want && equalBytes(registry, gateway.registry) && equalBytes(logId, gateway.logId)) return
  throw new FieldproofError('receipt-invalid', `anchored on ${caip2} in another log than the pinned one on ${want}`)
}

async function checkReceipt(
  receipt: Uint8Array,
  batch: StoredBatch,
  context: ReceiptContext,
): Promise<AnchoredHead & { index: number }> {
  const { gateway, hash } = context
  const { statement } = decodeBatch(batch.message)
  return await verifyReceipt(receipt, statement, gateway, ed25519Of(context), hash).catch((cause: unknown) => {
    throw new FieldproofError('receipt-invalid', `for sequence ${batch.sequence}: ${errorLine(cause)}`, {
      cause,
      facts: { sequence: batch.sequence },
    })
  })
}

function ed25519Of({ suites }: ReceiptContext): Suite {
  const ed25519 = suites(-19)
  if (ed25519 !== undefined) return ed25519
  throw new FieldproofError('receipt-invalid', 'no Ed25519 suite to check receipts with')
}

async function onRefused(message: Refused, { outbox, sender, emit, republishBirth }: ReceiptContext): Promise<void> {
  const batch = await outbox.batchByDigest(message.message)
  // A refusal is unsigned: it may park a batch for its owner, it never deletes one, and a receipted batch is out of its reach.
  if (batch === null || batch.state !== 'pending') return
  const code = codeOfNumber(message.number)
  const parked = code === undefined || CODES[code][2] === 'final' // RCPT-3: a number that we do not know is final
  if (parked) {
    await outbox.markParked(batch.id, message.code)
    sender.settled(batch.sequence)
  } else {
    if (code === 'unknown-key' || code === 'stream-unknown') republishBirth()
    sender.postpone(batch.sequence)
  }
  emit({ event: 'batch-refused', sequence: batch.sequence, code: message.code, detail: message.detail, parked })
}
