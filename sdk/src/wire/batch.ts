/** The batch message of topic `fp/1/<machine>/batch`, open or sealed (schemas/spec/02-batch.md). */
import { decodeCbor } from '#cbor-values'
import { CborReader } from './cbor-reader.ts'
import { type CborValue, encodeCbor } from './cbor-writer.ts'
import { MAX_RECIPIENTS, MESSAGE_LIMITS } from './limits.ts'

/** Key K of a sealed batch for one recipient. */
export interface SealedBox {
  /** Recipient's X25519 public key, 32 bytes. */
  readonly recipient: Uint8Array
  /** X25519 public key made for this box alone, 32 bytes. */
  readonly ephemeral: Uint8Array
  /** K, boxed: 48 bytes. */
  readonly box: Uint8Array
}

/** Rows that anyone may read. */
export interface OpenBatch {
  readonly kind: 'open'
  /** COSE_Sign1 bytes. */
  readonly statement: Uint8Array
  /** 32 bytes from which every row's salt comes. */
  readonly seed: Uint8Array
  /** See `columnsOf` and `rowsOf`. */
  readonly columns: CborValue
}

/** Rows that only their recipients can read. */
export interface SealedBatch {
  readonly kind: 'sealed'
  readonly statement: Uint8Array
  /** Secretbox of the columns. */
  readonly body: Uint8Array
  readonly boxes: readonly SealedBox[]
}

/** What a machine publishes. */
export type Batch = OpenBatch | SealedBatch

/** Bytes of a batch message. Its size is checked by whoever publishes it. */
export function encodeBatch(batch: Batch): Uint8Array {
  if (batch.kind === 'open') return encodeCbor([batch.statement, batch.seed, batch.columns])
  const boxes = batch.boxes.map((b) => [b.recipient, b.ephemeral, b.box])
  return encodeCbor([batch.statement, null, [batch.body, boxes]])
}

/**
 * Parses a batch message; statement and columns are still unchecked.
 * @throws FieldproofError `batch-invalid`, or the gate's codes
 */
export function decodeBatch(bytes: Uint8Array): Batch {
  const read = new CborReader('batch-invalid')
  const parts = read.array(decodeCbor(bytes, MESSAGE_LIMITS), 'batch', 3)
  const statement = read.bytes(parts[0], 'statement')
  const seed = read.bytesOrNull(parts[1], 'seed', 32)
  if (seed !== null) return { kind: 'open', statement, seed, columns: read.array(parts[2], 'columns') }
  const sealed = read.array(parts[2], 'sealed rows', 2)
  return {
    kind: 'sealed',
    statement,
    body: read.bytes(sealed[0], 'body'),
    boxes: read.list(sealed[1], 'boxes', MAX_RECIPIENTS).map((value) => {
      const box = read.array(value, 'box', 3)
      return {
        recipient: read.bytes(box[0], 'recipient', 32),
        ephemeral: read.bytes(box[1], 'ephemeral key', 32),
        box: read.bytes(box[2], 'boxed key', 48),
      }
    }),
  }
}
