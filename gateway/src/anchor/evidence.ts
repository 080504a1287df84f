/**
 * Collects what an offline proof needs of the state after a block (A2). The node's answers are hostile until the verifier's
 * own reader has found its way through them; only nodes that it used are kept.
 */
import { equalBytes, errorLine, FieldproofError, type Hash32, toHex } from '@fieldproof/sdk/base'
import {
  anchorLogSlot,
  headSlots,
  homeSlot,
  keySlot,
  type Rpc,
  readState,
  type StateAnswers,
} from '@fieldproof/sdk/evm'
import { collectBeacons } from './beacon-evidence.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import type { Header } from './header.ts'
import { NodePool, type PoolReader, readable } from './node-pool.ts'
import type { AnchorEvidence, EvidenceCover, EvidenceWanted, Head } from './ports.ts'
import { fetchNodes } from './storage-proof.ts'

/** A log and the contracts that it stands in. */
export interface LogContracts {
  readonly rpc: Rpc
  /** MachineRegistry and AnchorLog, 20 bytes each. */
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
  readonly memory: EvidenceMemory
}

/** A head and the number of the block that mined it: the contract remembers both. */
export interface MinedIn extends Head {
  readonly blockNumber: number
}

/**
 * Evidence from the state after a block.
 * @param header of a final block, checked: the one that mined the head, or a later one that proves it as long as the contract
 * still holds exactly that head
 * @throws FieldproofError `rpc-failed` when the node has forgotten that state, or the later one has another head, `rpc-invalid`
 * when the block's own has, or what the node says is not proven
 */
export async function collectEvidence(
  log: LogContracts,
  header: Header,
  mined: MinedIn,
  wanted: EvidenceWanted,
): Promise<AnchorEvidence> {
  const { registry, logId, memory } = log
  const pool = await fetchState(log, header, wanted)
  const reader = pool.reader()
  const cover = readAll(log, header, mined, wanted, reader)
  let beacons: readonly Header[]
  try {
    beacons = await collectBeacons(log, header, mined.blockNumber, wanted.beacons, pool)
  } catch (cause) {
    memory.countBeaconFailure()
    // Not in the node's words: those would say that it has dropped the state, and another one would be tried.
    throw new FieldproofError('rpc-failed', `beacons: ${errorLine(cause)}`, { cause })
  }
  const questions = { registry, logId, keys: [], machines: [], blocks: beacons.map(({ number }) => number) }
  readState(header.stateRoot, questions, reader.source)
  return { header: header.rlp, nodes: reader.used, beaconHeaders: beacons.map(({ rlp }) => rlp), ...cover }
}

/**
 * Whether a node can show what evidence is made of, tried on some state with a log in it.
 * @throws FieldproofError as {@link collectEvidence}
 */
export async function tryEvidence(log: LogContracts, header: Header): Promise<void> {
  const pool = await fetchState(log, header, { keys: [], machines: [] })
  readHeld(log, header, pool.reader())
}

async function fetchState(
  { rpc, registry, anchorLog, logId, memory }: LogContracts,
  header: Header,
  { keys, machines }: EvidenceCover,
): Promise<NodePool> {
  const slots = [anchorLogSlot(), ...keys.map(keySlot), ...machines.map((m) => homeSlot(m, logId))]
  const known = memory.nodesOf(header.hash)
  const pool = new NodePool(await fetchNodes(rpc, registry, slots, header.number, known))
  pool.add(await fetchNodes(rpc, anchorLog, headSlots(logId), header.number, known))
  return pool
}

/** Head and AnchorLog must be there; a key or a home may be missing, when the state shows that it is not in it. */
function readAll(
  log: LogContracts,
  header: Header,
  mined: MinedIn,
  { keys, machines }: EvidenceWanted,
  reader: PoolReader,
): EvidenceCover {
  try {
    const { head } = readHeld(log, header, reader)
    const isSame = head.size === mined.size && equalBytes(head.root, mined.root)
    if (!isSame || head.blockNumber !== mined.blockNumber) throw otherHead(header, mined, head)
    const cover = {
      keys: readable(keys, (some) => ask(log, header, { keys: some }, reader) !== null),
      machines: readable(machines, (some) => ask(log, header, { machines: some }, reader) !== null),
    }
    return { keys: inOrder(cover.keys), machines: inOrder(cover.machines) }
  } catch (error) {
    log.memory.forgetNodes()
    throw error
  }
}

/** The head, from the AnchorLog that the registry names. */
function readHeld(log: LogContracts, header: Header, reader: PoolReader): StateAnswers {
  const answers = ask(log, header, {}, reader)
  if (answers === null) throw unproven('the log or its AnchorLog is not in that state')
  if (!equalBytes(answers.anchorLog, log.anchorLog)) throw unproven('the registry names another AnchorLog')
  return answers
}

function ask(
  { registry, logId }: LogContracts,
  header: Header,
  some: Partial<EvidenceCover>,
  reader: PoolReader,
): StateAnswers | null {
  try {
    return readState(header.stateRoot, { registry, logId, keys: [], machines: [], blocks: [], ...some }, reader.source)
  } catch (error) {
    if (!(error instanceof FieldproofError) || error.code !== 'proof-invalid') throw error
    if (reader.isIncomplete) throw unproven('nodes are missing, or of another state', error)
    return null
  }
}

/** So that equal sets are equal lists, which the store keeps once. */
function inOrder<T extends Uint8Array>(parts: readonly T[]): readonly T[] {
  const named = parts.map((part) => ({ part, name: toHex(part) }))
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ part }) => part)
}

function otherHead(header: Header, mined: MinedIn, found: StateAnswers['head']): FieldproofError {
  const why = `block ${header.number} has a head of size ${found.size} since block ${found.blockNumber}`
  return new FieldproofError(
    header.number === mined.blockNumber ? 'rpc-invalid' : 'rpc-failed',
    `no node state is left that proves the head of size ${mined.size} of block ${mined.blockNumber}: ${why}`,
    { facts: { blockNumber: mined.blockNumber, size: mined.size } },
  )
}

function unproven(why: string, cause?: unknown): FieldproofError {
  return new FieldproofError('rpc-invalid', `eth_getProof: the proof does not fit the block: ${why}`, { cause })
}
