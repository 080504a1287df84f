/**
 * What rows of the outbox's tables mean. Bytes on a card rot, so every value is judged again when it is read: types,
 * lengths, the digest of a message, the checksum of a row.
 */
import { equalBytes, FieldproofError, type Hash32, hash32, statementId } from '../base/index.ts'
import type { BatchState, HistoryHead, StoredBatch } from '../machine/index.ts'
import { nativeHash } from '../native/index.ts'
import type { BatchEvidence } from './outbox-evidence.ts'

/** One row of a result, by column name. */
export type Columns = Readonly<Record<string, unknown>>

/** Head of the history; null before the first statement. @throws FieldproofError `outbox-corrupt` */
export function headOf(row: Columns | undefined): HistoryHead | null {
  if (row === undefined) throw corrupt('it has no head')
  return row.id === null ? null : { sequence: numberOf(row.sequence), id: statementId(bytesOf(row.id)) }
}

/** A batch with its state. @throws FieldproofError `outbox-corrupt` when the message does not match its digest */
export function batchOf(row: Columns): StoredBatch & { readonly state: BatchState } {
  const sequence = numberOf(row.sequence)
  const digest = hash32(bytesOf(row.digest))
  const message = bytesOf(row.message)
  expectDigest(message, digest, sequence)
  const { state } = row
  if (state !== 'pending' && state !== 'logged' && state !== 'parked') throw corrupt('a batch has no state', sequence)
  const stream = textOf(row.stream)
  return {
    sequence,
    id: statementId(bytesOf(row.id)),
    stream,
    rowCount: numberOf(row.row_count),
    digest,
    message,
    state,
  }
}

/** The batch as it is listed by state. */
export function withoutState({ state: _, ...batch }: StoredBatch & { readonly state: BatchState }): StoredBatch {
  return batch
}

/** @throws FieldproofError `outbox-corrupt` */
export function evidenceOf(row: Columns): BatchEvidence {
  const { receipt, anchor, refusal } = row
  return {
    sequence: numberOf(row.sequence),
    state: row.state as BatchEvidence['state'],
    receipt: receipt === null ? null : bytesOf(receipt),
    anchor: anchor === null ? null : bytesOf(anchor),
    refusal: typeof refusal === 'string' ? refusal : null,
  }
}

/** @throws FieldproofError `outbox-corrupt` unless `digest` is SHA-256 of `message` */
export function expectDigest(message: Uint8Array, digest: Hash32, sequence: number): void {
  if (!equalBytes(nativeHash.sha256(message), digest)) throw corrupt('a message does not match its digest', sequence)
}

/** Bytes that match their checksum. @throws FieldproofError `outbox-corrupt` */
export function summed(value: unknown, sum: unknown, what: string): Uint8Array {
  const bytes = bytesOf(value)
  if (sumOf(bytes) !== sum) throw corrupt(`${what} does not match its checksum`)
  return bytes
}

/** The first 48 bits of SHA-256, as a number. */
export function sumOf(bytes: Uint8Array): number {
  return nativeHash
    .sha256(bytes)
    .subarray(0, 6)
    .reduce((sum, byte) => sum * 256 + byte, 0)
}

/** libsql answers blobs as ArrayBuffer or Buffer, by method. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw corrupt('bytes are missing')
}

/** @throws FieldproofError `outbox-corrupt` unless `value` is a number */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw corrupt('a number is missing')
  return value
}

/** @throws FieldproofError `outbox-corrupt` unless `value` is a text */
export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw corrupt('a text is missing')
  return value
}

/** The error for a store that contradicts itself. */
export function corrupt(why: string, sequence: number | null = null): FieldproofError {
  return new FieldproofError('outbox-corrupt', why, { facts: { sequence } })
}
