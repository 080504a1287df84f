/** Evidence of an anchor: from the state after its own block, or from a later one when the node has dropped that. */
import { equalBytes, FieldproofError } from '@fieldproof/sdk/base'
import { fetchBlock } from '@fieldproof/sdk/evm'
import { collectEvidence, type LogContracts, type MinedIn } from './evidence.ts'
import { fetchHeader } from './header.ts'
import { nodeComplaint } from './http-rpc.ts'
import type { AnchorEvidence, EvidenceWanted, Head, MinedBlock } from './ports.ts'

/**
 * Evidence of a head that was mined in a final block.
 * @param finalNumber number of the newest final block
 * @throws FieldproofError `rpc-failed` also when the node has another block of one of these numbers by now, `rpc-invalid`
 */
export async function collectAnchored(
  log: LogContracts,
  { size, root }: Head,
  { blockNumber, blockHash }: MinedBlock,
  wanted: EvidenceWanted,
  finalNumber: () => Promise<number>,
): Promise<AnchorEvidence> {
  const { rpc } = log
  const mined: MinedIn = { size, root, blockNumber }
  const own = await fetchHeader(rpc, blockNumber)
  if (!equalBytes(own.hash, blockHash)) throw otherBlock(blockNumber)
  try {
    return await collectEvidence(log, own, mined, wanted)
  } catch (error) {
    if (nodeComplaint(error) === null) throw error
    // The node has dropped that state. No append is sent before the evidence is stored, so a later block proves as much.
    const later = await fetchHeader(rpc, await finalNumber())
    const evidence = await collectEvidence(log, later, mined, wanted)
    const canonical = await fetchBlock(rpc, later.number)
    if (canonical === null || !equalBytes(canonical.hash, later.hash)) throw otherBlock(later.number)
    return evidence
  }
}

function otherBlock(blockNumber: number): FieldproofError {
  return new FieldproofError('rpc-failed', `the node has another block ${blockNumber} now`, { facts: { blockNumber } })
}
