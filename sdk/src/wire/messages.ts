/** The small messages around a batch: birth, status, beacon and what comes on the receipt topic (schemas/spec/01-wire.md). */

import { decodeCbor } from '#cbor-values'
import { type BootId, bootId, type Hash32, hash32, type StatementId, statementId } from '../base/index.ts'
import { CborReader } from './cbor-reader.ts'
import { type CborValue, encodeCbor } from './cbor-writer.ts'
import { CAIP2_PATTERN, MESSAGE_LIMITS } from './limits.ts'

/** Who a machine is and what its streams mean; retained. */
export interface Birth {
  /** COSE_Key bytes of the signing key. */
  readonly key: Uint8Array
  /** Encoded stream definitions, 1 to 64. */
  readonly definitions: readonly Uint8Array[]
  /** Name and version of the software, for people. */
  readonly software: string
}

/** Whether a machine is connected; retained, and its last will. */
export interface Status {
  readonly online: boolean
  readonly boot: BootId
}

/** A finalised block, the lower bound of what is signed after it. */
export interface Beacon {
  readonly chainId: number
  readonly blockNumber: number
  readonly blockHash: Hash32
}

/** Where an anchored log head stands on chain. */
export interface AnchorReference {
  /** CAIP-2 chain id, e.g. `eip155:1`. */
  readonly caip2: string
  /** MachineRegistry address, 20 bytes. */
  readonly registry: Uint8Array
  readonly logId: Hash32
  readonly blockNumber: number
  readonly blockHash: Hash32
  readonly txHash: Hash32
}

/** A message on the receipt topic. */
export type ReceiptMessage =
  | { readonly kind: 'logged'; readonly id: StatementId; readonly receipt: Uint8Array }
  | {
      readonly kind: 'anchored'
      readonly id: StatementId
      readonly receipt: Uint8Array
      readonly anchor: AnchorReference
      /** The log's, 64 bytes: a receipt says nothing of the anchor. */
      readonly signature: Uint8Array
    }
  | {
      readonly kind: 'refused'
      readonly message: Hash32
      readonly number: number
      readonly code: string
      readonly detail: string
    }

const VERSION = 1
const KIND = { logged: 1, anchored: 2, refused: 3 } as const
const reader = new CborReader('message-invalid')

/** @throws FieldproofError `out-of-range` */
export function encodeBirth(birth: Birth): Uint8Array {
  return encodeCbor([VERSION, birth.key, birth.definitions, birth.software])
}

/** @throws FieldproofError `message-invalid`, or the gate's codes */
export function decodeBirth(bytes: Uint8Array): Birth {
  const parts = reader.array(decodeCbor(bytes, MESSAGE_LIMITS), 'birth', 4)
  if (parts[0] !== VERSION) reader.fail('version', String(VERSION))
  return {
    key: reader.bytes(parts[1], 'key'),
    definitions: reader.list(parts[2], 'definitions', 64).map((d) => reader.bytes(d, 'definition')),
    software: reader.text(parts[3], 'software', 256),
  }
}

/** Bytes of a status message. */
export function encodeStatus(status: Status): Uint8Array {
  return encodeCbor([VERSION, status.online ? 1 : 0, status.boot])
}

/** @throws FieldproofError `message-invalid`, or the gate's codes */
export function decodeStatus(bytes: Uint8Array): Status {
  const parts = reader.array(decodeCbor(bytes, MESSAGE_LIMITS), 'status', 3)
  if (parts[0] !== VERSION) reader.fail('version', String(VERSION))
  return { online: reader.int(parts[1], 'state', 0, 1) === 1, boot: bootId(reader.bytes(parts[2], 'boot', 8)) }
}

/** Bytes of a beacon message. */
export function encodeBeacon(beacon: Beacon): Uint8Array {
  return encodeCbor([beacon.chainId, beacon.blockNumber, beacon.blockHash])
}

/** @throws FieldproofError `message-invalid`, or the gate's codes */
export function decodeBeacon(bytes: Uint8Array): Beacon {
  const parts = reader.array(decodeCbor(bytes, MESSAGE_LIMITS), 'beacon', 3)
  return {
    chainId: reader.int(parts[0], 'chain id', 1),
    blockNumber: reader.int(parts[1], 'block number'),
    blockHash: hash32(reader.bytes(parts[2], 'block hash', 32)),
  }
}

/** Bytes of a message on the receipt topic. */
export function encodeReceiptMessage(message: ReceiptMessage): Uint8Array {
  const kind = KIND[message.kind]
  if (message.kind === 'logged') return encodeCbor([kind, message.id, message.receipt])
  if (message.kind === 'refused')
    return encodeCbor([kind, message.message, message.number, message.code, message.detail])
  return encodeCbor([kind, message.id, message.receipt, anchorItems(message.anchor), message.signature])
}

/** The six items of an anchor reference, as they travel and are signed. */
export function anchorItems(anchor: AnchorReference): readonly CborValue[] {
  return [anchor.caip2, anchor.registry, anchor.logId, anchor.blockNumber, anchor.blockHash, anchor.txHash]
}

/** @throws FieldproofError `message-invalid`, or the gate's codes */
export function decodeReceiptMessage(bytes: Uint8Array): ReceiptMessage {
  const parts = reader.array(decodeCbor(bytes, MESSAGE_LIMITS), 'receipt message')
  const first = (): StatementId => statementId(reader.bytes(parts[1], 'statement id', 32))
  const receipt = (): Uint8Array => reader.bytes(parts[2], 'receipt')
  if (parts[0] === KIND.logged && parts.length === 3) return { kind: 'logged', id: first(), receipt: receipt() }
  if (parts[0] === KIND.anchored && parts.length === 5) {
    const a = reader.array(parts[3], 'anchor', 6)
    return {
      kind: 'anchored',
      id: first(),
      receipt: receipt(),
      anchor: {
        caip2: reader.matching(a[0], 'chain', CAIP2_PATTERN),
        registry: reader.bytes(a[1], 'registry', 20),
        logId: hash32(reader.bytes(a[2], 'log id', 32)),
        blockNumber: reader.int(a[3], 'block number'),
        blockHash: hash32(reader.bytes(a[4], 'block hash', 32)),
        txHash: hash32(reader.bytes(a[5], 'transaction hash', 32)),
      },
      signature: reader.bytes(parts[4], 'signature', 64),
    }
  }
  if (parts[0] === KIND.refused && parts.length === 5) {
    return {
      kind: 'refused',
      message: hash32(reader.bytes(parts[1], 'message digest', 32)),
      number: reader.int(parts[2], 'code number', 1, 99),
      code: reader.text(parts[3], 'code name', 64),
      detail: reader.text(parts[4], 'detail', 1024),
    }
  }
  return reader.fail('receipt message', 'kind 1 with 3 parts, or kind 2 or 3 with 5')
}
