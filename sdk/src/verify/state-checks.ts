/** The checks of a state anchor: what the proofs under a block header say (schemas/spec/07-bundle.md, BUNDLE-50 to 58). */
import { equalBytes, type Hash32, machineIdBytes, toHex } from '../base/index.ts'
import {
  type Header,
  HISTORY_BLOCKS,
  OrderedNodes,
  readHeader,
  readState,
  type StateAnswers,
  type StateQuestions,
} from '../evm/index.ts'
import type { BundleStatement, StateAnchor } from './bundle.ts'
import type { ReadStatement } from './bundle-checks.ts'
import { refuse } from './report.ts'

/** A state that its own header proves; whose header it is, is another check. */
export interface ProvenState {
  readonly header: Header
  readonly questions: StateQuestions
  readonly answers: StateAnswers
  /** Headers of blocks that statements name as beacons. */
  readonly beacons: readonly Header[]
}

/** The parts of a statement of a bundle that say who signed it. */
export interface NamedSigner extends Pick<ReadStatement, 'signed' | 'thumbprint'> {
  readonly source: Pick<BundleStatement, 'key'>
}

/** What a bundle of these statements has to show of the state. @param registry 20 bytes */
export function stateQuestions(
  statements: readonly NamedSigner[],
  registry: Uint8Array,
  logId: Hash32,
  blocks: readonly number[],
): StateQuestions {
  const keys: Hash32[] = []
  for (const { source, thumbprint } of statements) keys[source.key] = thumbprint
  const machines = [...new Set(statements.map(({ signed }) => signed.statement.machine))].map(machineIdBytes)
  return { registry, logId, keys, machines, blocks }
}

/** Reads header and proofs. @throws FieldproofError `proof-invalid` */
export function proveState(
  anchor: StateAnchor,
  statements: readonly ReadStatement[],
  registry: Uint8Array,
  chainId: number,
): ProvenState {
  const header = readHeader(anchor.header)
  const beacons = anchor.beaconHeaders.map(readHeader)
  const questions = stateQuestions(
    statements,
    registry,
    anchor.logId,
    beacons.map(({ number }) => number),
  )
  const nodes = new OrderedNodes(anchor.nodes)
  const answers = readState(header.stateRoot, questions, nodes.source)
  nodes.assertAllRead()
  assertBeacons(beacons, header, answers, statements, chainId)
  return { header, questions, answers, beacons }
}

/** Time of the block that a statement names, seconds since 1970; null when the state does not show that block. */
export function beaconTimes({ beacons }: ProvenState, chainId: number): (statement: ReadStatement) => number | null {
  const times = new Map(beacons.map(({ number, hash, timestamp }) => [blockName(number, hash), timestamp]))
  return ({ signed }) => {
    const { beacon } = signed.statement
    if (beacon?.chainId !== chainId) return null
    return times.get(blockName(beacon.blockNumber, beacon.blockHash)) ?? null
  }
}

/** Each beacon header is one that a statement signed, inside the window of history, and in the history (BUNDLE-55). */
function assertBeacons(
  beacons: readonly Header[],
  header: Header,
  answers: StateAnswers,
  statements: readonly ReadStatement[],
  chainId: number,
): void {
  const signed = new Set<string>()
  for (const { beacon } of statements.map((s) => s.signed.statement)) {
    if (beacon?.chainId === chainId) signed.add(blockName(beacon.blockNumber, beacon.blockHash))
  }
  beacons.forEach(({ number, hash }, i) => {
    if (!signed.has(blockName(number, hash))) refuse('proof-invalid', `no statement names block ${number} as beacon`)
    if (number <= (beacons[i - 1]?.number ?? -1)) refuse('proof-invalid', 'beacon headers do not increase')
    if (number > answers.head.blockNumber) refuse('proof-invalid', 'the beacon is later than the anchor')
    if (number >= header.number || number < header.number - HISTORY_BLOCKS) {
      refuse('proof-invalid', `the state of block ${header.number} does not know the hash of block ${number}`)
    }
    if (!equalBytes(answers.blockHashes[i] as Uint8Array, hash)) {
      refuse('proof-invalid', `block ${number} of the beacon is not on this chain`)
    }
  })
}

/** Number and hash together: the number alone is no block (BUNDLE-58). */
function blockName(number: number, hash: Hash32): string {
  return `${number} ${toHex(hash)}`
}

/** The contract held exactly this head. */
export function checkHead({ header, answers }: ProvenState, size: number, root: Hash32): string {
  const { head } = answers
  if (head.size !== size || !equalBytes(head.root, root)) {
    refuse('proof-invalid', `the log had size ${head.size} and root ${toHex(head.root)} in block ${header.number}`)
  }
  if (head.blockNumber > header.number || head.time > header.timestamp) {
    refuse('proof-invalid', `the head is of block ${head.blockNumber}, after block ${header.number} that shows it`)
  }
  return `size ${size} since block ${head.blockNumber}, shown by the state of block ${header.number}`
}

/** A block is the one that the verifier named. */
export function assertNamed(number: number, hash: Hash32, named: Hash32): string {
  if (!equalBytes(hash, named)) {
    refuse('proof-invalid', `the proof rests on block ${number}, hash ${toHex(hash)}: not the block you named`)
  }
  return `block ${number} has the hash that you named`
}
