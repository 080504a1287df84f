/** The checks that ask a node: contracts, enrolment, home log, anchor, finality and beacons. */
import { equalBytes, FieldproofError, type Hash32, type MachineId, machineIdBytes, toHex } from '../base/index.ts'
import {
  ANCHOR_LOG_CALL,
  type Block,
  caip2Of,
  fetchBlock,
  fetchCall,
  fetchChainId,
  fetchReceipt,
  homeSinceCall,
  keyOfCall,
  type Rpc,
  readAnchorLog,
  readHomeEntry,
  readKeyEntry,
  readTreeHead,
} from '../evm/index.ts'
import type { Beacon } from '../wire/index.ts'
import type { BundleAnchor } from './bundle.ts'
import type { ReadStatement } from './bundle-checks.ts'
import { refuse } from './report.ts'

/** What the verifier trusts; it comes from whoever verifies, never from the bundle. */
export interface Trust {
  /** MachineRegistry address, 20 bytes. */
  readonly registry: Uint8Array
  /** Expected chain; undefined takes the node's word for which chain it is on. */
  readonly chainId?: number
}

/** Node, trust and bundle agree on the chain. Returns its id. */
export async function checkChain(rpc: Rpc, trust: Trust, anchor: BundleAnchor): Promise<number> {
  const chainId = await fetchChainId(rpc)
  if (trust.chainId !== undefined && trust.chainId !== chainId) {
    refuse('chain-mismatch', `the node is on chain ${chainId}, you trust chain ${trust.chainId}`)
  }
  if (anchor.caip2 !== caip2Of(chainId)) {
    refuse('chain-mismatch', `the proof is anchored on ${anchor.caip2}, the node is on ${caip2Of(chainId)}`)
  }
  return chainId
}

/** Address of the AnchorLog that the trusted registry names. */
export async function fetchAnchorLog(rpc: Rpc, trust: Trust): Promise<Uint8Array> {
  return asContract(
    'the registry',
    trust.registry,
    readAnchorLog,
    await fetchCall(rpc, trust.registry, ANCHOR_LOG_CALL),
  )
}

/** Every key is enrolled for its machine and was in force at the anchor's block, for that sequence. */
export async function checkEnrolment(
  rpc: Rpc,
  trust: Trust,
  statements: readonly ReadStatement[],
  anchorBlock: number,
): Promise<string> {
  const reasons = new Set<string>()
  for (const { thumbprint, signed } of statements) {
    const { machine, sequence } = signed.statement
    const output = await fetchCall(rpc, trust.registry, keyOfCall(thumbprint))
    const entry = asContract('the registry', trust.registry, readKeyEntry, output)
    if (entry === null) return refuse('unknown-key', `the key of ${machine} is not enrolled in the registry`)
    if (!equalBytes(entry.machine, machineIdBytes(machine))) refuse('unknown-key', `the key is not one of ${machine}`)
    if (entry.fromBlock > anchorBlock) refuse('unknown-key', `enrolled in block ${entry.fromBlock}, after the anchor`)
    if (entry.revokedBlock !== 0 && entry.revokedBlock <= anchorBlock) {
      refuse('revoked-key', `revoked in block ${entry.revokedBlock}, anchored in block ${anchorBlock}`)
    }
    if (entry.retiredSequence !== 0 && sequence >= entry.retiredSequence) {
      refuse('revoked-key', `retired from sequence ${entry.retiredSequence} on, this is ${sequence}`)
    }
    const proven = entry.possessionProven ? '' : '; possession of the key was not proven on chain'
    const later = entry.revokedBlock === 0 ? '' : `; revoked later, in block ${entry.revokedBlock}`
    reasons.add(`machine ${machine}, enrolled in block ${entry.fromBlock}${proven}${later}`)
  }
  return [...reasons].join('; ')
}

/** The log was the home of every machine at the anchor's block. */
export async function checkHome(
  rpc: Rpc,
  trust: Trust,
  statements: readonly ReadStatement[],
  anchor: BundleAnchor,
): Promise<string> {
  const machines = new Set(statements.map((s) => s.signed.statement.machine))
  for (const machine of machines) await checkHomeOf(rpc, trust, machine, anchor)
  return `log ${toHex(anchor.logId)}`
}

