/** The part of an anchor's evidence that is about beacons: headers of blocks that statements name, and that they are history. */
import { equalBytes, FieldproofError } from '@fieldproof/sdk/base'
import { HISTORY_CONTRACT, historySlot } from '@fieldproof/sdk/evm'
import { isWithinHistory, knownBlocks } from './block-history.ts'
import type { LogContracts } from './evidence.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import { fetchHeader, type Header } from './header.ts'
import { nodeComplaint } from './http-rpc.ts'
import type { NodePool } from './node-pool.ts'
import type { EvidenceWanted } from './ports.ts'
import { fetchNodes } from './storage-proof.ts'

/** Headers asked for at the same time. */
const HEADERS_AT_ONCE = 8

/**
 * Headers of the wanted beacons that are of this chain and in the state's history, by number; their nodes go to the pool.
 * @param header of the state
 * @throws FieldproofError `rpc-failed`, `rpc-invalid`: perhaps the next try learns more
 */
export async function collectBeacons(
  log: LogContracts,
  header: Header,
  anchorBlock: number,
  wanted: EvidenceWanted['beacons'],
  pool: NodePool,
): Promise<readonly Header[]> {
  const { rpc, registry, logId, memory } = log
  const numbers = [...new Set(wanted.map(({ number }) => number))]
    .filter((number) => isWithinHistory(number, header.number, anchorBlock))
    .sort((a, b) => a - b)
  await fetchHeaders(log, numbers)
  const named = numbers
    .map((number) => memory.headers.get(number))
    .filter((known) => known !== undefined)
    .filter(({ number, hash }) => wanted.some((b) => b.number === number && equalBytes(b.hash, hash)))
  if (named.length === 0) return []
  const slots = named.map(({ number }) => historySlot(number))
  const nodes = fetchNodes(rpc, HISTORY_CONTRACT, slots, header.number, memory.nodesOf(header.hash))
  pool.add((await orNull(nodes, memory)) ?? [])
  return knownBlocks({ header, registry, logId, pool }, named)
}

async function fetchHeaders({ rpc, memory }: LogContracts, numbers: readonly number[]): Promise<void> {
  const unknown = numbers.filter((number) => !memory.headers.has(number))
  for (let from = 0; from < unknown.length; from += HEADERS_AT_ONCE) {
    await Promise.all(
      unknown.slice(from, from + HEADERS_AT_ONCE).map(async (number) => {
        const found = await orNull(fetchHeader(rpc, number), memory)
        if (found !== null) memory.headers.set(number, found)
      }),
    )
  }
}

/** A beacon that the node cannot show costs a lower bound, no more; what may be a passing trouble is asked again. */
async function orNull<T>(asked: Promise<T>, memory: EvidenceMemory): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof FieldproofError)) throw error
    if (isAbsent(error) || memory.isPatienceOver) return null
    throw error
  }
}

/** How nodes say that they do not have a block, an account or a state, and never will. */
const ABSENT =
  /no such|not found|unknown (block|account)|missing trie node|state.{0,80}(unavailable|not available|pruned)|no state available|does not exist|out of ?range|proof window/i

function isAbsent(error: FieldproofError): boolean {
  const complaint = nodeComplaint(error)
  return complaint === null ? error.facts['block'] !== undefined && error.code === 'rpc-failed' : ABSENT.test(complaint)
}
