/** What a verifier trusts; it comes from whoever verifies, never from the bundle. */
import type { Hash32 } from '../base/index.ts'
import { caip2Of, type Rpc } from '../evm/index.ts'
import type { BundleAnchor } from './bundle.ts'
import { refuse, Unchecked } from './report.ts'

/** The contracts and the chain. */
export interface Trust {
  /** MachineRegistry address, 20 bytes. */
  readonly registry: Uint8Array
  /** Expected chain; undefined takes the node's word for which chain it is on, so it is needed when no node is asked. */
  readonly chainId?: number
}

/** Where blocks are known from: a node, the hash of one block, or both, which must agree. */
export interface ChainAccess {
  readonly rpc?: Rpc
  /** Hash of the block whose state a bundle carries. */
  readonly blockHash?: Hash32
}

/** The bundle is of that chain. @param whose who says which chain it is */
export function assertChain(anchor: BundleAnchor, chainId: number, whose: string): void {
  const caip2 = caip2Of(chainId)
  if (anchor.caip2 !== caip2) refuse('chain-mismatch', `the proof is anchored on ${anchor.caip2}, ${whose} on ${caip2}`)
}

/** The chain that is trusted without asking a node. */
export function trustedChain(trust: Trust, anchor: BundleAnchor): number {
  const { chainId } = trust
  if (chainId === undefined) throw new Unchecked('no node is asked, so say which chain you trust: no header tells')
  assertChain(anchor, chainId, 'you trust the contracts')
  return chainId
}
