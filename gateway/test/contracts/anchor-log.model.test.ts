/**
 * Random lives of several logs, on the chain and in the model side by side. After every step both agree on the answer, on every
 * slot of the contract and on every getter of the log in question; and each log is still one sequence of leaves that only grew.
 */
import fc from 'fast-check'
import { type Abi, type Hex, keccak256, zeroAddress, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import { AnchorLogModel, type LogCall, type LogFacts, logIdOf } from './anchor-log-model.ts'
import { isExtension, LARGEST, LIES, type Offer, offerOf, type Wish, wishes } from './append-offers.ts'
import { Contract } from './contract.ts'
import { account, artifact, Evm, type Outcome } from './evm.ts'
import { ReferenceTree } from './reference-tree.ts'
import { Tally } from './tally.ts'

const SEED = 9162
const OWNERS = [account(1), account(2), account(3)]
const ACTORS = [account(2), account(3), account(4), account(5), account(6)]
const STRANGER = account(9)
const UNKNOWN = keccak256('0x')

const role = fc.constantFrom('appender', 'owner', 'pending', 'former', 'stranger')
const by = (usual: 'appender' | 'owner' | 'pending') =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: role })
/** 0 is a log that does not exist. */
const log = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 60 }) },
)
const step = fc.record({
  blocks: fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 2n ** 34n)),
  seconds: fc.oneof(fc.bigInt(0n, 60n), fc.bigInt(0n, 2n ** 34n)),
  act: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('create'), owner: fc.nat(2), genesis: fc.nat(1), to: fc.nat(5) }),
    },
    { weight: 30, arbitrary: fc.record({ do: fc.constant('append'), log, by: by('appender'), wish: wishes }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('propose'), log, by: by('owner'), to: fc.nat(5) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('accept'), log, by: by('pending') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('retire'),
        log,
        by: by('owner'),
        lastGood: fc.bigInt(-1n, 2n),
        successor: fc.constantFrom('none', 'self', 'other'),
      }),
    },
  ),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Role = typeof role extends fc.Arbitrary<infer T> ? T : never

/** Three logs; the third is near the end of what the contract can count. */
const PROLOGUE: readonly Step['act'][] = [
  ...[0, 1, 2].map((owner) => ({ do: 'create' as const, owner, genesis: 0, to: 0 })),
  {
    do: 'append',
    log: 2,
    by: 'appender',
    wish: { lie: 'none', growth: { toPower: 64, plus: -60n }, pick: 0n, bit: 0 },
  },
]

/** What is true of a log besides what the contract stores. */
interface Story {
  /** Its leaves, of which only those below the size are settled. */
  readonly tree: ReferenceTree
  readonly heads: readonly { readonly size: bigint; readonly root: Hex }[]
  readonly former: Hex
  /** A size was claimed that the leaves do not have: from there on the log is its appender's loss. */
  readonly miscounted: boolean
}

class Life {
  readonly #evm: Evm
  readonly #chain: Contract<Abi>
  readonly #tally: Tally
  readonly #model = new AnchorLogModel()
  readonly #stories = new Map<Hex, Story>()
  #marks = 0
  #steps = 0

  constructor(evm: Evm, chain: Contract<Abi>, tally: Tally) {
    this.#evm = evm
    this.#chain = chain
    this.#tally = tally
  }

