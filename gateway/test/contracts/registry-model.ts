/**
 * MachineRegistry once more, from the rules ANCHOR-10 to ANCHOR-15, its storage table and ERC-721: what each call must do, which
 * error it must name, and every slot that it must leave behind.
 */
import { concat, type Hex, keccak256, numberToHex, pad, zeroAddress } from 'viem'
import type { Named, Outcome, Storage } from './evm.ts'
import { type MachineKey, sha256 } from './machine-keys.ts'
import type { RegistryCall, Signed } from './registry-calls.ts'

interface Key {
  readonly machine: bigint
  readonly fromBlock: bigint
  readonly retiredSeq: number
  readonly retiredBlock: bigint
  readonly revokedBlock: bigint
}

/** A key that begins with this block. */
const newKey = (machine: bigint, fromBlock: bigint): Key => ({
  machine,
  fromBlock,
  retiredSeq: 0,
  retiredBlock: 0n,
  revokedBlock: 0n,
})

interface Machine {
  readonly owner: Hex
  readonly approved: Hex
  readonly nonce: bigint
  readonly home: Hex
  readonly homes: ReadonlyMap<Hex, { readonly since: bigint; readonly until: bigint }>
}

/** Where and when a call runs. */
export interface Here {
  readonly number: bigint
  readonly timestamp: bigint
  readonly chainId: number
}

const refused = (name: string, ...args: unknown[]): { error: Named } => ({ error: { name, args } })
const did = (...events: [name: string, args: object][]): Outcome => ({
  events: events.map(([name, args]) => ({ name, args })),
})

/** One registry. */
export class RegistryModel {
  readonly keys: Map<Hex, Key> = new Map()
  readonly machines: Map<bigint, Machine> = new Map()
  readonly #operators = new Set<string>()
  readonly #balances = new Map<Hex, bigint>()
  readonly #address: Hex
  readonly #verifier: Hex
  readonly #logs: ReadonlySet<Hex>
  readonly #base: Storage

  /** `logs` have heads in the AnchorLog; `base` is the storage of the registry when it was new. */
  constructor(address: Hex, verifier: Hex, logs: ReadonlySet<Hex>, base: Storage) {
    this.#address = address
    this.#verifier = verifier
    this.#logs = logs
    this.#base = base
  }

  /** Does what the contract must do, and says what it must answer. */
  apply(caller: Hex, call: RegistryCall, here: Here): Outcome {
    if (call.name === 'enrol') return this.#enrol(call, here)
    if (call.name === 'enrolUnproven') {
      const thumbprint = sha256(concat(['0xa301012006215820', call.publicKey]))
      return this.#found(thumbprint, caller, call.homeLog, false, here)
    }
    if (call.name === 'moveHome') return this.#moveHome(caller, call.machine, call.newLog, here)
    if (call.name === 'approve') return this.#approve(caller, call.to, call.machine)
    if (call.name === 'transferFrom') return this.#transfer(caller, call.from, call.to, call.machine)
    if (call.name === 'setApprovalForAll') {
      const { operator, approved } = call
      if (operator === zeroAddress) return refused('ERC721InvalidOperator', zeroAddress)
      this.#operators[approved ? 'add' : 'delete'](`${caller} ${operator}`)
      return did(['ApprovalForAll', { owner: caller, operator, approved }])
    }
    return this.#onKey(caller, call, here)
  }

