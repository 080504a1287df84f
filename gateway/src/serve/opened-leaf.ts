/** Rows of logged batches, which are stored as they came. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash } from '@fieldproof/sdk/crypto'
import { type OpenedBatch, type RowProver, rowProver } from '@fieldproof/sdk/verify'
import { decodeBatch, rowsOf, type StreamDefinition } from '@fieldproof/sdk/wire'
import type { StoredLeaf } from '../ledger/store.ts'

/**
 * Rows of an open batch.
 * @throws FieldproofError `request-invalid` when they are sealed
 */
export function rowsOfLeaf(leaf: StoredLeaf, definition: StreamDefinition): OpenedBatch {
  const batch = decodeBatch(leaf.message)
  if (batch.kind === 'sealed') {
    throw new FieldproofError(
      'request-invalid',
      'these rows are sealed: only their recipients can read and prove them (fieldproof proof --open-with KEY)',
    )
  }
  return { definition, seed: batch.seed, rows: rowsOf(batch.columns, definition) }
}

/**
 * Proves rows of an open batch.
 * @throws FieldproofError `request-invalid` when they are sealed, `store-corrupt` when they are no longer what was signed
 */
export function proverOf(leaf: StoredLeaf, definition: StreamDefinition, hash: Hash): RowProver {
  const opened = rowsOfLeaf(leaf, definition)
  const { statement } = decodeStatement(leaf.statement, hash)
  try {
    return rowProver(statement, opened, hash)
  } catch (cause) {
    if (!(cause instanceof FieldproofError) || cause.code !== 'root-mismatch') throw cause
    const why = `the rows of leaf ${leaf.index} no longer have the root that was signed`
    throw new FieldproofError('store-corrupt', why, { cause })
  }
}
