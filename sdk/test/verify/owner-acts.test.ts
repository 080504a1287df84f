/** What an owner does to a key after an anchor changes no verdict on what was anchored (ANCHOR-11), in either form of anchor. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { encodeBundle } from '../../src/verify/index.ts'
import type { ChainFacts } from '../attack/kit/chain.ts'
import { ANCHOR_BLOCK, type AnchoredBundle, type Field, makeField } from '../attack/kit/field.ts'
import { withState } from '../attack/kit/field-samples.ts'
import { firstFault, judge } from '../attack/kit/sample.ts'

const SEED = 11
const LAST = 2 ** 32 - 1
/** The state that {@link withState} proves is of this block. */
const STATE_BLOCK = ANCHOR_BLOCK + 100

type KeyChange = Partial<ChainFacts['keys'][number]>

let field: Field
let bundle: AnchoredBundle
let trust: { registry: Uint8Array; chainId: number }

beforeAll(async () => {
  field = await makeField()
  bundle = field.bundle([
    [0, [1]],
    [1, [1]],
  ])
  trust = { registry: fromHex(field.facts.registry), chainId: 31_337 }
})

/** The same chain after its owner did that to every key. */
function after(facts: ChainFacts, change: KeyChange): ChainFacts {
  return { ...facts, keys: facts.keys.map((key) => ({ ...key, ...change })) }
}

/** First fault of the transaction's proof. */
async function byTransaction(change: KeyChange): Promise<string> {
  return firstFault(await judge(encodeBundle(bundle, nativeHash), { trust, facts: after(field.facts, change) }))
}

/** First fault of a proof whose state knows of it. */
async function byState(change: KeyChange): Promise<string> {
  const { bytes, blockHash } = await withState({ ...field, facts: after(field.facts, change) }, bundle)
  return firstFault(await judge(bytes, { trust, facts: null, blockHash }))
}

/** First fault of a proof whose state does not know of it yet, while the node that is asked does. */
async function byStateAndNode(change: KeyChange): Promise<string> {
  const { bytes, facts } = await withState(field, bundle)
  return firstFault(await judge(bytes, { trust, facts: after(facts, change) }))
}

/** Everything that an owner can do to a key from the block after the anchor until `last`. */
const later = (last: number): fc.Arbitrary<KeyChange> => {
  const block = fc.integer({ min: ANCHOR_BLOCK + 1, max: last })
  const retired = fc.record({ retiredSeq: fc.integer({ min: 1, max: LAST }), retiredBlock: block })
  const revoked = fc.record({ revokedBlock: block })
  return fc.oneof(
    retired,
    revoked,
    fc.tuple(retired, revoked).map(([a, b]) => ({ ...a, ...b })),
  )
}

const FORMS = [
  ['a transaction', byTransaction, LAST],
  ['a state that holds it', byState, STATE_BLOCK],
  ['a state, with a node that knows of it', byStateAndNode, LAST],
] as const

describe.each(FORMS)('an owner, where the anchor is %s', (_form, faultAfter, last) => {
  it('cannot disown an anchored statement by retiring or revoking its key later', async () => {
    const holds = async (change: KeyChange): Promise<void> => {
      expect(await faultAfter(change)).toBe('none')
    }
    await holds({ retiredSeq: 1, retiredBlock: ANCHOR_BLOCK + 1 })
    await holds({ revokedBlock: ANCHOR_BLOCK + 1 })
    await fc.assert(fc.asyncProperty(later(last), holds), { seed: SEED, numRuns: 20 })
  })

  it('ends a key for what is anchored in the block of the retirement or later, from its sequence on', async () => {
    for (const retiredBlock of [ANCHOR_BLOCK - 50, ANCHOR_BLOCK - 1, ANCHOR_BLOCK]) {
      expect(await faultAfter({ retiredSeq: 1, retiredBlock })).toBe('enrolment: revoked-key')
      expect(await faultAfter({ retiredSeq: 2, retiredBlock })).toBe('enrolment: revoked-key')
      expect(await faultAfter({ retiredSeq: 3, retiredBlock })).toBe('none')
      expect(await faultAfter({ revokedBlock: retiredBlock })).toBe('enrolment: revoked-key')
    }
  })
})

describe('what the report says of a key', () => {
  const reasonOf = async (of: AnchoredBundle, change: KeyChange = {}): Promise<string> => {
    const report = await judge(encodeBundle(of, nativeHash), { trust, facts: after(field.facts, change) })
    return report.checks.find(({ id }) => id === 'enrolment')?.reason ?? ''
  }

  it('is that possession was not proven on chain, for Ed25519 and no other (ANCHOR-13)', async () => {
    expect(await reasonOf(field.bundle([[3, [1]]]))).toContain('possession of the key was not proven on chain')
    expect(await reasonOf(bundle)).not.toContain('possession')
  })

  it('is the block of a later retirement or revocation, which changed nothing', async () => {
    const change = { retiredSeq: 1, retiredBlock: 600, revokedBlock: 700 }
    expect(await reasonOf(bundle, change)).toContain('; retired later, in block 600; revoked later, in block 700')
    expect(await reasonOf(bundle, { retiredSeq: 3, retiredBlock: ANCHOR_BLOCK })).not.toContain('later')
  })

  it('is where it ended and where this is, when it ended before', async () => {
    expect(await reasonOf(bundle, { retiredSeq: 2, retiredBlock: 400 })).toContain(
      'retired in block 400 from sequence 2 on, this is 2, anchored in block 500',
    )
  })
})
