/** The anchor of a bundle: which final anchor covers its statements, and how it is shown (schemas/spec/07-bundle.md). */
import { type Code, equalBytes, FieldproofError, type Hash32 } from '@fieldproof/sdk/base'
import {
  chainIdOf,
  type Header,
  type HomeEntry,
  type KeyEntry,
  readHeader,
  readState,
  type StateAnswers,
} from '@fieldproof/sdk/evm'
import type { MerkleTree } from '@fieldproof/sdk/merkle'
import {
  assertHomeAt,
  assertInForce,
  type BundleAnchor,
  type NamedSigner,
  type StateAnchor,
  stateQuestions,
} from '@fieldproof/sdk/verify'
import { isWithinHistory, knownBlocks } from '../anchor/block-history.ts'
import type { AnchorEvidence, AnchorRecord } from '../anchor/index.ts'
import { NodePool } from '../anchor/node-pool.ts'

/** How a bundle shows that its log was anchored. */
export type ProofForm = 'transaction' | 'state'

/** Where anchors come from. */
export interface AnchorSources {
  readonly tree: MerkleTree
  /** CAIP-2 chain, MachineRegistry (20 bytes) and log of the anchors. */
  readonly caip2: string
  readonly registry: Uint8Array
  readonly logId: Hash32
  finalAnchorCovering(index: number): Promise<AnchorRecord | null>
  anchorEvidence(id: number): Promise<AnchorEvidence | null>
}

/** Final anchors looked at for one proof. */
const MAX_ANCHORS = 64

/**
 * The oldest final anchor that covers a leaf, and by a state the oldest that also knows all of the signers.
 * @throws FieldproofError `not-anchored-yet`, `state-unavailable`
 */
export async function proofAnchor(
  form: ProofForm,
  newest: number,
  signers: readonly NamedSigner[],
  sources: AnchorSources,
): Promise<BundleAnchor> {
  const { caip2, logId } = sources
  const oldest = await sources.finalAnchorCovering(newest)
  if (oldest?.mined == null) {
    throw new FieldproofError('not-anchored-yet', `no final anchor covers leaf ${newest} yet`, {
      facts: { logIndex: newest },
    })
  }
  if (form === 'transaction') {
    return { kind: 'transaction', caip2, logId, size: oldest.head.size, ...oldest.mined }
  }
  let anchor: AnchorRecord | null = oldest
  for (let looked = 0; anchor !== null && looked < MAX_ANCHORS; looked++) {
    const evidence = await sources.anchorEvidence(anchor.id)
    const shown = evidence && stateAnchor(evidence, anchor.head.size, signers, sources)
    if (shown !== null) return shown
    anchor = await sources.finalAnchorCovering(anchor.head.size)
  }
  throw new FieldproofError(
    'state-unavailable',
    'no stored state shows the keys and home logs of all these statements; ask for the proof with a transaction (form=transaction), or for fewer statements at once',
    { facts: { logIndex: newest } },
  )
}

/** What the evidence of an anchor shows of the signers; null when that is not all, or a verifier would refuse them. */
function stateAnchor(
  evidence: AnchorEvidence,
  size: number,
  signers: readonly NamedSigner[],
  sources: AnchorSources,
): StateAnchor | null {
  const { caip2, registry, logId, tree } = sources
  try {
    const header = readHeader(evidence.header)
    const pool = new NodePool(evidence.nodes)
    const reader = pool.reader()
    const ask = (blocks: readonly number[]): StateAnswers =>
      readState(header.stateRoot, stateQuestions(signers, registry, logId, blocks), reader.source)
    const { head, keys, homes } = ask([])
    if (head.size !== size || !equalBytes(head.root, tree.root(size))) return null
    assertGood(signers, keys, homes, head.blockNumber)
    const named = namedBeacons(evidence, signers, chainIdOf(caip2)).filter(({ number }) =>
      isWithinHistory(number, header.number, head.blockNumber),
    )
    const beacons = knownBlocks({ header, registry, logId, pool }, named)
    // The same questions once more, and then the blocks: the order of first use is the file's.
    ask(beacons.map(({ number }) => number))
    const beaconHeaders = beacons.map(({ rlp }) => rlp)
    return { kind: 'state', caip2, logId, size, header: evidence.header, nodes: reader.used, beaconHeaders }
  } catch (error) {
    // Keys of older statements may not be in it, or no longer be in force.
    if (error instanceof FieldproofError && NOT_SHOWN.includes(error.code)) return null
    throw error
  }
}

const NOT_SHOWN: readonly Code[] = ['proof-invalid', 'unknown-key', 'revoked-key']

/** @throws FieldproofError what a verifier would refuse these statements with */
function assertGood(
  signers: readonly NamedSigner[],
  keys: readonly KeyEntry[],
  homes: readonly HomeEntry[],
  anchorBlock: number,
): void {
  for (const { source, signed } of signers) {
    const entry = keys[source.key]
    if (entry !== undefined) assertInForce(entry, signed.statement, anchorBlock)
  }
  const machines = new Set(signers.map(({ signed }) => signed.statement.machine))
  for (const [i, machine] of [...machines].entries()) {
    const home = homes[i]
    if (home !== undefined) assertHomeAt(home, machine, anchorBlock)
  }
}

interface StoredHeader extends Header {
  readonly rlp: Uint8Array
}

/** Stored headers of the blocks that these statements name, by number, each once. */
function namedBeacons(
  { beaconHeaders }: AnchorEvidence,
  signers: readonly NamedSigner[],
  chainId: number,
): readonly StoredHeader[] {
  const byNumber = new Map<number, StoredHeader>()
  for (const rlp of beaconHeaders) {
    const header = { ...readHeader(rlp), rlp }
    const isNamed = signers.some(({ signed: { statement } }) => {
      const { beacon } = statement
      return (
        beacon?.chainId === chainId && beacon.blockNumber === header.number && equalBytes(beacon.blockHash, header.hash)
      )
    })
    if (isNamed) byNumber.set(header.number, header)
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}
