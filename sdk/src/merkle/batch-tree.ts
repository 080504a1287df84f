/**
 * The tree of one batch (schemas/spec/02-batch.md): leaf 0 is the stream's definition, leaf i is row i with its salt.
 * Machine and gateway build it from the same rows; its root is what the machine signs.
 */
import type { Hash32 } from '../base/index.ts'
import { type Hash, reusedSalts } from '../crypto/index.ts'
import { CborWriter, definitionHashInput, type Row, writeRowInput } from '../wire/index.ts'
import { LEAF_PREFIX, rootOfFlat } from './hash.ts'

const HASH_BYTES = 32

/** SHA-256(0x00 ‖ definition): leaf 0's hash, and the definition hash of a statement. */
export function definitionHash(hash: Hash, definition: Uint8Array): Hash32 {
  return hash.sha256(definitionHashInput(definition)) as Hash32
}

/**
 * Leaf hashes of a batch, 32 bytes each, one after the other: the definition, then the rows.
 * @param rows checked rows, see `assertRow`
 */
export function batchLeaves(hash: Hash, definition: Hash32, seed: Uint8Array, rows: readonly Row[]): Uint8Array {
  const leaves = new Uint8Array((rows.length + 1) * HASH_BYTES)
  leaves.set(definition)
  const saltOf = reusedSalts(seed, hash)
  const writer = new CborWriter(128)
  rows.forEach((row, i) => {
    writer.reset()
    writer.raw(LEAF_PREFIX)
    writeRowInput(writer, saltOf(i + 1), row)
    hash.sha256Into(leaves, (i + 1) * HASH_BYTES, writer.view())
  })
  return leaves
}

/** Root of a batch: the payload of its statement. */
export function batchRoot(hash: Hash, definition: Hash32, seed: Uint8Array, rows: readonly Row[]): Hash32 {
  return rootOfFlat(hash, batchLeaves(hash, definition, seed, rows))
}