  #enrol(call: RegistryCall & { name: 'enrol' }, here: Here): Outcome {
    const { key, verifier, owner, homeLog, deadline, signed } = call
    const { thumbprint, machine } = key
    if (verifier !== this.#verifier) return refused('InvalidSigner')
    if (here.timestamp > deadline) return refused('DeadlinePassed', deadline)
    const nonce = this.machines.get(machine)?.nonce ?? 0n
    if (!this.#says(signed, key, { owner, homeLog, thumbprint, nonce, deadline }, here))
      return refused('InvalidSignature')
    return this.#found(thumbprint, owner, homeLog, true, here)
  }

  #found(thumbprint: Hex, owner: Hex, homeLog: Hex, proven: boolean, { number }: Here): Outcome {
    const machine = BigInt(thumbprint.slice(0, 34))
    if (this.keys.has(thumbprint)) return refused('KeyExists', thumbprint)
    if (!this.#logs.has(homeLog)) return refused('UnknownLog', homeLog)
    if (owner === zeroAddress) return refused('ERC721InvalidReceiver', zeroAddress)
    this.keys.set(thumbprint, newKey(machine, number))
    const homes = new Map([[homeLog, { since: number, until: 0n }]])
    this.machines.set(machine, { owner, approved: zeroAddress, nonce: 0n, home: homeLog, homes })
    this.#count(owner, 1n)
    return did(
      ['Transfer', { from: zeroAddress, to: owner, tokenId: machine }],
      ['MachineEnrolled', { machine, thumbprint, owner, homeLog, proven }],
    )
  }

  /** A signature is good when the right key says exactly these words for exactly this registry, in the one right form. */
  #says(signed: Signed<object>, key: MachineKey, words: object, { chainId }: Here): boolean {
    const entries = (of: object) => JSON.stringify(Object.entries(of).map(([name, value]) => [name, String(value)]))
    return (
      signed.form === 'good' &&
      signed.key.point === key.point &&
      signed.place.chainId === chainId &&
      signed.place.registry === this.#address &&
      entries(signed.words) === entries(words)
    )
  }

