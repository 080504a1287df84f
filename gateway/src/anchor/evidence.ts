/**
 * Collects what an offline proof needs of the state after a block (A2). The node's answers are hostile until the verifier's
 * own reader has found its way through them; only nodes that it used are kept.
 */
import { equalBytes, FieldproofError, type Hash32 } from '@fieldproof/sdk/base'
import {
  anchorLogSlot,
  HISTORY_CONTRACT,
  headSlots,
  historySlot,
  homeSlot,
  keySlot,
  type Rpc,
  readState,
  type StateAnswers,
} from '@fieldproof/sdk/evm'
import { isWithinHistory, knownBlocks } from './block-history.ts'
import { fetchHeader, type Header } from './header.ts'
import { nodeComplaint } from './http-rpc.ts'
import { NodePool, type PoolReader, readable } from './node-pool.ts'
import type { AnchorEvidence, EvidenceWanted } from './ports.ts'
import { fetchNodes } from './storage-proof.ts'

/** A log and the contracts that it stands in. */
export interface LogContracts {
  readonly rpc: Rpc
  /** MachineRegistry and AnchorLog, 20 bytes each. */
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
  /** Headers of beacons that were asked for already: an endpoint that limits its rate gives the rest at the next try. */
  readonly headers: Map<number, Header>
}

/** Headers asked for at the same time. */
const HEADERS_AT_ONCE = 8

/**
 * Evidence from the state after a block.
 * @param header of a final block, checked
 * @param minedIn block that mined the head: a later state proves it only while it still names that block
 * @throws FieldproofError `rpc-failed` when the node has forgotten that state or it holds another head, `rpc-invalid`
 */
export async function collectEvidence(
  log: LogContracts,
  header: Header,
  minedIn: number,
  wanted: EvidenceWanted,
): Promise<AnchorEvidence> {
  const { rpc, registry, anchorLog, logId } = log
  const slots = [anchorLogSlot(), ...wanted.keys.map(keySlot), ...wanted.machines.map((m) => homeSlot(m, logId))]
  const pool = new NodePool(await fetchNodes(rpc, registry, slots, header.number))
  pool.add(await fetchNodes(rpc, anchorLog, headSlots(logId), header.number))
  const reader = pool.reader()
  const { anchorLog: named, head } = readAll(log, header, wanted, reader)
  if (!equalBytes(named, anchorLog)) throw unproven('the registry names another AnchorLog')
  if (head.blockNumber !== minedIn) {
    throw new FieldproofError('rpc-failed', `no node state is left that proves the head of block ${minedIn}`, {
      facts: { blockNumber: minedIn },
    })
  }
  const beacons = await collectBeacons(log, header, minedIn, wanted, pool)
  const questions = { registry, logId, keys: [], machines: [], blocks: beacons.map(({ number }) => number) }
  readState(header.stateRoot, questions, reader.source)
  return { header: header.rlp, nodes: reader.used, beaconHeaders: beacons.map(({ rlp }) => rlp) }
}

/** Head and AnchorLog must be there; a key or a home may be missing, when the state shows that it is not in it. */
function readAll(
  log: LogContracts,
  header: Header,
  { keys, machines }: EvidenceWanted,
  reader: PoolReader,
): StateAnswers {
  const { registry, logId } = log
  const ask = (some: { keys?: readonly Hash32[]; machines?: readonly Uint8Array[] }): StateAnswers | null => {
    const questions = { registry, logId, keys: [], machines: [], blocks: [], ...some }
    try {
      return readState(header.stateRoot, questions, reader.source)
    } catch (error) {
      if (!(error instanceof FieldproofError) || error.code !== 'proof-invalid') throw error
      if (reader.isIncomplete) throw unproven('nodes are missing, or of another state', error)
      return null
    }
  }
  const answers = ask({})
  if (answers === null) throw unproven('the log or its AnchorLog is not in that state')
  readable(keys, (some) => ask({ keys: some }) !== null)
  readable(machines, (some) => ask({ machines: some }) !== null)
  return answers
}

/** Headers of the wanted beacons that are of this chain and in the state's history, by number; their nodes go to the pool. */
async function collectBeacons(
  log: LogContracts,
  header: Header,
  minedIn: number,
  wanted: EvidenceWanted,
  pool: NodePool,
): Promise<readonly Header[]> {
  const { rpc, registry, logId, headers } = log
  const numbers = [...new Set(wanted.beacons.map(({ number }) => number))]
    .filter((number) => isWithinHistory(number, header.number, minedIn))
    .sort((a, b) => a - b)
  const unknown = numbers.filter((number) => !headers.has(number))
  for (let from = 0; from < unknown.length; from += HEADERS_AT_ONCE) {
    await Promise.all(
      unknown.slice(from, from + HEADERS_AT_ONCE).map(async (number) => {
        const found = await orNull(fetchHeader(rpc, number))
        if (found !== null) headers.set(number, found)
      }),
    )
  }
  const named = numbers
    .map((number) => headers.get(number))
    .filter((h) => h !== undefined)
    .filter(({ number, hash }) => wanted.beacons.some((b) => b.number === number && equalBytes(b.hash, hash)))
  if (named.length === 0) return []
  const slots = named.map(({ number }) => historySlot(number))
  pool.add((await orNull(fetchNodes(rpc, HISTORY_CONTRACT, slots, header.number))) ?? [])
  return knownBlocks({ header, registry, logId, pool }, named)
}

/** A beacon that the node cannot show costs a lower bound, no more; a node that does not answer is asked again later. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    const isAnswer =
      nodeComplaint(error) !== null ||
      (error instanceof FieldproofError && (error.code === 'rpc-invalid' || error.facts['block'] !== undefined))
    if (isAnswer) return null
    throw error
  }
}

function unproven(why: string, cause?: unknown): FieldproofError {
  return new FieldproofError('rpc-invalid', `eth_getProof: the proof does not fit the block: ${why}`, { cause })
}