  async step({ blocks, seconds, act }: Step): Promise<void> {
    this.#evm.number += blocks
    this.#evm.timestamp += seconds
    const id = this.#idOf(act)
    const before = new Map(this.#model.logs)
    const { caller, call, offer } = this.#plan(act, id)
    const expected = this.#model.apply(caller, call, this.#evm)
    expect(await this.#chain.attempt(caller, call.name, call.args)).toEqual(expected)
    expect(this.#evm.storage(this.#chain.address)).toEqual(this.#model.storage())
    await this.#checkGetters(id)
    this.#checkInvariants(before, id)
    this.#tell(id, caller, call, expected, offer, before.get(id))
    this.#tally.add('error' in expected ? expected.error.name : `${call.name} done`)
  }

  #idOf(act: Step['act']): Hex {
    if ('genesis' in act) return logIdOf(OWNERS[act.owner] ?? STRANGER, genesisTree(act.genesis).root(1n))
    const known = [...this.#model.logs.keys()]
    return (act.log === 0 ? undefined : known[act.log % known.length]) ?? UNKNOWN
  }

  #plan(act: Step['act'], id: Hex): { caller: Hex; call: LogCall; offer?: Offer } {
    if ('genesis' in act) {
      const args = [genesisTree(act.genesis).root(1n), ACTORS[act.to] ?? zeroAddress] as const
      return { caller: OWNERS[act.owner] ?? STRANGER, call: { name: 'create', args } }
    }
    const caller = this.#who(act.by, id)
    if ('wish' in act) {
      const offer = this.#offer(act.wish, id)
      return { caller, call: { name: 'append', args: [id, offer.size, offer.root, offer.proof] }, offer }
    }
    if ('to' in act) return { caller, call: { name: 'proposeAppender', args: [id, ACTORS[act.to] ?? zeroAddress] } }
    if (!('successor' in act)) return { caller, call: { name: 'acceptAppender', args: [id] } }
    const size = this.#model.logs.get(id)?.size ?? 1n
    const lastGood =
      act.lastGood < 0n ? (size + 1n > LARGEST ? LARGEST : size + 1n) : act.lastGood === 2n ? size : act.lastGood
    const successor = { none: zeroHash, self: id, other: UNKNOWN }[act.successor] ?? zeroHash
    return { caller, call: { name: 'retire', args: [id, lastGood, successor] } }
  }

  #offer(wish: Wish, id: Hex): Offer {
    const { size } = this.#model.logs.get(id) ?? { size: 1n }
    const others = [...this.#stories].filter(([other]) => other !== id).map(([, story]) => story.tree)
    const other = others[Number(wish.pick % BigInt(others.length || 1))] ?? genesisTree(7)
    const tree = this.#stories.get(id)?.tree ?? genesisTree(8)
    return offerOf(wish, size, tree, other, `mark ${this.#marks++}`)
  }

  #who(who: Role, id: Hex): Hex {
    const facts = this.#model.logs.get(id)
    const pending = facts?.pendingAppender === zeroAddress ? undefined : facts?.pendingAppender
    const former = this.#stories.get(id)?.former
    return { appender: facts?.appender, owner: facts?.owner, pending, former, stranger: STRANGER }[who] ?? STRANGER
  }

  /** The head after every step, the other getters in turn. */
  async #checkGetters(id: Hex): Promise<void> {
    const expected = shown(this.#model.logs.get(id))
    const names = ['head', ['stateOf', 'appenderOf', 'pendingAppenderOf', 'ownerOf'][this.#steps++ % 4] ?? '']
    for (const name of names) expect(await this.#chain.read(name, [id]), name).toEqual(expected[name])
  }

  /** Of what is on the chain, which by now is what the model says. */
  #checkInvariants(before: ReadonlyMap<Hex, LogFacts>, id: Hex): void {
    for (const [other, was] of before) {
      const is = this.#model.logs.get(other)
      if (other !== id || was.lastGoodSize !== 0n) expect(is).toBe(was)
      expect(is?.size).toBeGreaterThanOrEqual(was.size)
      expect(is?.owner).toBe(was.owner)
      if (is?.size === was.size) expect(is.root).toBe(was.root)
    }
  }

  /** Truth by the leaves: an append was accepted exactly when it extended them, from the appender, while the log lived. */
  #tell(id: Hex, caller: Hex, call: LogCall, outcome: Outcome, offer: Offer | undefined, was?: LogFacts): void {
    const story = this.#stories.get(id)
    const accepted = 'events' in outcome
    if (call.name === 'create' && accepted) {
      const tree = [0, 1].map(genesisTree).find((candidate) => candidate.root(1n) === call.args[0]) as ReferenceTree
      const head = { size: 1n, root: tree.root(1n) }
      this.#stories.set(id, { tree, heads: [head], former: STRANGER, miscounted: false })
    }
    if (story === undefined || was === undefined) return
    if (call.name === 'acceptAppender' && accepted) this.#stories.set(id, { ...story, former: was.appender })
    if (offer === undefined) return
    if ('error' in outcome && outcome.error.name === 'InconsistentTree') this.#tally.add(`lie "${offer.lie}" found`)
    if (!story.miscounted) {
      const may = was.lastGoodSize === 0n && caller === was.appender
      expect(accepted).toBe(may && isExtension(offer, was.size, was.root))
    }
    if (!accepted) return
    const { tree, size, root, rootSize } = offer
    const miscounted = story.miscounted || size !== rootSize
    const heads = [...story.heads, { size, root }]
    if (!miscounted) for (const head of heads) expect(tree.root(head.size)).toBe(head.root)
    this.#stories.set(id, { ...story, tree, heads, miscounted })
    this.#tally.add(miscounted ? 'append of a size that its leaves do not have' : 'append of an extension')
    if (size > 2n ** 32n) this.#tally.add('append beyond 2^32')
    if (size === LARGEST) this.#tally.add('append to the largest size')
  }
}

function genesisTree(genesis: number): ReferenceTree {
  return new ReferenceTree(true).with(0n, `genesis ${genesis}`)
}

/** What the getters must answer. */
function shown(log: LogFacts | undefined): Record<string, unknown> {
  return {
    head: [log?.root ?? zeroHash, log?.size ?? 0n, log?.time ?? 0n, log?.blockNumber ?? 0n],
    stateOf: [
      log === undefined ? 0 : log.lastGoodSize === 0n ? 1 : 2,
      log?.lastGoodSize ?? 0n,
      log?.successor ?? zeroHash,
    ],
    appenderOf: log?.appender ?? zeroAddress,
    pendingAppenderOf: log?.pendingAppender ?? zeroAddress,
    ownerOf: log?.owner ?? zeroAddress,
  }
}

describe('AnchorLog, whatever anyone does', () => {
  const built = artifact('AnchorLog')
  const tally = new Tally()

  it('accepts exactly the true extensions by its appender, and is what the model says after every step', {
    timeout: 120_000,
  }, async () => {
    const live = async (steps: readonly Step[]): Promise<void> => {
      const evm = await Evm.create()
      const life = new Life(evm, new Contract<Abi>(evm, built.abi, built.abi, await evm.deploy(built)), tally)
      for (const act of PROLOGUE) await life.step({ blocks: 1n, seconds: 1n, act })
      for (const what of steps) await life.step(what)
    }
    const lives = fc.array(step, { minLength: 1, maxLength: 140, size: 'max' })
    await fc.assert(fc.asyncProperty(lives, live), { seed: SEED, numRuns: 22 })
    console.info(`AnchorLog model, seed ${SEED}: ${tally}`)
  })

  it('was made to give every refusal that it has, and to go beyond 2^32 and to 2^64 - 1', () => {
    const errors = built.abi.flatMap((item) => (item.type === 'error' ? item.name : []))
    expect(errors.filter((name) => tally.of(name) < 2)).toEqual([])
    const lies = LIES.filter((lie) => lie !== 'none' && lie !== 'older size')
    expect(lies.filter((lie) => tally.of(`lie "${lie}" found`) < 2)).toEqual([])
    expect(tally.of('append of an extension')).toBeGreaterThan(100)
    expect(tally.of('append of a size that its leaves do not have')).toBeGreaterThan(0)
    expect(tally.of('append beyond 2^32')).toBeGreaterThan(10)
    expect(tally.of('append to the largest size')).toBeGreaterThan(3)
  })
})
