/** The anchor of a bundle: which final anchor covers its statements, and how it is shown (schemas/spec/07-bundle.md). */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { equalBytes, FieldproofError, type Hash32, toHex } from '@fieldproof/sdk/base'
import { chainIdOf, readState, type StateAnswers } from '@fieldproof/sdk/evm'
import type { MerkleTree } from '@fieldproof/sdk/merkle'
import { type BundleAnchor, type NamedSigner, type StateAnchor, stateQuestions } from '@fieldproof/sdk/verify'
import { type AnchorRecord, isWithinHistory, knownBlocks } from '../anchor/index.ts'
import type { KeyRegistry } from '../ingest/key-registry.ts'
import type { AnchorStates, OpenedState, StoredHeader } from './anchor-states.ts'
import { areInForce, newestEntries } from './entries.ts'

/** How a bundle shows that its log was anchored. */
export type ProofForm = 'transaction' | 'state'

/** Where anchors come from. */
export interface AnchorSources {
  readonly tree: MerkleTree
  /** CAIP-2 chain, MachineRegistry (20 bytes) and log of the anchors. */
  readonly caip2: string
  readonly registry: Uint8Array
  readonly logId: Hash32
  readonly entries: KeyRegistry
  readonly states: AnchorStates
  finalAnchorCovering(index: number): Promise<AnchorRecord | null>
}

/** Final anchors looked at for one proof. */
const MAX_ANCHORS = 16

/**
 * The oldest final anchor that covers a leaf and under which a verifier takes all of the signers; by a state the oldest that
 * also shows them.
 * @param newest index of the newest statement
 * @throws FieldproofError `not-anchored-yet`, `state-unavailable`, `gateway-busy`
 */
export async function proofAnchor(
  form: ProofForm,
  newest: number,
  signers: readonly NamedSigner[],
  sources: AnchorSources,
): Promise<BundleAnchor> {
  const search = (): Promise<BundleAnchor> => searchAnchors(form, newest, signers, sources)
  return form === 'state' ? sources.states.inTurn(search) : search()
}

async function searchAnchors(
  form: ProofForm,
  newest: number,
  signers: readonly NamedSigner[],
  sources: AnchorSources,
): Promise<BundleAnchor> {
  const { caip2, logId } = sources
  let anchor = await sources.finalAnchorCovering(newest)
  if (anchor === null) {
    throw new FieldproofError('not-anchored-yet', `no final anchor covers leaf ${newest} yet`, {
      facts: { logIndex: newest },
    })
  }
  const entries = await newestEntries(signers, sources.entries, logId)
  let isAnyInForce = false
  for (let looked = 0; anchor?.mined != null && looked < MAX_ANCHORS; looked++) {
    const { head, mined } = anchor
    if (entries === null || areInForce(signers, entries, mined.blockNumber)) {
      if (form === 'transaction') return { kind: 'transaction', caip2, logId, size: head.size, ...mined }
      const shown = await stateAnchor(anchor, signers, sources)
      if (typeof shown === 'object') return shown
      isAnyInForce ||= shown === 'not-shown'
    }
    await nextTurn() // machines wait for acknowledgements meanwhile
    anchor = await sources.finalAnchorCovering(head.size)
  }
  throw new FieldproofError('state-unavailable', isAnyInForce ? NOT_STORED : NOT_IN_FORCE, {
    facts: { logIndex: newest },
  })
}

const NOT_STORED =
  'no stored state shows the keys and home logs of all these statements; ask for the proof with a transaction (form=transaction), or for fewer statements at once'
const NOT_IN_FORCE =
  'under no anchor of all these statements were all of their keys in force and the log the home of all of their machines; ask for fewer statements at once'

/** What the evidence of an anchor shows of the signers, if it shows all of them and a verifier would take them. */
async function stateAnchor(
  anchor: AnchorRecord,
  signers: readonly NamedSigner[],
  sources: AnchorSources,
): Promise<StateAnchor | 'not-shown' | 'not-in-force'> {
  const { size } = anchor.head
  if (!(await sources.states.covers(anchor, signers))) return 'not-shown'
  try {
    const state = await sources.states.open(anchor)
    return state === null ? 'not-shown' : readAnchor(state, size, signers, sources)
  } catch (error) {
    if (error instanceof FieldproofError && error.code === 'proof-invalid') return 'not-shown'
    throw error
  }
}

/** @throws FieldproofError `proof-invalid` when something is not in the state */
function readAnchor(
  { header, pool, beacons }: OpenedState,
  size: number,
  signers: readonly NamedSigner[],
  { caip2, registry, logId, tree }: AnchorSources,
): StateAnchor | 'not-shown' | 'not-in-force' {
  const reader = pool.reader()
  const ask = (blocks: readonly number[]): StateAnswers =>
    readState(header.stateRoot, stateQuestions(signers, registry, logId, blocks), reader.source)
  const { head, keys, homes } = ask([])
  if (head.size !== size || !equalBytes(head.root, tree.root(size))) return 'not-shown'
  if (!areInForce(signers, { keys, homes }, head.blockNumber)) return 'not-in-force'
  const named = namedBeacons(beacons, signers, chainIdOf(caip2)).filter(({ number }) =>
    isWithinHistory(number, header.number, head.blockNumber),
  )
  const known = knownBlocks({ header, registry, logId, pool }, named)
  // The same questions once more, and then the blocks: the order of first use is the file's.
  ask(known.map(({ number }) => number))
  const beaconHeaders = known.map(({ rlp }) => rlp)
  return { kind: 'state', caip2, logId, size, header: header.rlp, nodes: reader.used, beaconHeaders }
}

/** Stored headers of the blocks that these statements name, by number, each once. */
function namedBeacons(
  stored: readonly StoredHeader[],
  signers: readonly NamedSigner[],
  chainId: number,
): readonly StoredHeader[] {
  const named = new Set<string>()
  for (const { beacon } of signers.map(({ signed }) => signed.statement)) {
    if (beacon?.chainId === chainId) named.add(`${beacon.blockNumber} ${toHex(beacon.blockHash)}`)
  }
  const byNumber = new Map<number, StoredHeader>()
  for (const header of stored) {
    if (named.has(`${header.number} ${toHex(header.hash)}`)) byNumber.set(header.number, header)
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}
