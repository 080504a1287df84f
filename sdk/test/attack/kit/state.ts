/**
 * State anchors of a field: account and storage tries by @ethereumjs/mpt, laid out from the specification (spec 06, spec
 * 07), with the proofs in the order of their first use.
 */
import { createMerkleProof, createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { concat, fromHex, hash32, machineId, machineIdBytes, toHex } from '../../../src/base/index.ts'
import { keccak256, wordOf } from '../../../src/evm/index.ts'
import type { StateAnchor } from '../../../src/verify/index.ts'
import type { ChainFacts } from './chain.ts'

/** What the state shows beside the contracts' entries. */
export interface StatePlan {
  readonly facts: ChainFacts
  readonly logId: string
  readonly size: number
  readonly root: string
  /** Block of the head's anchoring. */
  readonly headBlock: number
  readonly headTime: number
  /** Block whose state is proven. */
  readonly block: number
  /** Keys and machines in the order of the bundle. */
  readonly keys: readonly string[]
  readonly machines: readonly string[]
  /** Headers that statements name as beacons. */
  readonly beacons: readonly { readonly number: number; readonly header: Uint8Array }[]
  /** Other accounts and slots, so that the tries branch. */
  readonly fillers: number
}

const HISTORY = '0000f90827f1c53a10cb7a02335b175320002935'
const WINDOW = 8191

/** RLP of a header with the fields of today's mainnet. */
export function headerOf(number: number, timestamp: number, stateRoot: Uint8Array): Uint8Array {
  const hash = (i: number): Uint8Array => new Uint8Array(32).fill(i)
  const fields = [
    hash(1),
    hash(2),
    new Uint8Array(20),
    stateRoot,
    hash(3),
    hash(4),
    new Uint8Array(256),
    0,
    number,
    3e7,
    1,
    timestamp,
  ]
  return RLP.encode([...fields, new Uint8Array(0), hash(5), new Uint8Array(8), 7, hash(6), 0, 0, hash(7), hash(8)])
}

/** The anchor, and the header's number and hash. */
export async function stateAnchor(
  plan: StatePlan,
  caip2: string,
): Promise<{ anchor: StateAnchor; blockHash: string; number: number }> {
  const { facts, logId } = plan
  const world = await worldOf(plan)
  const nodes: Uint8Array[] = []
  const seen = new Set<string>()
  const collect = async (trie: MerklePatriciaTrie, key: Uint8Array): Promise<void> => {
    for (const node of await createMerkleProof(trie, key)) {
      if (seen.has(toHex(keccak256(node)))) continue
      seen.add(toHex(keccak256(node)))
      nodes.push(node)
    }
  }
  const read = async (address: string, slots: readonly Uint8Array[]): Promise<void> => {
    await collect(world.accounts, fromHex(address))
    const trie = world.storage.get(address)
    if (trie === undefined) throw new Error(`no account ${address}`)
    for (const slot of slots) await collect(trie, slot)
  }
  const keySlots = plan.keys.map((key) => mapped(fromHex(key), uint(1)))
  const homeSlots = plan.machines.map((machine) => homeSlot(machine, logId))
  await read(facts.registry, [uint(0), ...keySlots, ...homeSlots])
  await read(facts.anchorLog, headSlots(logId))
  if (plan.beacons.length > 0)
    await read(
      HISTORY,
      plan.beacons.map(({ number }) => uint(number % WINDOW)),
    )
  const header = headerOf(plan.block, plan.headTime + 12 * (plan.block - plan.headBlock), world.accounts.root())
  const beaconHeaders = plan.beacons.map((beacon) => beacon.header)
  const anchor: StateAnchor = {
    kind: 'state',
    caip2,
    logId: hash32(fromHex(logId)),
    size: plan.size,
    header,
    nodes,
    beaconHeaders,
  }
  return { anchor, blockHash: toHex(keccak256(header)), number: plan.block }
}

interface World {
  readonly accounts: MerklePatriciaTrie
  readonly storage: ReadonlyMap<string, MerklePatriciaTrie>
}

async function worldOf({ facts, logId, root, size, headTime, headBlock, beacons, fillers }: StatePlan): Promise<World> {
  const [rootSlot, headSlot] = headSlots(logId)
  const head = packed([0, 8], [headBlock, 8], [headTime, 8], [size, 8])
  const registry: [Uint8Array, Uint8Array][] = [
    [uint(0), fromHex(facts.anchorLog)],
    ...facts.keys.map((key): [Uint8Array, Uint8Array] => [mapped(fromHex(key.thumbprint), uint(1)), keyWord(key)]),
    ...facts.homes.map((home): [Uint8Array, Uint8Array] => [
      homeSlot(home.machine, home.logId),
      packed([home.until, 8], [home.since, 8]),
    ]),
  ]
  const storage = new Map([
    [facts.registry, await trieOf(registry, fillers)],
    [
      facts.anchorLog,
      await trieOf(
        [
          [rootSlot, fromHex(root)],
          [headSlot, head],
        ],
        fillers,
      ),
    ],
    [
      HISTORY,
      await trieOf(
        beacons.map(({ number, header }) => [uint(number % WINDOW), keccak256(header)]),
        fillers,
      ),
    ],
  ])
  const accounts = await createMPT({ useKeyHashing: true })
  for (const [address, trie] of storage) await accounts.put(fromHex(address), accountOf(trie.root()))
  for (let i = 0; i < fillers; i++) await accounts.put(keccak256(uint(i)).slice(0, 20), accountOf(keccak256(uint(i))))
  return { accounts, storage }
}

async function trieOf(
  slots: readonly (readonly [Uint8Array, Uint8Array])[],
  fillers: number,
): Promise<MerklePatriciaTrie> {
  const trie = await createMPT({ useKeyHashing: true })
  for (const [slot, word] of slots) await trie.put(slot, RLP.encode(significant(word)))
  for (let i = 0; i < fillers; i++) await trie.put(keccak256(uint(1000 + i)), RLP.encode(Uint8Array.of(1 + (i % 255))))
  return trie
}

function accountOf(storageRoot: Uint8Array): Uint8Array {
  return RLP.encode([1, 0, storageRoot, keccak256(Uint8Array.of(1))])
}

/** revokedBlock, retiredBlock, retiredSeq, fromBlock, machine from the most significant byte. */
function keyWord(key: ChainFacts['keys'][number]): Uint8Array {
  const fields = packed([key.revokedBlock, 4], [key.retiredBlock, 4], [key.retiredSeq, 4], [key.fromBlock, 4])
  return concat(fields, machineIdBytes(machineId(key.machine)))
}

function headSlots(logId: string): [Uint8Array, Uint8Array] {
  const root = mapped(fromHex(logId), uint(0))
  const head = (BigInt(`0x${toHex(root)}`) + 1n) % 2n ** 256n
  return [root, fromHex(head.toString(16).padStart(64, '0'))]
}

function homeSlot(machine: string, logId: string): Uint8Array {
  return mapped(fromHex(logId), mapped(wordOf(machineIdBytes(machineId(machine))), uint(2)))
}

function mapped(key: Uint8Array, base: Uint8Array): Uint8Array {
  return keccak256(concat(key, base))
}

function uint(value: number): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'))
}

/** Numbers side by side, the first at the most significant end. */
function packed(...fields: readonly (readonly [value: number, sizeBytes: number])[]): Uint8Array {
  return concat(...fields.map(([value, size]) => fromHex(value.toString(16).padStart(size * 2, '0'))))
}

function significant(word: Uint8Array): Uint8Array {
  return word.subarray(word.findIndex((byte) => byte !== 0))
}
