/** The checks that ask a node about blocks and transactions: chain, anchor, finality and beacons. */
import { equalBytes, FieldproofError, type Hash32, toHex } from '../base/index.ts'
import { type Block, fetchBlock, fetchChainId, fetchReceipt, type Rpc, readTreeHead } from '../evm/index.ts'
import type { Beacon } from '../wire/index.ts'
import type { BundleAnchor, TransactionAnchor } from './bundle.ts'
import { refuse } from './report.ts'
import { assertChain } from './trust.ts'

/** Node, trust and bundle agree on the chain. Returns its id. */
export async function checkNodeChain(rpc: Rpc, trusted: number | undefined, anchor: BundleAnchor): Promise<number> {
  const chainId = await fetchChainId(rpc)
  if (trusted !== undefined && trusted !== chainId) {
    refuse('chain-mismatch', `the node is on chain ${chainId}, you trust chain ${trusted}`)
  }
  assertChain(anchor, chainId, 'the node is')
  return chainId
}

/** The transaction succeeded in that canonical block and emitted exactly this head. Returns the block. */
export async function checkTransaction(
  rpc: Rpc,
  anchorLog: Uint8Array,
  anchor: TransactionAnchor,
  root: Hash32,
): Promise<Block> {
  const receipt = await fetchReceipt(rpc, anchor.txHash)
  if (receipt === null) return refuse('proof-invalid', `transaction ${toHex(anchor.txHash)} is not on this chain`)
  if (!receipt.succeeded) refuse('proof-invalid', 'the anchoring transaction was reverted')
  if (receipt.blockNumber !== anchor.blockNumber || !equalBytes(receipt.blockHash, anchor.blockHash)) {
    refuse('proof-invalid', `the transaction is in block ${receipt.blockNumber}, the proof says ${anchor.blockNumber}`)
  }
  const block = await fetchCanonical(rpc, anchor.blockNumber, anchor.blockHash)
  const found = receipt.logs.some((log) => {
    const [, logId] = log.topics
    // Another log's head may be in the same transaction, of a size beyond what we count: it must not spoil ours.
    if (!equalBytes(log.address, anchorLog) || logId === undefined || !equalBytes(logId, anchor.logId)) return false
    const head = readTreeHead(log.topics, log.data)
    return (
      head !== null && equalBytes(head.logId, anchor.logId) && head.size === anchor.size && equalBytes(head.root, root)
    )
  })
  if (!found) refuse('proof-invalid', `the transaction did not anchor root ${toHex(root)} at size ${anchor.size}`)
  return block
}

/** The block is the one that the chain has at its number. */
async function fetchCanonical(rpc: Rpc, number: number, hash: Hash32): Promise<Block> {
  const block = await fetchBlock(rpc, number)
  if (block !== null && equalBytes(block.hash, hash)) return block
  return refuse('proof-invalid', `block ${number} with the hash that the proof names is not part of the chain`)
}

/** The block is canonical, and at or below the newest final one. */
export async function checkFinal(rpc: Rpc, number: number, hash: Hash32): Promise<string> {
  const final = await fetchBlock(rpc, 'finalized')
  if (final === null) throw new FieldproofError('rpc-invalid', 'the node knows no finalised block')
  if (final.number < number) {
    throw new FieldproofError('not-anchored-yet', `block ${number} is not final yet, block ${final.number} is`)
  }
  // Now that its number is final: the block that was canonical a moment ago may have been replaced since.
  await fetchCanonical(rpc, number, hash)
  return `block ${number}, finalised up to ${final.number}`
}

/** Asks for each block once, however many statements name it. */
export function blocksOf(rpc: () => Rpc): (number: number) => Promise<Block | null> {
  const asked = new Map<number, Promise<Block | null>>()
  return (number) => {
    const answer = asked.get(number) ?? fetchBlock(rpc(), number)
    asked.set(number, answer)
    return answer
  }
}

/** Time of a beacon's block, when it is the canonical one of its number and before the anchor. */
export function beaconTimeOf(block: Block | null, beacon: Beacon, chainId: number, anchor: TransactionAnchor): number {
  if (beacon.chainId !== chainId) refuse('chain-mismatch', `the beacon is of chain ${beacon.chainId}`)
  if (block === null || !equalBytes(block.hash, beacon.blockHash)) {
    return refuse('proof-invalid', `block ${beacon.blockNumber} of the beacon is not on this chain`)
  }
  if (block.number > anchor.blockNumber) refuse('proof-invalid', 'the beacon is later than the anchor')
  return block.timestamp
}
