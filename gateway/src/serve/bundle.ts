/** Builds proof bundles and places from what the store holds (schemas/spec/07-bundle.md). */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FieldproofError, type Hash32, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash } from '@fieldproof/sdk/crypto'
import {
  type Bundle,
  type BundleRow,
  type BundleStatement,
  encodeBundle,
  encodePlace,
  type NamedSigner,
} from '@fieldproof/sdk/verify'
import { MAX_BUNDLE_BYTES, type StreamDefinition } from '@fieldproof/sdk/wire'
import type { StoredLeaf } from '../ledger/store.ts'
import { proverOf } from './opened-leaf.ts'
import { type AnchorSources, type ProofForm, proofAnchor } from './proof-anchor.ts'

/** Where a bundle's parts come from. */
export interface BundleSources extends AnchorSources {
  readonly hash: Hash
  coseKeyOf(thumbprint: Hash32): Uint8Array | null
  definitionBytes(hash: Hash32): Promise<Uint8Array | null>
  definitionOf(hash: Hash32): Promise<StreamDefinition | null>
}

/** Rows of one statement, counted from 1. */
export interface Pick {
  readonly leaf: StoredLeaf
  readonly rows: readonly number[]
}

/**
 * A proof of the rows that are picked.
 * @param picks at least one, each of another leaf
 * @returns `.fpproof` bytes
 * @throws FieldproofError `not-anchored-yet`, `state-unavailable`, `not-found`, `request-invalid` for sealed rows, `too-large`,
 * `store-corrupt`
 */
export async function buildBundle(
  picks: readonly Pick[],
  sources: BundleSources,
  form: ProofForm = 'transaction',
): Promise<Uint8Array> {
  const { hash } = sources
  const ordered = [...picks].sort((a, b) => a.leaf.index - b.leaf.index)
  const place = await placeOf(
    ordered.map(({ leaf }) => leaf),
    sources,
    form,
  )
  const rows: BundleRow[] = []
  for (const [statement, { leaf, rows: wanted }] of ordered.entries()) {
    const prove = proverOf(leaf, found(await sources.definitionOf(leaf.definitionHash), 'stream definition'), hash)
    for (const index of [...new Set(wanted)].sort((a, b) => a - b)) rows.push({ statement, ...prove(index) })
    await nextTurn() // a large batch takes milliseconds
  }
  return withinLimit(encodeBundle({ ...place, rows }, hash))
}

/**
 * The place of statements in their log, for whoever holds their rows. Sealed batches are welcome.
 * @param leaves at least one, each another
 * @throws FieldproofError as {@link buildBundle}
 */
export async function buildPlace(
  leaves: readonly StoredLeaf[],
  sources: BundleSources,
  form: ProofForm = 'transaction',
): Promise<Uint8Array> {
  const ordered = [...leaves].sort((a, b) => a.index - b.index)
  return withinLimit(encodePlace(await placeOf(ordered, sources, form), sources.hash))
}

/** @param leaves by index */
async function placeOf(leaves: readonly StoredLeaf[], sources: BundleSources, form: ProofForm): Promise<Bundle> {
  const { tree, hash } = sources
  const keys = new Parts()
  const definitions = new Parts()
  const signers: (NamedSigner & { readonly source: Omit<BundleStatement, 'logPath'> })[] = []
  for (const leaf of leaves) {
    const source = {
      bytes: leaf.statement,
      key: keys.number(found(sources.coseKeyOf(leaf.key), 'key')),
      definition: definitions.number(found(await sources.definitionBytes(leaf.definitionHash), 'stream definition')),
      logIndex: leaf.index,
    }
    signers.push({ source, thumbprint: leaf.key, signed: decodeStatement(leaf.statement, hash) })
  }
  const anchor = await proofAnchor(form, leaves.at(-1)?.index ?? 0, signers, sources)
  const statements = signers.map(({ source }) => ({
    ...source,
    logPath: tree.inclusionPath(source.logIndex, anchor.size),
  }))
  return { keys: keys.bytes, definitions: definitions.bytes, statements, rows: [], anchor }
}

function withinLimit(file: Uint8Array): Uint8Array {
  if (file.length <= MAX_BUNDLE_BYTES) return file
  throw new FieldproofError(
    'too-large',
    `this proof has ${file.length} bytes, more than a reader takes: ask for fewer rows`,
  )
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
