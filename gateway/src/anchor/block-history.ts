/** Which blocks a state knows the hash of (EIP-2935, schemas/spec/07-bundle.md BUNDLE-55): beacons need it. */
import { equalBytes, FieldproofError, type Hash32 } from '@fieldproof/sdk/base'
import { type Header, HISTORY_BLOCKS, readState } from '@fieldproof/sdk/evm'
import { type NodePool, readable } from './node-pool.ts'

/** The state after a block, of one log. */
export interface LogState {
  readonly header: Header
  /** MachineRegistry, 20 bytes. */
  readonly registry: Uint8Array
  readonly logId: Hash32
  readonly pool: NodePool
}

/** Whether the state after a block can know the hash of another one, before the anchor's. */
export function isWithinHistory(blockNumber: number, headerNumber: number, anchorBlock: number): boolean {
  return blockNumber <= anchorBlock && blockNumber < headerNumber && blockNumber >= headerNumber - HISTORY_BLOCKS
}

/** Those of the blocks whose hash the state holds, and the pool proves. */
export function knownBlocks<B extends Header>(state: LogState, blocks: readonly B[]): readonly B[] {
  return readable(blocks, (group) => holdsHashes(state, group))
}

function holdsHashes({ header, registry, logId, pool }: LogState, blocks: readonly Header[]): boolean {
  const questions = { registry, logId, keys: [], machines: [], blocks: blocks.map(({ number }) => number) }
  try {
    const { blockHashes } = readState(header.stateRoot, questions, pool.reader().source)
    return blocks.every(({ hash }, i) => equalBytes(hash, blockHashes[i] ?? new Uint8Array()))
  } catch (error) {
    if (error instanceof FieldproofError && error.code === 'proof-invalid') return false
    throw error
  }
}
