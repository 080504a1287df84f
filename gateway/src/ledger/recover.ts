/**
 * What happens at start, before anything is accepted: the tree is rebuilt from the bytes that are stored, and must agree
 * with every hash and with the head that was committed. A flipped bit on the disk is found here, not by a verifier.
 */
import { equalBytes, FieldproofError, type Hash32 } from '@fieldproof/sdk/base'
import type { Hash } from '@fieldproof/sdk/crypto'
import { HASH_BYTES, leafHashInto, MerkleTree } from '@fieldproof/sdk/merkle'
import { decodeGenesis, type Genesis } from '@fieldproof/sdk/verify'
import type { Store } from './store.ts'

/** Leaves read at once: bounds the memory of a start. */
const PAGE = 4096

/**
 * The tree over every stored leaf.
 * @throws FieldproofError `store-corrupt` when a stored byte, a leaf or the committed head is not what it was,
 * `store-behind-chain` when there are fewer leaves than the committed head has (ANCHOR-23)
 */
export async function rebuildTree(store: Store, hash: Hash): Promise<MerkleTree> {
  const tree = new MerkleTree(hash)
  const size = await store.leafCount()
  while (tree.size < size) await appendStored(store, hash, tree, Math.min(size, tree.size + PAGE))
  const checkpoint = await store.newestCheckpoint()
  if (checkpoint === null) return tree
  if (checkpoint.size > size) {
    throw new FieldproofError('store-behind-chain', `${size} leaves are stored, the head was at ${checkpoint.size}`, {
      facts: { where: 'its own checkpoint', size, checkpoint: checkpoint.size },
    })
  }
  if (!equalBytes(tree.root(checkpoint.size), checkpoint.root)) {
    throw corrupt('the stored leaves do not have the root that was committed', checkpoint.size)
  }
  return tree
}

/**
 * G3: reads stored leaves up to `to` back, hashes them again and appends them to the tree.
 * @throws FieldproofError `store-corrupt`
 */
export async function appendStored(store: Store, hash: Hash, tree: MerkleTree, to: number): Promise<void> {
  const from = tree.size
  const leaves = await store.readLeaves(from, to)
  if (leaves.length !== to - from) throw corrupt(`${leaves.length} of ${to - from} leaves are there`, from)
  const flat = new Uint8Array(leaves.length * HASH_BYTES)
  leaves.forEach(({ bytes, leafHash }, i) => {
    leafHashInto(hash, flat, i * HASH_BYTES, bytes)
    if (!equalBytes(flat.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), leafHash)) {
      throw corrupt(`leaf ${from + i} is not the one that was stored`, from + i)
    }
  })
  tree.appendAll(flat)
}

/**
 * The genesis of the log that the store holds, which must be exactly the one that is wanted.
 * @throws FieldproofError `config-invalid` when there is no log, or another one
 */
export async function expectGenesis(store: Store, wanted: Uint8Array): Promise<Genesis> {
  const bytes = await store.genesis()
  if (bytes === null) {
    throw new FieldproofError('config-invalid', 'the store holds no log; begin one explicitly with the create option')
  }
  const genesis = decodeGenesis(bytes)
  if (!equalBytes(bytes, wanted)) {
    throw new FieldproofError('config-invalid', `the store holds another log, of origin ${genesis.origin}`, {
      facts: { origin: genesis.origin, caip2: genesis.caip2 },
    })
  }
  return genesis
}

/** The head of a tree. */
export function headOf(tree: MerkleTree): { size: number; root: Hash32 } {
  return { size: tree.size, root: tree.root() }
}

function corrupt(why: string, at: number): FieldproofError {
  return new FieldproofError('store-corrupt', why, { facts: { at } })
}
