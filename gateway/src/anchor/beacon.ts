/**
 * The newest final block, for machines to name in their statements: a statement that names a block was signed after it.
 * A beacon never goes back, whatever node answers.
 */
import type { Hash32 } from '@fieldproof/sdk/base'
import type { Beacon } from '@fieldproof/sdk/wire'
import type { AnchorTarget } from './ports.ts'
import { type Loop, startLoop, type Timer } from './timer.ts'

/** Watches one chain. */
export interface BeaconSource {
  /** The newest beacon, or null before the first answer. */
  current(): Beacon | null
  /** Asks the chain; returns the beacon if it is newer than all before. @throws FieldproofError `rpc-failed` */
  poll(): Promise<Beacon | null>
  /** Polls until stopped. @param onBeacon hears of every newer beacon, @param onError of failures; neither may throw */
  start(timer: Timer, everyMs: number, onBeacon: (beacon: Beacon) => void, onError: (error: unknown) => void): Loop
}

/** A source of beacons over the chain of a target. */
export function beaconSource(target: Pick<AnchorTarget, 'finalised'>): BeaconSource {
  let newest: Beacon | null = null
  const poll = async (): Promise<Beacon | null> => {
    const { chainId, number: blockNumber, hash } = await target.finalised()
    if (newest !== null && blockNumber <= newest.blockNumber) return null
    const blockHash: Hash32 = hash
    newest = { chainId, blockNumber, blockHash }
    return newest
  }
  return {
    current: () => newest,
    poll,
    start: (timer, everyMs, onBeacon, onError) =>
      startLoop(
        timer,
        everyMs,
        async () => {
          const beacon = await poll()
          if (beacon !== null) onBeacon(beacon)
        },
        (error) => {
          onError(error)
          return true
        },
      ),
  }
}
