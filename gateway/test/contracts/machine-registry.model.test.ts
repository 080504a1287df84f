/**
 * Random lives of several machines, on the chain and in the model side by side. After every step both agree on the answer and on
 * every slot of the contract; and what the slots say changed only as ANCHOR-10 to ANCHOR-14 allow.
 */
import fc from 'fast-check'
import { type Abi, concat, type Hex, zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { Contract } from './contract.ts'
import { account, artifact } from './evm.ts'
import { machineKey, type Place, sha256 } from './machine-keys.ts'
import { encode, type RegistryCall } from './registry-calls.ts'
import { brokenRules, type Facts, factsOf, type Names } from './registry-facts.ts'
import { deployAll, type Fixture, owner } from './registry-fixture.ts'
import { RegistryModel } from './registry-model.ts'
import { type Act, LIES, type Lie, lives, type Step } from './registry-steps.ts'
import { Tally } from './tally.ts'

const SEED = 9679
const KEYS = Array.from({ length: 9 }, (_, i) => machineKey(`model ${i}`))
const ED25519 = [sha256('Ed25519 a'), sha256('Ed25519 b')]
const PEOPLE = [account(1), account(2), account(3), account(4)]
/** None, some, the last one that an entry can hold, and one more. */
const RETIRED_SEQS = [0n, 1n, 7n, 2n ** 32n - 1n, 2n ** 32n]
const UNKNOWN_KEY = sha256('nobody’s')

class Life {
  readonly #f: Fixture
  readonly #chain: Contract<Abi>
  readonly #model: RegistryModel
  readonly #tally: Tally
  readonly #logs: readonly Hex[]
  readonly #names: Names
  readonly #sent: { readonly call: RegistryCall; readonly done: boolean }[] = []
  #facts: Facts

  constructor(f: Fixture, logs: readonly Hex[], tally: Tally) {
    const { abi } = artifact('MachineRegistry')
    const base = f.evm.storage(f.registry.address)
    this.#f = f
    this.#logs = logs
    this.#tally = tally
    this.#chain = new Contract<Abi>(f.evm, abi, abi, f.registry.address)
    this.#model = new RegistryModel(f.registry.address, f.verifier, new Set(logs), base)
    const ed25519 = ED25519.map((publicKey) => sha256(concat(['0xa301012006215820', publicKey])))
    this.#names = { logs, thumbprints: [...KEYS.map(({ thumbprint }) => thumbprint), ...ed25519] }
    this.#facts = factsOf(base, this.#names)
  }

  async step({ blocks, seconds, act }: Step): Promise<void> {
    const { evm, registry } = this.#f
    evm.number += blocks
    evm.timestamp += seconds
    const call = this.#call(act)
    const caller = this.#caller(act, call)
    const expected = this.#model.apply(caller, call, evm)
    expect(await this.#chain.attempt(caller, call.name, encode(call))).toEqual(expected)
    const storage = evm.storage(registry.address)
    expect(storage).toEqual(this.#model.storage())
    const facts = factsOf(storage, this.#names)
    expect(brokenRules(this.#facts, facts, evm.number)).toEqual([])
    this.#facts = facts
    this.#count(act, call, 'error' in expected ? expected.error.name : undefined)
  }

  #count(act: Act, call: RegistryCall, error: string | undefined): void {
    const done = error === undefined
    this.#tally.add(error ?? `${call.name} done`)
    if (act.do === 'replay' && this.#sent[act.nth % this.#sent.length]?.done) {
      this.#tally.add(`replay of a done ${call.name} ${done ? 'done' : 'refused'}`)
    }
    if ('lie' in act && act.lie !== undefined && !done) this.#tally.add(`lie "${act.lie}" in ${call.name}: ${error}`)
    this.#sent.push({ call, done })
  }

  #caller(act: Act, call: RegistryCall): Hex {
    if (act.by !== undefined) return PEOPLE[act.by] ?? owner
    const id =
      'machine' in call ? call.machine : this.#model.keys.get('thumbprint' in call ? call.thumbprint : '0x')?.machine
    return this.#model.machines.get(id ?? 0n)?.owner ?? owner
  }

  #call(act: Act): RegistryCall {
    switch (act.do) {
      case 'enrol':
        return this.#enrolment(act)
      case 'rotate':
        return this.#rotation(act)
      case 'enrolUnproven':
        return { name: 'enrolUnproven', publicKey: ED25519[act.which] ?? UNKNOWN_KEY, homeLog: this.#log(act.log) }
      case 'retire':
        return { name: 'retireKey', thumbprint: this.#key(act.old), retiredSeq: RETIRED_SEQS[act.at] ?? 1n }
      case 'revoke':
        return { name: 'revokeKey', thumbprint: this.#key(act.old) }
      case 'warn':
        return { name: 'warnCompromised', thumbprint: this.#key(act.old), sinceBlock: act.since }
      case 'moveHome':
        return { name: 'moveHome', machine: this.#machine(act.machine), newLog: this.#log(act.log) }
      case 'transfer': {
        const machine = this.#machine(act.machine)
        const from = act.from === undefined ? this.#model.machines.get(machine)?.owner : PEOPLE[act.from]
        return { name: 'transferFrom', from: from ?? owner, to: PEOPLE[act.to] ?? zeroAddress, machine }
      }
      case 'approve':
        return { name: 'approve', to: PEOPLE[act.to] ?? zeroAddress, machine: this.#machine(act.machine) }
      case 'approveAll':
        return { name: 'setApprovalForAll', operator: PEOPLE[act.to] ?? zeroAddress, approved: act.approved }
      case 'replay':
        return this.#sent[act.nth % (this.#sent.length || 1)]?.call ?? { name: 'revokeKey', thumbprint: UNKNOWN_KEY }
    }
  }

  #enrolment({ key: index, owner: to, log: home, lie: wrong }: Act<'enrol'>): RegistryCall {
    const key = KEYS[index] ?? machineKey('none')
    const nonce = this.#model.machines.get(key.machine)?.nonce ?? 0n
    const sent = { owner: PEOPLE[to] ?? zeroAddress, homeLog: this.#log(home), deadline: this.#deadline(wrong) }
    const words = {
      owner: wrong === 'owner' ? account(8) : sent.owner,
      homeLog: wrong === 'homeLog' ? UNKNOWN_KEY : sent.homeLog,
      thumbprint: wrong === 'thumbprint' ? UNKNOWN_KEY : key.thumbprint,
      nonce: wrong === 'nonce' ? nonce + 1n : nonce,
      deadline: wrong === 'deadline' ? sent.deadline + 1n : sent.deadline,
    }
    return { name: 'enrol', key, verifier: this.#verifier(wrong), ...sent, signed: this.#signed(wrong, index, words) }
  }

  #rotation({ machine: nth, key: index, at, old: back, lie: wrong }: Act<'rotate'>): RegistryCall {
    const machine = this.#machine(nth)
    const key = KEYS[index] ?? machineKey('none')
    const { keys, machines } = this.#model
    const thumbprintsOf = (wanted: (id: bigint) => boolean): Hex[] =>
      [...keys].filter(([, entry]) => wanted(entry.machine)).map(([thumbprint]) => thumbprint)
    const own = thumbprintsOf((id) => id === machine)
    const owned = thumbprintsOf((id) => id !== machine && machines.get(id)?.owner === machines.get(machine)?.owner)
    const old = (back === 7 ? (owned.at(at) ?? this.#key(at)) : own.at(-1 - (back % (own.length || 1)))) ?? UNKNOWN_KEY
    const nonce = this.#model.machines.get(machine)?.nonce ?? 0n
    const deadline = this.#deadline(wrong)
    const words = {
      machine: wrong === 'machine' ? machine + 1n : machine,
      thumbprint: wrong === 'thumbprint' ? UNKNOWN_KEY : key.thumbprint,
      nonce: wrong === 'nonce' ? nonce + 1n : nonce,
      deadline: wrong === 'deadline' ? deadline + 1n : deadline,
    }
    const retireOldAt = RETIRED_SEQS[at] ?? 1n
    const signed = this.#signed(wrong, index, words)
    return { name: 'rotateKey', machine, key, verifier: this.#verifier(wrong), retireOldAt, old, deadline, signed }
  }

  #signed<TWords>(wrong: Lie, index: number, words: TWords) {
    const { evm, registry, log } = this.#f
    const place: Place = {
      chainId: wrong === 'chain' ? 1 : evm.chainId,
      registry: wrong === 'registry' ? log.address : registry.address,
    }
    const key = KEYS[wrong === 'signer' ? (index + 1) % KEYS.length : index] ?? machineKey('none')
    const forms = ['of the bare digest', 'high s', '65 bytes', '63 bytes'] as const
    return { key, place, words, form: forms.find((form) => form === wrong) ?? ('good' as const) }
  }

  /** Every second one is in its last second. */
  #deadline(wrong: Lie): bigint {
    if (wrong === 'too late') return this.#f.evm.timestamp - 1n
    return this.#f.evm.timestamp + (this.#sent.length % 2 === 0 ? 0n : 900n)
  }

  #verifier(wrong: Lie): Hex {
    return wrong === 'verifier' ? this.#f.log.address : this.#f.verifier
  }

  #log(nth: number): Hex {
    return this.#logs[nth] ?? UNKNOWN_KEY
  }

  #key(nth: number): Hex {
    const known = [...this.#model.keys.keys()]
    return (nth === 0 ? undefined : known[nth % known.length]) ?? UNKNOWN_KEY
  }

  #machine(nth: number): bigint {
    const known = [...this.#model.machines.keys()]
    return (nth === 0 ? undefined : known[nth % known.length]) ?? 1n
  }
}

describe('MachineRegistry, whatever anyone does', () => {
  const tally = new Tally()

  it('is what the model says after every step, and changes only as its rules allow', { timeout: 120_000 }, async () => {
    const live = async (steps: readonly Step[]): Promise<void> => {
      const f = await deployAll()
      const more = ['a', 'b', 'c'].map(async (name) => {
        await f.log.send(owner, 'create', [sha256(name), owner])
        return f.log.read('logIdOf', [owner, sha256(name)])
      })
      const life = new Life(f, [f.home, f.nextHome, ...(await Promise.all(more))], tally)
      for (const what of steps) await life.step(what)
    }
    await fc.assert(fc.asyncProperty(lives, live), { seed: SEED, numRuns: 20 })
    console.info(`MachineRegistry model, seed ${SEED}: ${tally}`)
  })

  it('was made to give every refusal that a caller can reach', () => {
    // Two machines with one id take 2^64 work; the rest is what OpenZeppelin keeps for paths that this contract has not.
    const unreachable = /^(MachineExists|NotAContract|InvalidShortString|StringTooLong|ERC721Invalid(Owner|Sender))$/
    const errors = artifact('MachineRegistry').abi.flatMap((item) => (item.type === 'error' ? item.name : []))
    expect(errors.filter((name) => !unreachable.test(name) && tally.of(name) < 2)).toEqual([])
  })

  it('found every lie in a signature, and let none be used twice', () => {
    const expected = { verifier: 'InvalidSigner', 'too late': 'DeadlinePassed' } as Partial<Record<string, string>>
    for (const name of ['enrol', 'rotateKey']) {
      const lies = LIES.filter((lie) => !(name === 'enrol' ? ['machine'] : ['owner', 'homeLog']).includes(lie))
      const missed = lies.filter(
        (lie) => tally.of(`lie "${lie}" in ${name}: ${expected[lie] ?? 'InvalidSignature'}`) === 0,
      )
      expect(missed, name).toEqual([])
      expect(tally.of(`replay of a done ${name} refused`)).toBeGreaterThan(0)
      expect(tally.of(`replay of a done ${name} done`)).toBe(0)
    }
  })
})
