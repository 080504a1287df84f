/** An anchorer on a fake chain, with everything it emitted. */

import type { AnchorEvent } from '../../src/anchor/anchor-events.ts'
import type { AnchorPolicy } from '../../src/anchor/anchor-policy.ts'
import { type Anchorer, openAnchorer } from '../../src/anchor/anchorer.ts'
import type { AnchorRecord, AnchorState, AnchorStore, AnchorTarget } from '../../src/anchor/ports.ts'
import { MemoryAnchors } from '../../src/ledger/memory-anchors.ts'
import { FakeChain, FakeLog, FakeTimer } from './fake-chain.ts'

export interface Bench {
  readonly chain: FakeChain
  readonly log: FakeLog
  readonly store: MemoryAnchors
  readonly timer: FakeTimer
  readonly events: AnchorEvent[]
  /** A new process over the same store and chain, or over wrappers of them. */
  open(target?: AnchorTarget, store?: AnchorStore): Promise<Anchorer>
  kinds(): string[]
}

export const EAGER: AnchorPolicy = { everyMs: 0, maxDelayMs: 0 }

/** @param size leaves of the log; the chain has its first one */
export function bench(size: number, policy: AnchorPolicy = EAGER): Bench {
  const log = new FakeLog(size)
  const chain = new FakeChain({ size: 1, root: log.rootAt(1) })
  const store = new MemoryAnchors()
  const timer = new FakeTimer()
  const events: AnchorEvent[] = []
  return {
    chain,
    log,
    store,
    timer,
    events,
    open: (target = chain, anchors = store) =>
      openAnchorer({ target, store: anchors, log, policy, timer, onEvent: (event) => events.push(event) }),
    kinds: () => events.map((event) => event.kind),
  }
}

export async function inState(store: AnchorStore, state: AnchorState): Promise<number[]> {
  return (await store.anchorsIn(state)).map((record) => record.head.size)
}

export async function onlyIn(store: AnchorStore, state: AnchorState): Promise<AnchorRecord> {
  const [record, ...others] = await store.anchorsIn(state)
  if (record === undefined || others.length > 0) throw new Error(`not exactly one anchor is ${state}`)
  return record
}
