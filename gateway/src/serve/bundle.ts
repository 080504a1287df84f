/**
 * Builds proof bundles from what the store holds. Rows are stored as they came, so their batch tree is built again here
 * and must have the root that was signed: a damaged row cannot leave the gateway in a proof.
 */
import { equalBytes, FieldproofError, type Hash32, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash, saltsOf } from '@fieldproof/sdk/crypto'
import { batchLeaves, MerkleTree } from '@fieldproof/sdk/merkle'
import { type BundleRow, type BundleStatement, encodeBundle } from '@fieldproof/sdk/verify'
import { decodeBatch, encodeRowInput, type Row, rowsOf, type StreamDefinition } from '@fieldproof/sdk/wire'
import type { AnchorRecord } from '../anchor/ports.ts'
import type { StoredLeaf } from '../ledger/store.ts'

/** Where a bundle's parts come from. */
export interface BundleSources {
  readonly hash: Hash
  readonly tree: MerkleTree
  /** CAIP-2 chain and log of the anchors. */
  readonly caip2: string
  readonly logId: Hash32
  coseKeyOf(thumbprint: Hash32): Uint8Array | null
  definitionBytes(hash: Hash32): Promise<Uint8Array | null>
  definitionOf(hash: Hash32): Promise<StreamDefinition | null>
  finalAnchorCovering(index: number): Promise<AnchorRecord | null>
}

/** Rows of one statement, counted from 1. */
export interface Pick {
  readonly leaf: StoredLeaf
  readonly rows: readonly number[]
}

/**
 * A proof of the rows that are picked.
 * @returns `.fpproof` bytes
 * @throws FieldproofError `not-anchored-yet`, `not-found`, `request-invalid` for sealed rows, `store-corrupt`
 */
export async function buildBundle(picks: readonly Pick[], sources: BundleSources): Promise<Uint8Array> {
  const { hash, tree, caip2, logId } = sources
  const ordered = [...picks].sort((a, b) => a.leaf.index - b.leaf.index)
  const newest = ordered.at(-1)?.leaf.index ?? 0
  const anchor = await sources.finalAnchorCovering(newest)
  if (anchor?.mined == null) {
    throw new FieldproofError('not-anchored-yet', `no final anchor covers leaf ${newest} yet`, {
      facts: { logIndex: newest },
    })
  }
  const { size } = anchor.head
  const keys = new Parts()
  const definitions = new Parts()
  const statements: BundleStatement[] = []
  const rows: BundleRow[] = []
  for (const { leaf, rows: wanted } of ordered) {
    const at = statements.length
    statements.push({
      bytes: leaf.statement,
      key: keys.number(found(sources.coseKeyOf(leaf.key), 'key')),
      definition: definitions.number(found(await sources.definitionBytes(leaf.definitionHash), 'stream definition')),
      logIndex: leaf.index,
      logPath: tree.inclusionPath(leaf.index, size),
    })
    const definition = found(await sources.definitionOf(leaf.definitionHash), 'stream definition')
    const proven = batchOf(leaf, definition, hash)
    for (const index of [...new Set(wanted)].sort((a, b) => a - b)) {
      rows.push({ statement: at, index, ...proven(index) })
    }
  }
  const { blockNumber, blockHash, txHash } = anchor.mined
  const bundle = {
    keys: keys.bytes,
    definitions: definitions.bytes,
    statements,
    rows,
    anchor: { caip2, logId, size, blockNumber, blockHash, txHash },
  }
  return encodeBundle(bundle, hash)
}

/**
 * Rows of an open batch.
 * @throws FieldproofError `request-invalid` when they are sealed
 */
export function rowsOfLeaf(leaf: StoredLeaf, definition: StreamDefinition): { seed: Uint8Array; rows: readonly Row[] } {
  const batch = decodeBatch(leaf.message)
  if (batch.kind === 'sealed') {
    throw new FieldproofError('request-invalid', 'these rows are sealed: only their recipients can read or prove them')
  }
  return { seed: batch.seed, rows: rowsOf(batch.columns, definition) }
}

/** Row inputs and paths of one batch. */
function batchOf(
  leaf: StoredLeaf,
  definition: StreamDefinition,
  hash: Hash,
): (index: number) => { input: Uint8Array; path: readonly Uint8Array[] } {
  const { seed, rows } = rowsOfLeaf(leaf, definition)
  const tree = new MerkleTree(hash)
  tree.appendAll(batchLeaves(hash, leaf.definitionHash, seed, rows))
  const { statement } = decodeStatement(leaf.statement, hash)
  if (!equalBytes(tree.root(), statement.root)) {
    throw new FieldproofError('store-corrupt', `the rows of leaf ${leaf.index} no longer have the root that was signed`)
  }
  const saltOf = saltsOf(seed, hash)
  return (index) => {
    const row = rows[index - 1]
    if (row === undefined) throw new FieldproofError('not-found', `the batch has ${rows.length} rows, no row ${index}`)
    return { input: encodeRowInput(saltOf(index), row, definition), path: tree.inclusionPath(index, tree.size) }
  }
}

/** Shared parts, numbered in the order of their first use. */
class Parts {
  readonly bytes: Uint8Array[] = []
  readonly #numbers = new Map<string, number>()

  number(part: Uint8Array): number {
    const name = toHex(part)
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, this.bytes.length)
    return this.bytes.push(part) - 1
  }
}

function found<T>(part: T | null, what: string): T {
  if (part === null) throw new FieldproofError('store-corrupt', `the ${what} of a logged statement is missing`)
  return part
}
