/** Makes a proof of a place and the rows that its reader holds (schemas/spec/07-bundle.md, BUNDLE-61). */
import { equalBytes, FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import { decodeStatement, type Hash, openBody, openKey, sealedSeed } from '../crypto/index.ts'
import { definitionHash } from '../merkle/index.ts'
import { type Batch, decodeCbor, decodeDefinition, MESSAGE_LIMITS, rowsOf } from '../wire/index.ts'
import type { Bundle, BundleRow } from './bundle.ts'
import { refuse } from './report.ts'
import { type OpenedBatch, rowProver } from './row-prover.ts'

/** Rows of one statement that shall be shown. */
export interface ShownRows {
  /** The batch message of that statement. */
  readonly batch: Batch
  /** Rows, counted from 1, at least one. */
  readonly rows: readonly number[]
}

/** X25519 key pair of a recipient, 32 bytes each. */
export interface RecipientKey {
  readonly publicKey: Uint8Array
  readonly secret: Uint8Array
}

/**
 * A bundle that shows rows of every statement of a place.
 * @param shown one for each statement, in any order
 * @param recipient opens what is sealed for it
 * @throws FieldproofError `sealed-open-failed`, `root-mismatch`, `not-found`, `bundle-invalid` when place and batches differ
 */
export function addRows(place: Bundle, shown: readonly ShownRows[], hash: Hash, recipient?: RecipientKey): Bundle {
  if (shown.length !== place.statements.length) {
    return refuse('bundle-invalid', `a place of ${place.statements.length} statements, rows of ${shown.length} batches`)
  }
  const rows: BundleRow[] = []
  for (const [statement, { bytes, definition }] of place.statements.entries()) {
    const wanted = shown.find(({ batch }) => equalBytes(batch.statement, bytes))
    const definitionBytes = place.definitions[definition]
    if (wanted === undefined || definitionBytes === undefined) {
      return refuse('bundle-invalid', 'the place has a statement whose batch was not given')
    }
    const signed = decodeStatement(bytes, hash).statement
    if (!equalBytes(definitionHash(hash, definitionBytes), signed.definitionHash)) {
      return refuse('definition-invalid', 'a stream definition of the place is not the one that was signed')
    }
    const opened = openBatch(wanted.batch, definitionBytes, signed.sealed, hash, recipient)
    const prove = rowProver(signed, opened, hash)
    for (const index of [...new Set(wanted.rows)].sort((a, b) => a - b)) rows.push({ statement, ...prove(index) })
  }
  return { ...place, rows }
}

/**
 * Rows of a batch, open or sealed.
 * @param sealed digest of the body, as the statement signs it
 * @throws FieldproofError `sealed-open-failed` when it is sealed for others or was swapped, `batch-invalid`
 */
function openBatch(
  batch: Batch,
  definitionBytes: Uint8Array,
  sealed: Hash32 | null,
  hash: Hash,
  recipient: RecipientKey | undefined,
): OpenedBatch {
  const definition = decodeDefinition(definitionBytes)
  if (batch.kind === 'open') return { definition, seed: batch.seed, rows: rowsOf(batch.columns, definition) }
  if (sealed === null || !equalBytes(hash32(hash.sha256(batch.body)), sealed)) {
    throw new FieldproofError('sealed-open-failed', 'the sealed rows are not the ones that were signed')
  }
  const box = batch.boxes.find((b) => recipient !== undefined && equalBytes(b.recipient, recipient.publicKey))
  if (box === undefined || recipient === undefined) {
    throw new FieldproofError('sealed-open-failed', 'these rows are sealed, and not for this key')
  }
  const key = openKey(box, recipient.secret)
  const columns = decodeCbor(openBody(batch.body, key), MESSAGE_LIMITS)
  return { definition, seed: sealedSeed(key, hash), rows: rowsOf(columns, definition) }
}
