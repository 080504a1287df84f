/**
 * Whose entries an anchor has to keep, so that offline proofs of the statements under it can be made later: the keys that
 * signed them, the machines, the blocks that they name. Other keys of the same machines come too, so that one bundle can span
 * a rotation; and on a small gateway all keys, so that it can span machines that have fallen silent.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Hash32, type MachineId, machineIdBytes, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash, KID_BYTES } from '@fieldproof/sdk/crypto'
import { HISTORY_BLOCKS } from '@fieldproof/sdk/evm'
import type { Beacon } from '@fieldproof/sdk/wire'
import type { EvidenceWanted } from '../anchor/index.ts'
import type { Store, StoredKey } from '../ledger/store.ts'

/** Bounds of what one anchor keeps; those that most statements need come first. */
export const WANTED_LIMITS: Readonly<{ keys: number; beacons: number; silentKeys: number }> = Object.freeze({
  keys: 4096,
  beacons: 512,
  /** Keys in all, up to which those that signed nothing lately are kept too. */
  silentKeys: 64,
})
/** Statements read at once. */
const PAGE = 1024

/** What to look through. */
export interface SignersOf {
  readonly store: Pick<Store, 'readLeaves' | 'keys'>
  readonly hash: Hash
  /** Chain of the anchors: beacons of others prove nothing there. */
  readonly chainId: number
  /** Number of the block that anchored them. */
  readonly anchorBlock: number
}

/** What statements `from` to `to - 1` need, `from` at least 1. */
export async function signersBetween(
  { store, hash, chainId, anchorBlock }: SignersOf,
  from: number,
  to: number,
): Promise<EvidenceWanted> {
  const kids = new Tally()
  const beacons = new NamedBeacons()
  for (let at = from; at < to; at += PAGE) {
    for (const { bytes } of await store.readLeaves(at, Math.min(to, at + PAGE))) {
      const { kid, machine, beacon } = decodeStatement(bytes, hash).statement
      kids.count(toHex(kid))
      if (beacon?.chainId === chainId && isKnownAt(anchorBlock, beacon.blockNumber)) beacons.count(machine, beacon)
    }
    await nextTurn() // machines wait for acknowledgements meanwhile
  }
  const keys = chooseKeys(await store.keys(), kids.mostCounted())
  return {
    keys: keys.map(({ thumbprint }) => thumbprint),
    machines: [...new Set(keys.map(({ machine }) => machine))].map(machineIdBytes),
    beacons: beacons.chosen(WANTED_LIMITS.beacons),
  }
}

/** Whether the state of an anchor can know the hash of a block; others would only take places. */
function isKnownAt(anchorBlock: number, blockNumber: number): boolean {
  return blockNumber <= anchorBlock && blockNumber >= anchorBlock - HISTORY_BLOCKS
}

/** @param kids of keys that signed, those that signed most first */
function chooseKeys(known: readonly StoredKey[], kids: readonly string[]): readonly StoredKey[] {
  const byKid = new Map(known.map((key) => [kidOf(key.thumbprint), key]))
  const signers = kids.map((kid) => byKid.get(kid)).filter((key) => key !== undefined)
  const machines = new Set<MachineId>(signers.map(({ machine }) => machine))
  const others = known.filter(({ machine }) => machines.has(machine))
  const silent = known.length <= WANTED_LIMITS.silentKeys ? known : []
  return [...new Set([...signers, ...others, ...silent])].slice(0, WANTED_LIMITS.keys)
}

function kidOf(thumbprint: Hash32): string {
  return toHex(thumbprint.subarray(0, KID_BYTES))
}

/** Counts names. */
class Tally {
  readonly #counts = new Map<string, number>()

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  mostCounted(): string[] {
    return [...this.#counts].sort(([, a], [, b]) => b - a).map(([name]) => name)
  }
}

type Wanted = EvidenceWanted['beacons'][number]

/**
 * Blocks that statements name. A machine can name any, as often as it likes: what counts is how many machines name a block, and
 * among equals each machine's first ones come before anybody's later ones.
 */
class NamedBeacons {
  readonly #blocks = new Map<string, { readonly block: Wanted; readonly machines: Set<MachineId>; rank: number }>()
  readonly #ranks = new Map<MachineId, number>()

  count(machine: MachineId, { blockNumber: number, blockHash: hash }: Beacon): void {
    const name = `${number} ${toHex(hash)}`
    const named = this.#blocks.get(name) ?? { block: { number, hash }, machines: new Set(), rank: Infinity }
    this.#blocks.set(name, named)
    if (named.machines.has(machine)) return
    const rank = (this.#ranks.get(machine) ?? 0) + 1
    this.#ranks.set(machine, rank)
    named.machines.add(machine)
    named.rank = Math.min(named.rank, rank)
  }

  chosen(limit: number): readonly Wanted[] {
    return [...this.#blocks.values()]
      .sort((a, b) => b.machines.size - a.machines.size || a.rank - b.rank)
      .slice(0, limit)
      .map(({ block }) => block)
  }
}