  #onKey(caller: Hex, call: RegistryCall & ({ thumbprint: Hex } | { old: Hex }), here: Here): Outcome {
    const thumbprint = 'old' in call ? call.old : call.thumbprint
    const entry = this.keys.get(thumbprint)
    if (entry === undefined) return refused('UnknownKey', thumbprint)
    const { machine } = entry
    if (this.machines.get(machine)?.owner !== caller) return refused('NotMachineOwner', machine, caller)
    if (call.name === 'rotateKey') return this.#rotate(call, entry, here)
    if (call.name === 'warnCompromised')
      return did(['CompromiseWarned', { machine, thumbprint, sinceBlock: call.sinceBlock }])
    if (call.name === 'retireKey') return this.#retire(thumbprint, entry, call.retiredSeq, here)
    if (entry.revokedBlock !== 0n) return refused('KeyAlreadyRevoked', thumbprint)
    this.keys.set(thumbprint, { ...entry, revokedBlock: here.number })
    return did(['KeyRevoked', { machine, thumbprint }])
  }

  #retire(thumbprint: Hex, entry: Key, sequence: bigint, { number }: Here): Outcome {
    if (sequence === 0n) return refused('RetiredSeqIsZero')
    if (entry.retiredSeq !== 0) return refused('KeyAlreadyRetired', thumbprint, entry.retiredSeq)
    if (sequence >= 2n ** 32n) return refused('SafeCastOverflowedUintDowncast', 32, sequence)
    const retiredSeq = Number(sequence)
    this.keys.set(thumbprint, { ...entry, retiredSeq, retiredBlock: number })
    return did(['KeyRetired', { machine: entry.machine, thumbprint, retiredSeq }])
  }

  #rotate(call: RegistryCall & { name: 'rotateKey' }, entry: Key, here: Here): Outcome {
    const { machine, key, verifier, retireOldAt, old, deadline, signed } = call
    const facts = this.machines.get(machine)
    if (entry.machine !== machine || facts === undefined) return refused('KeyOfOtherMachine', old, machine)
    if (verifier !== this.#verifier) return refused('InvalidSigner')
    if (here.timestamp > deadline) return refused('DeadlinePassed', deadline)
    const { thumbprint } = key
    if (!this.#says(signed, key, { machine, thumbprint, nonce: facts.nonce, deadline }, here))
      return refused('InvalidSignature')
    const isRepeated = retireOldAt !== 0n && BigInt(entry.retiredSeq) === retireOldAt
    const retired = isRepeated ? did() : this.#retire(old, entry, retireOldAt, here)
    if ('error' in retired) return retired
    if (this.keys.has(thumbprint)) {
      this.keys.set(old, entry)
      return refused('KeyExists', thumbprint)
    }
    this.keys.set(thumbprint, newKey(machine, here.number))
    this.machines.set(machine, { ...facts, nonce: facts.nonce + 1n })
    const args = { machine, oldThumbprint: old, newThumbprint: thumbprint }
    return { events: [...retired.events, { name: 'KeyRotated', args }] }
  }

  #moveHome(caller: Hex, machine: bigint, toLog: Hex, { number }: Here): Outcome {
    const facts = this.machines.get(machine)
    if (facts?.owner !== caller) return refused('NotMachineOwner', machine, caller)
    if (!this.#logs.has(toLog)) return refused('UnknownLog', toLog)
    if (facts.homes.has(toLog)) return refused('HomeNotNew', machine, toLog)
    const fromLog = facts.home
    const closed = { since: facts.homes.get(fromLog)?.since ?? 0n, until: number }
    const homes = new Map([...facts.homes, [fromLog, closed], [toLog, { since: number, until: 0n }]])
    this.machines.set(machine, { ...facts, home: toLog, homes })
    return did(['HomeMoved', { machine, fromLog, toLog }])
  }

  #approve(caller: Hex, approved: Hex, tokenId: bigint): Outcome {
    const facts = this.machines.get(tokenId)
    if (facts === undefined) return refused('ERC721NonexistentToken', tokenId)
    if (facts.owner !== caller && !this.#operators.has(`${facts.owner} ${caller}`))
      return refused('ERC721InvalidApprover', caller)
    this.machines.set(tokenId, { ...facts, approved })
    return did(['Approval', { owner: facts.owner, approved, tokenId }])
  }

  #transfer(caller: Hex, from: Hex, to: Hex, tokenId: bigint): Outcome {
    const facts = this.machines.get(tokenId)
    if (to === zeroAddress) return refused('ERC721InvalidReceiver', zeroAddress)
    if (facts === undefined) return refused('ERC721NonexistentToken', tokenId)
    const { owner, approved } = facts
    if (caller !== owner && caller !== approved && !this.#operators.has(`${owner} ${caller}`))
      return refused('ERC721InsufficientApproval', caller, tokenId)
    if (from !== owner) return refused('ERC721IncorrectOwner', from, tokenId, owner)
    this.machines.set(tokenId, { ...facts, owner: to, approved: zeroAddress })
    this.#count(from, -1n)
    this.#count(to, 1n)
    return did(['Transfer', { from, to, tokenId }])
  }

  #count(owner: Hex, change: bigint): void {
    this.#balances.set(owner, (this.#balances.get(owner) ?? 0n) + change)
  }

  /** Every slot of the contract, and no other, that is not zero. */
  storage(): Map<Hex, Hex> {
    const slots = new Map(this.#base)
    const put = (slot: Hex, value: bigint) => value !== 0n && slots.set(slot, numberToHex(value, { size: 32 }))
    for (const [thumbprint, { machine, fromBlock, retiredSeq, retiredBlock, revokedBlock }] of this.keys) {
      const packed = [fromBlock, BigInt(retiredSeq), retiredBlock, revokedBlock]
      put(
        below(thumbprint, 1),
        packed.reduce((word, part, i) => word | (part << BigInt(128 + 32 * i)), machine),
      )
    }
    for (const [id, { owner, approved, nonce, home, homes }] of this.machines) {
      const machine = numberToHex(id, { size: 32 })
      for (const [log, { since, until }] of homes) put(below(log, below(machine, 2)), since | (until << 64n))
      put(below(machine, 3), BigInt(home))
      put(below(machine, 4), nonce)
      put(below(machine, 7), BigInt(owner))
      put(below(machine, 9), BigInt(approved))
    }
    for (const [owner, balance] of this.#balances) put(below(pad(owner), 8), balance)
    for (const pair of this.#operators) {
      const [owner, operator] = pair.split(' ') as [Hex, Hex]
      put(below(pad(operator), below(pad(owner), 10)), 1n)
    }
    return slots
  }
}

const known = new Map<string, Hex>()

/** Slot of a mapping's value. Remembered, because a random test asks for the same ones after every step. */
export function below(key: Hex, slot: Hex | number): Hex {
  const name = `${key} ${slot}`
  const found =
    known.get(name) ?? keccak256(concat([key, typeof slot === 'number' ? numberToHex(slot, { size: 32 }) : slot]))
  known.set(name, found)
  return found
}
