/** Anchoring as the gateway drives it: the anchorer and the beacon over one chain, and what of theirs concerns the rest. */
import { type FieldproofError, toHex } from '@fieldproof/sdk/base'
import type { Hash } from '@fieldproof/sdk/crypto'
import { chainIdOf } from '@fieldproof/sdk/evm'
import type { Beacon } from '@fieldproof/sdk/wire'
import {
  type AnchorEvent,
  type AnchorPolicy,
  type AnchorTarget,
  beaconSource,
  type LogHeads,
  openAnchorer,
  systemTimer,
} from '../anchor/index.ts'
import type { GatewayListener } from '../ingest/events.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Store } from '../ledger/store.ts'
import { signersBetween } from './signers.ts'

/** What anchoring needs of a gateway. */
export interface AnchorDutyOptions {
  readonly target: AnchorTarget
  readonly store: Store
  readonly ledger: Ledger
  readonly hash: Hash
  readonly policy: AnchorPolicy
  /** Pause between looks at what is pending, and at the newest final block, in ms. */
  readonly pollMs: number
  readonly beaconMs: number
  /** An anchor became final, or one that was final is no longer: ask the store which is the newest. */
  readonly onFinalChanged: () => Promise<void>
  readonly onBeacon: (beacon: Beacon) => void
  readonly onEvent: GatewayListener
  readonly onFault: (error: unknown) => void
  readonly onFatal: (error: FieldproofError) => void
}

/** Anchoring while it runs. */
export interface AnchorDuty {
  /** Resolves when nothing of it writes to the store any more. */
  stop(): Promise<void>
}

/**
 * Checks the log against its chain and starts anchoring it.
 * @throws FieldproofError `store-behind-chain`, `config-invalid`, `rpc-failed`
 */
export async function startAnchorDuty(options: AnchorDutyOptions): Promise<AnchorDuty> {
  const { target, store, policy, onFault } = options
  let telling: Promise<void> = Promise.resolve()
  const anchorer = await openAnchorer({
    target,
    store,
    log: headsOf(options),
    policy,
    timer: systemTimer,
    onEvent: (event) => {
      report(event, options)
      if (event.kind !== 'anchor-final' && event.kind !== 'anchor-reorg') return
      telling = telling.then(options.onFinalChanged).catch(onFault)
    },
  })
  const beacons = beaconSource(target)
  const first = await beacons.poll() // a machine that connects at once shall find one
  if (first !== null) options.onBeacon(first)
  const loops = [
    anchorer.start(options.pollMs),
    beacons.start(systemTimer, options.beaconMs, options.onBeacon, onFault),
  ]
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()))
      await telling
    },
  }
}

/** Only committed and signed heads are anchored: the chain never knows more than the log has said. */
function headsOf({ ledger, store, hash, target }: AnchorDutyOptions): LogHeads {
  const chainId = chainIdOf(target.caip2)
  return {
    current: () => ({ size: ledger.head.size, root: ledger.head.root }),
    consistency: (oldSize, newSize) => ledger.tree.consistencyPath(oldSize, newSize),
    rootAt: (size) => ledger.tree.root(size),
    signersBetween: (from, to, anchorBlock) => signersBetween({ store, hash, chainId, anchorBlock }, from, to),
  }
}

function report(event: AnchorEvent, { target, onEvent, onFault, onFatal }: AnchorDutyOptions): void {
  if (event.kind === 'anchor-failed') {
    if (event.isFatal) onFatal(event.error)
    else onFault(event.error)
  } else if (event.kind === 'anchor-reorg') {
    onEvent({ event: 'anchor-reorg', logSize: event.head.size, blockNumber: event.blockNumber })
  } else if (event.kind === 'anchor-submitted') {
    const { head, txHash, isReplacement } = event
    onEvent({ event: 'anchor-submitted', logSize: head.size, txHash: `0x${toHex(txHash)}`, isReplacement })
  } else {
    const { head, txHash, blockNumber } = event
    const where = { logSize: head.size, blockNumber, txHash: `0x${toHex(txHash)}`, caip2: target.caip2 }
    onEvent({ event: event.kind === 'anchor-final' ? 'anchored' : 'anchor-included', ...where })
  }
}
