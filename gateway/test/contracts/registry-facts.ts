/**
 * What a verifier learns from the proven slots of MachineRegistry, decoded from raw storage, and the rules by which it may change
 * from one block to the next (ANCHOR-10 to ANCHOR-14). It knows nothing of calls or of the model.
 */
import { type Hex, numberToHex } from 'viem'
import type { Storage } from './evm.ts'
import { below } from './registry-model.ts'

/** One key entry. */
export interface KeyFacts {
  readonly machine: bigint
  readonly fromBlock: bigint
  readonly retiredSeq: bigint
  readonly retiredBlock: bigint
  readonly revokedBlock: bigint
}

/** One home log of one machine. */
export interface HomeFacts {
  readonly log: Hex
  readonly since: bigint
  readonly until: bigint
}

/** All that the proven slots say of some keys, machines and logs. */
export interface Facts {
  readonly keys: ReadonlyMap<Hex, KeyFacts>
  readonly machines: ReadonlyMap<
    bigint,
    { readonly homes: readonly HomeFacts[]; readonly home: bigint; readonly nonce: bigint }
  >
}

/** What to ask for. */
export interface Names {
  readonly thumbprints: readonly Hex[]
  readonly logs: readonly Hex[]
}

/** Reads the slots. A machine is the first 16 bytes of some thumbprint. */
export function factsOf(storage: Storage, { thumbprints, logs }: Names): Facts {
  const word = (slot: Hex) => BigInt(storage.get(slot) ?? 0)
  const bits = (value: bigint, start: number, size: number) => BigInt.asUintN(size, value >> BigInt(start))
  const keys = thumbprints.map((thumbprint): [Hex, KeyFacts] => {
    const entry = word(below(thumbprint, 1))
    const [fromBlock, retiredSeq] = [bits(entry, 128, 32), bits(entry, 160, 32)]
    const [retiredBlock, revokedBlock] = [bits(entry, 192, 32), bits(entry, 224, 32)]
    return [thumbprint, { machine: bits(entry, 0, 128), fromBlock, retiredSeq, retiredBlock, revokedBlock }]
  })
  const machines = thumbprints.map((thumbprint) => {
    const id = BigInt(thumbprint.slice(0, 34))
    const machine = numberToHex(id, { size: 32 })
    const homes = logs.flatMap((log) => {
      const home = word(below(log, below(machine, 2)))
      return home === 0n ? [] : [{ log, since: bits(home, 0, 64), until: bits(home, 64, 64) }]
    })
    return [id, { homes, home: word(below(machine, 3)), nonce: word(below(machine, 4)) }] as const
  })
  return { keys: new Map(keys.filter(([, key]) => key.fromBlock !== 0n)), machines: new Map(machines) }
}

/** Every rule that one transaction in block `block` broke; none when all is well. */
export function brokenRules(before: Facts, after: Facts, block: bigint): string[] {
  return [...brokenByKeys(before, after, block), ...brokenByHomes(before, after, block)]
}

function brokenByKeys(before: Facts, after: Facts, block: bigint): string[] {
  const broken: string[] = []
  for (const [thumbprint, was] of before.keys) {
    const is = after.keys.get(thumbprint)
    if (is?.machine !== was.machine) broken.push(`${thumbprint} left its machine`)
    if (is?.fromBlock !== was.fromBlock) broken.push(`${thumbprint} begins at another block`)
    if (was.retiredSeq !== 0n && is?.retiredSeq !== was.retiredSeq) broken.push(`${thumbprint} was retired again`)
    if (is?.retiredBlock !== was.retiredBlock && !(was.retiredBlock === 0n && is?.retiredBlock === block))
      broken.push(`${thumbprint} was retired twice, or for another block than this`)
    if ((is?.retiredSeq === 0n) !== (is?.retiredBlock === 0n)) broken.push(`${thumbprint} is half retired`)
    if (is?.revokedBlock !== was.revokedBlock && !(was.revokedBlock === 0n && is?.revokedBlock === block))
      broken.push(`${thumbprint} was revoked twice, or for another block than this`)
    if (is !== undefined && changesPast(was, is, block)) broken.push(`${thumbprint} has another past`)
  }
  for (const [thumbprint, is] of after.keys) {
    if (before.keys.has(thumbprint)) continue
    const { fromBlock, retiredSeq, retiredBlock, revokedBlock } = is
    if (fromBlock !== block || retiredSeq !== 0n || retiredBlock !== 0n || revokedBlock !== 0n)
      broken.push(`${thumbprint} did not begin as a new key of this block`)
  }
  return broken
}

/** ANCHOR-11, the whole rule. */
export function isValid(key: KeyFacts, block: bigint, sequence: bigint): boolean {
  const { fromBlock, retiredSeq, retiredBlock, revokedBlock } = key
  if (fromBlock > block || (revokedBlock !== 0n && revokedBlock <= block)) return false
  return retiredBlock === 0n || block < retiredBlock || sequence < retiredSeq
}

/** Whether a verdict on something anchored earlier changed, whatever its sequence. */
function changesPast(was: KeyFacts, is: KeyFacts, block: bigint): boolean {
  const blocks = [was.fromBlock - 1n, was.fromBlock, (was.fromBlock + block) / 2n, block - 1n].filter((b) => b < block)
  const sequences = [1n, is.retiredSeq - 1n, is.retiredSeq, 2n ** 53n - 1n]
  return blocks.some((b) => sequences.some((s) => isValid(was, b, s) !== isValid(is, b, s)))
}

function brokenByHomes(before: Facts, after: Facts, block: bigint): string[] {
  const broken: string[] = []
  for (const [machine, is] of after.machines) {
    const was = before.machines.get(machine)
    const name = numberToHex(machine)
    for (const old of was?.homes ?? []) {
      const now = is.homes.find(({ log }) => log === old.log)
      if (now?.since !== old.since) broken.push(`${name}: ${old.log} begins at another block`)
      if (now?.until !== old.until && !(old.until === 0n && now?.until === block))
        broken.push(`${name}: ${old.log} was closed twice, reopened, or closed for another block than this`)
    }
    const fresh = is.homes.filter(({ log }) => !was?.homes.some((old) => old.log === log))
    if (fresh.some(({ since }) => since !== block)) broken.push(`${name}: a home begins at another block than this`)
    const open = is.homes.filter(({ until }) => until === 0n)
    if (open.length !== (is.homes.length === 0 ? 0 : 1) || BigInt(open[0]?.log ?? 0) !== is.home)
      broken.push(`${name}: not exactly one open home, the one that is named`)
    if (overlap(is.homes)) broken.push(`${name}: two homes at one block`)
    const steps = is.nonce - (was?.nonce ?? 0n)
    if (steps < 0n || steps > 1n) broken.push(`${name}: the nonce moved by ${steps}`)
  }
  return broken
}

function overlap(homes: readonly HomeFacts[]): boolean {
  const holds = ({ since, until }: HomeFacts, block: bigint) => since <= block && (until === 0n || block < until)
  return homes.some(({ since }) => homes.filter((home) => holds(home, since)).length > 1)
}
