/**
 * Whose entries an anchor has to keep, so that offline proofs of the statements under it can be made later: the keys that
 * signed them, the machines, the blocks that they name. Other keys of the same machines come too, so that one bundle can span
 * a rotation; and on a small gateway all keys, so that it can span machines that have fallen silent.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Hash32, type MachineId, machineIdBytes, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash, KID_BYTES } from '@fieldproof/sdk/crypto'
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
}

/** What statements `from` to `to - 1` need, `from` at least 1. */
export async function signersBetween(
  { store, hash, chainId }: SignersOf,
  from: number,
  to: number,
): Promise<EvidenceWanted> {
  const kids = new Tally<string>()
  const beacons = new Tally<Beacon>()
  for (let at = from; at < to; at += PAGE) {
    for (const { bytes } of await store.readLeaves(at, Math.min(to, at + PAGE))) {
      const { kid, beacon } = decodeStatement(bytes, hash).statement
      kids.count(toHex(kid), toHex(kid))
      if (beacon?.chainId === chainId) beacons.count(`${beacon.blockNumber} ${toHex(beacon.blockHash)}`, beacon)
    }
    await nextTurn() // machines wait for acknowledgements meanwhile
  }
  const keys = chooseKeys(await store.keys(), kids.mostCounted())
  return {
    keys: keys.map(({ thumbprint }) => thumbprint),
    machines: [...new Set(keys.map(({ machine }) => machine))].map(machineIdBytes),
    beacons: beacons
      .mostCounted()
      .slice(0, WANTED_LIMITS.beacons)
      .map(({ blockNumber: number, blockHash }) => ({ number, hash: blockHash })),
  }
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

/** Counts things by their names. */
class Tally<T> {
  readonly #counts = new Map<string, { readonly item: T; count: number }>()

  count(name: string, item: T): void {
    const known = this.#counts.get(name)
    if (known === undefined) this.#counts.set(name, { item, count: 1 })
    else known.count += 1
  }

  mostCounted(): T[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count).map(({ item }) => item)
  }
}
