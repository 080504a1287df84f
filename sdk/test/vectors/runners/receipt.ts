/** receipt.json: receipts, and whole anchored messages. */
import { toHex } from '../../../src/base/index.ts'
import type { Suite } from '../../../src/crypto/index.ts'
import {
  anchorToBeSigned,
  encodeReceipt,
  type LogIdentity,
  receiptToBeSigned,
  verifyAnchorWord,
  verifyReceipt,
} from '../../../src/verify/index.ts'
import { decodeReceiptMessage, encodeReceiptMessage } from '../../../src/wire/index.ts'
import { bytesOf, type Case, type Context, type Outputs, type Runner, textOf } from '../runner.ts'

/** Runs receipt.json. */
export const receiptRunner: Runner = {
  readers: {
    '': { given: ['origin', 'publicKey', 'entry', 'path'], read: readReceipt },
    anchored: { given: ['origin', 'publicKey', 'entry'], read: readAnchored },
  },
}

async function readReceipt(item: Case, context: Context): Promise<Outputs> {
  const log = logOf(item)
  const { hash } = context
  const receipt = bytesOf(item['receipt'])
  const { size, index, root } = await verifyReceipt(receipt, bytesOf(item['entry']), log, ed25519Of(context), hash)
  const path = (item['path'] as string[] | undefined)?.map(bytesOf) ?? []
  return {
    size,
    index,
    root: toHex(root),
    sigStructure: toHex(receiptToBeSigned(log, size, root, hash)),
    receipt: toHex(encodeReceipt(log, { size, index, path }, receipt.slice(-64), hash)),
  }
}

async function readAnchored(item: Case, context: Context): Promise<Outputs> {
  const log = logOf(item)
  const message = decodeReceiptMessage(bytesOf(item['message']))
  if (message.kind !== 'anchored') throw new Error(`want an anchored message, not ${message.kind}`)
  const suite = ed25519Of(context)
  const head = await verifyReceipt(message.receipt, bytesOf(item['entry']), log, suite, context.hash)
  await verifyAnchorWord(message.signature, head, message.anchor, log, suite)
  return {
    size: head.size,
    index: head.index,
    root: toHex(head.root),
    anchorToBeSigned: toHex(anchorToBeSigned(log.origin, head, message.anchor)),
    message: toHex(encodeReceiptMessage(message)),
  }
}

function logOf(item: Case): LogIdentity {
  return { origin: textOf(item['origin']), logKey: bytesOf(item['publicKey']) }
}

function ed25519Of({ suites }: Context): Suite {
  const suite = suites(-19)
  if (suite === undefined) throw new Error('no Ed25519 suite')
  return suite
}
