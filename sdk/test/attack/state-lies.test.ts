import { beforeAll, describe, expect, it } from 'vitest'
import { fromHex, type Hash32, hash32 } from '../../src/base/index.ts'
import type { ChainFacts } from './kit/chain.ts'
import { type AnchoredBundle, type Field, makeField } from './kit/field.ts'
import { withState } from './kit/field-samples.ts'
import { firstFault, judge } from './kit/sample.ts'

let field: Field
let bundle: AnchoredBundle
let trust: { registry: Uint8Array; chainId: number }

beforeAll(async () => {
  field = await makeField()
  bundle = field.bundle([[0, [1]]])
  trust = { registry: fromHex(field.facts.registry), chainId: 31_337 }
})

/** Facts of the field with its only key and home changed. */
function lied(change: { key?: object; home?: object; facts?: Partial<ChainFacts> }): Field {
  const { facts } = field
  const keys = facts.keys.map((key) => ({ ...key, ...change.key }))
  const homes = facts.homes.map((home) => ({ ...home, ...change.home }))
  return { ...field, facts: { ...facts, keys, homes, ...change.facts } }
}

describe('a state that a trusted block hash stands for', () => {
  const offline = async (of: Field, named?: Hash32): Promise<string> => {
    const { bytes, blockHash } = await withState(of, bundle)
    return firstFault(await judge(bytes, { trust, facts: null, blockHash: named ?? blockHash }))
  }

  it('proves the bundle', async () => {
    expect(await offline(field)).toBe('none')
  })

  it('proves nothing when another block was named', async () => {
    expect(await offline(field, hash32(new Uint8Array(32)))).toBe('final: proof-invalid')
  })

  it('proves nothing without a node, a block or a chain that is named', async () => {
    const { bytes, blockHash } = await withState(field, bundle)
    const { registry } = trust
    expect((await judge(bytes, { trust, facts: null })).verdict).toBe('unchecked')
    expect((await judge(bytes, { trust: { registry }, facts: null, blockHash })).verdict).toBe('unchecked')
    expect(firstFault(await judge(bytes, { trust: { registry, chainId: 1 }, facts: null, blockHash }))).toBe(
      'chain: chain-mismatch',
    )
  })

  it('proves nothing of an attacker’s registry and log in the same state', async () => {
    const attacker = await makeField('attacker')
    const { bytes, blockHash } = await withState(attacker, attacker.bundle([[0, [1]]]))
    const own = { registry: fromHex(attacker.facts.registry), chainId: 31_337 }
    expect((await judge(bytes, { trust: own, facts: null, blockHash })).verdict).toBe('pass')
    expect(firstFault(await judge(bytes, { trust, facts: null, blockHash }))).toBe('contracts: proof-invalid')
  })

  it.each<[string, Parameters<typeof lied>[0], string]>([
    ['a key revoked before the anchor', { key: { revokedBlock: 499 } }, 'enrolment: revoked-key'],
    ["a key revoked in the anchor's block", { key: { revokedBlock: 500 } }, 'enrolment: revoked-key'],
    ['a key retired at this sequence', { key: { retiredSeq: 1, retiredBlock: 500 } }, 'enrolment: revoked-key'],
    ['a key enrolled after the anchor', { key: { fromBlock: 501 } }, 'enrolment: unknown-key'],
    ['the key of another machine', { key: { machine: `${'b'.repeat(25)}a` } }, 'enrolment: unknown-key'],
    ['a home that began after the anchor', { home: { since: 501 } }, 'home: proof-invalid'],
    ['a home that ended before the anchor', { home: { until: 499 } }, 'home: proof-invalid'],
    ['no such key', { facts: { keys: [] } }, 'contracts: proof-invalid'],
    ['no home', { facts: { homes: [] } }, 'contracts: proof-invalid'],
  ])('refuses %s', async (_what, change, fault) => {
    expect(await offline(lied(change))).toBe(fault)
  })

  it.each([
    ['a key revoked after the anchor', { key: { revokedBlock: 501 } }],
    ['a key retired at the next sequence', { key: { retiredSeq: 2, retiredBlock: 499 } }],
    ['a key retired after the anchor', { key: { retiredSeq: 1, retiredBlock: 501 } }],
    ['a home that ended after the anchor', { home: { until: 501 } }],
  ])('takes %s: it was in force then', async (_what, change) => {
    expect(await offline(lied(change))).toBe('none')
  })

  it('refuses a head that the chain never had', async () => {
    const { transaction } = field.facts
    const treeHeads = transaction?.treeHeads.map((head) => ({ ...head, root: 'cc'.repeat(32) })) ?? []
    const facts = { transaction: transaction && { ...transaction, treeHeads } }
    expect(await offline(lied({ facts }))).toBe('anchor: proof-invalid')
  })

  it('proves no lower bound with a beacon header that no statement names', async () => {
    const other = (await makeField('other')).beaconHeader
    expect(await offline({ ...field, beaconHeader: other })).toBe('contracts: proof-invalid')
  })
})

describe('a state that a node has to know too', () => {
  const online = async (change: (facts: ChainFacts) => ChainFacts): Promise<string> => {
    const { bytes, facts } = await withState(field, bundle)
    return firstFault(await judge(bytes, { trust, facts: change(facts) }))
  }

  it.each<[string, (facts: ChainFacts) => ChainFacts, string]>([
    ['nothing else', (facts) => facts, 'none'],
    ['no such block', (facts) => ({ ...facts, blocks: field.facts.blocks }), 'final: proof-invalid'],
    ['a block that is not final', (facts) => ({ ...facts, finalized: 599 }), 'final: not-anchored-yet'],
    ['another chain', (facts) => ({ ...facts, chainId: 1 }), 'chain: chain-mismatch'],
    ['another AnchorLog', (facts) => ({ ...facts, anchorLog: 'cc'.repeat(20) }), 'contracts: proof-invalid'],
    ['no registry', (facts) => ({ ...facts, registry: 'cc'.repeat(20) }), 'contracts: contract-missing'],
    ['no key', (facts) => ({ ...facts, keys: [] }), 'enrolment: unknown-key'],
    ['no home', (facts) => ({ ...facts, homes: [] }), 'home: proof-invalid'],
    [
      'a revocation at the anchor that the state does not know',
      (facts) => ({ ...facts, keys: facts.keys.map((key) => ({ ...key, revokedBlock: 500 })) }),
      'enrolment: revoked-key',
    ],
    [
      'another block at that number',
      (facts) => ({ ...facts, blocks: facts.blocks.map((block) => ({ ...block, hash: 'cc'.repeat(32) })) }),
      'final: proof-invalid',
    ],
  ])('says: %s', async (_what, change, fault) => {
    expect(await online(change)).toBe(fault)
  })
})