async function checkHomeOf(rpc: Rpc, trust: Trust, machine: MachineId, anchor: BundleAnchor): Promise<void> {
  const output = await fetchCall(rpc, trust.registry, homeSinceCall(machineIdBytes(machine), anchor.logId))
  const home = asContract('the registry', trust.registry, readHomeEntry, output)
  if (home === null) return refuse('proof-invalid', `log ${toHex(anchor.logId)} never was the home of ${machine}`)
  const { sinceBlock, untilBlock } = home
  if (sinceBlock > anchor.blockNumber || (untilBlock !== 0 && untilBlock <= anchor.blockNumber)) {
    refuse('proof-invalid', `the log was the home of ${machine} from block ${sinceBlock} to ${untilBlock || 'now'}`)
  }
}

/** The transaction succeeded in that canonical block and emitted exactly this head. Returns the block. */
export async function checkAnchor(rpc: Rpc, anchorLog: Uint8Array, anchor: BundleAnchor, root: Hash32): Promise<Block> {
  const receipt = await fetchReceipt(rpc, anchor.txHash)
  if (receipt === null) return refuse('proof-invalid', `transaction ${toHex(anchor.txHash)} is not on this chain`)
  if (!receipt.succeeded) refuse('proof-invalid', 'the anchoring transaction was reverted')
  if (receipt.blockNumber !== anchor.blockNumber || !equalBytes(receipt.blockHash, anchor.blockHash)) {
    refuse('proof-invalid', `the transaction is in block ${receipt.blockNumber}, the proof says ${anchor.blockNumber}`)
  }
  const block = await fetchCanonical(rpc, anchor)
  const found = receipt.logs.some((log) => {
    if (!equalBytes(log.address, anchorLog)) return false
    const head = readTreeHead(log.topics, log.data)
    return (
      head !== null && equalBytes(head.logId, anchor.logId) && head.size === anchor.size && equalBytes(head.root, root)
    )
  })
  if (!found) refuse('proof-invalid', `the transaction did not anchor root ${toHex(root)} at size ${anchor.size}`)
  return block
}

/** The anchor's block, which must be the one that the chain has at its number. */
async function fetchCanonical(rpc: Rpc, anchor: BundleAnchor): Promise<Block> {
  const block = await fetchBlock(rpc, anchor.blockNumber)
  if (block !== null && equalBytes(block.hash, anchor.blockHash)) return block
  return refuse('proof-invalid', `block ${anchor.blockNumber} is no longer part of the chain`)
}

/** The anchor's block is at or below the newest final one. */
export async function checkFinal(rpc: Rpc, anchor: BundleAnchor): Promise<string> {
  const final = await fetchBlock(rpc, 'finalized')
  if (final === null) throw new FieldproofError('rpc-invalid', 'the node knows no finalised block')
  if (final.number < anchor.blockNumber) {
    throw new FieldproofError(
      'not-anchored-yet',
      `block ${anchor.blockNumber} is not final yet, block ${final.number} is`,
    )
  }
  // Again, now that its number is final: the block that was canonical a moment ago may have been replaced since.
  await fetchCanonical(rpc, anchor)
  return `block ${anchor.blockNumber}, finalised up to ${final.number}`
}

/** The block of a beacon, when it is canonical and before the anchor. */
export async function checkBeacon(rpc: Rpc, beacon: Beacon, chainId: number, anchor: BundleAnchor): Promise<Block> {
  if (beacon.chainId !== chainId) refuse('chain-mismatch', `the beacon is of chain ${beacon.chainId}`)
  const block = await fetchBlock(rpc, beacon.blockNumber)
  if (block === null || !equalBytes(block.hash, beacon.blockHash)) {
    return refuse('proof-invalid', `block ${beacon.blockNumber} of the beacon is not on this chain`)
  }
  if (block.number > anchor.blockNumber) refuse('proof-invalid', 'the beacon is later than the anchor')
  return block
}

/** A contract that answers in another shape is not the contract that was meant: the verdict is "fail", not "could not ask". */
function asContract<T>(what: string, address: Uint8Array, read: (data: Uint8Array) => T, output: Uint8Array): T {
  try {
    return read(output)
  } catch (cause) {
    throw new FieldproofError('contract-missing', `${what} at 0x${toHex(address)} is not a MachineRegistry`, { cause })
  }
}
