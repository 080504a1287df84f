/**
 * Makes proofs of rows for whoever holds them opened: a gateway for rows that anyone may read, the recipient for sealed
 * ones. A row's proof shows its own salt and hashes of its neighbours; the seed stays here.
 */
import { equalBytes, FieldproofError } from '../base/index.ts'
import { type Hash, type Statement, saltsOf } from '../crypto/index.ts'
import { batchLeaves, MerkleTree } from '../merkle/index.ts'
import { encodeRowInput, type Row, type StreamDefinition } from '../wire/index.ts'
import type { BundleRow } from './bundle.ts'

/** All rows of one batch, opened. */
export interface OpenedBatch {
  readonly definition: StreamDefinition
  /** 32 bytes. */
  readonly seed: Uint8Array
  readonly rows: readonly Row[]
}

/** Leaf input and path of a row, counted from 1. @throws FieldproofError `not-found` */
export type RowProver = (index: number) => Pick<BundleRow, 'index' | 'input' | 'path'>

/**
 * Rebuilds a batch's tree, which must have the root that was signed: a damaged row cannot get into a proof.
 * @throws FieldproofError `root-mismatch`
 */
export function rowProver({ root, definitionHash }: Statement, batch: OpenedBatch, hash: Hash): RowProver {
  const { definition, seed, rows } = batch
  const tree = new MerkleTree(hash)
  tree.appendAll(batchLeaves(hash, definitionHash, seed, rows))
  if (!equalBytes(tree.root(), root)) {
    throw new FieldproofError('root-mismatch', 'these rows are not the ones that were signed')
  }
  const saltOf = saltsOf(seed, hash)
  return (index) => {
    const row = rows[index - 1]
    if (row === undefined) throw new FieldproofError('not-found', `the batch has ${rows.length} rows, no row ${index}`)
    return { index, input: encodeRowInput(saltOf(index), row, definition), path: tree.inclusionPath(index, tree.size) }
  }
}
