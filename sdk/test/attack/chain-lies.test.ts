import { beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/index.ts'
import { keccak256, type Rpc } from '../../src/evm/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { encodeBundle, type Report, verifyBundle } from '../../src/verify/index.ts'
import { type ChainFacts, strictRpc } from './kit/chain.ts'
import { homes, keys, tx } from './kit/changes.ts'
import { cachedEngines } from './kit/engines.ts'
import { type Field, makeField } from './kit/field.ts'
import { allSamples, firstFault, judge, type Sample } from './kit/sample.ts'

let honest: Field
let attacker: Field
let samples: readonly ByNode[]
const trust = { registry: keccak256(utf8('field registry')).slice(0, 20), chainId: 31337 }

beforeAll(async () => {
  honest = await makeField()
  attacker = await makeField('attacker')
  samples = (await allSamples()).flatMap(({ facts, ...rest }) => (facts === null ? [] : [{ ...rest, facts }]))
})

function bundle(field: Field): Uint8Array {
  return encodeBundle(field.bundle([[0, [1]]]), nativeHash)
}

describe("an attacker's own contracts on the same chain", () => {
  it('prove nothing to whoever trusts another registry', async () => {
    const chain = { ...honest.facts, others: [attacker.facts] }
    const own = { registry: keccak256(utf8('attacker registry')).slice(0, 20), chainId: 31337 }
    const atHome = { facts: { ...attacker.facts, others: [honest.facts] }, trust: own }
    expect((await judge(bundle(attacker), atHome)).verdict).toBe('pass')
    expect(firstFault(await judge(bundle(attacker), { facts: chain, trust }))).toBe('enrolment: unknown-key')
  })

  it('prove nothing when the attacker even enrolled the machine and moved its home, but not in that AnchorLog', async () => {
    const keys = [...honest.facts.keys, ...attacker.facts.keys]
    const homes = [...honest.facts.homes, ...attacker.facts.homes]
    const chain = { ...honest.facts, keys, homes, others: [attacker.facts] }
    expect(firstFault(await judge(bundle(attacker), { facts: chain, trust }))).toBe('anchor: proof-invalid')
  })

  it('prove nothing with an honest bundle whose anchor names the log of the attacker', async () => {
    const named = { ...honest.bundle([[0, [1]]]), anchor: attacker.bundle([[0, [1]]]).anchor }
    const chain = { ...honest.facts, others: [attacker.facts] }
    expect(firstFault(await judge(encodeBundle(named, nativeHash), { facts: chain, trust }))).toBe(
      'home: proof-invalid',
    )
  })
})

describe('a chain that says otherwise', () => {
  const attacks: readonly (readonly [string, (facts: ChainFacts) => ChainFacts, string])[] = [
    [
      'an event from another contract',
      tx((t) => ({ treeHeads: t.treeHeads.map((h) => ({ ...h, address: 'cc'.repeat(20) })) })),
      'anchor: proof-invalid',
    ],
    [
      'the event of another log',
      tx((t) => ({ treeHeads: t.treeHeads.map((h) => ({ ...h, logId: 'cc'.repeat(32) })) })),
      'anchor: proof-invalid',
    ],
    ['a head that the chain never had', tx((t) => ({ treeHeads: t.treeHeads.slice(0, -1) })), 'anchor: proof-invalid'],
    [
      'every root but this one',
      tx((t) => ({ treeHeads: t.treeHeads.map((h) => ({ ...h, root: 'cc'.repeat(32) })) })),
      'anchor: proof-invalid',
    ],
    ['a log that was removed', tx(() => ({ treeHeads: [] })), 'anchor: proof-invalid'],
    ['a transaction that was reverted', tx(() => ({ status: 0 })), 'anchor: proof-invalid'],
    ['a transaction in another block', tx(() => ({ blockNumber: 501 })), 'anchor: proof-invalid'],
    ['a transaction in a block of another hash', tx(() => ({ blockHash: 'cc'.repeat(32) })), 'anchor: proof-invalid'],
    ['a block that was reorganised away', tx(() => ({ canonical: false })), 'anchor: proof-invalid'],
    ['a final block below the anchor', tx(() => ({ final: false })), 'final: not-anchored-yet'],
    ['no such transaction', (facts) => ({ ...facts, transaction: null }), 'anchor: proof-invalid'],
    [
      'another AnchorLog in the registry',
      (facts) => ({ ...facts, anchorLog: 'cc'.repeat(20) }),
      'anchor: proof-invalid',
    ],
    ['another registry', (facts) => ({ ...facts, registry: 'cc'.repeat(20) }), 'contracts: contract-missing'],
    ['another chain', (facts) => ({ ...facts, chainId: 1 }), 'chain: chain-mismatch'],
    ['no such key', (facts) => ({ ...facts, keys: [] }), 'enrolment: unknown-key'],
    ['a key enrolled after the anchor', keys({ fromBlock: 501 }), 'enrolment: unknown-key'],
    ['a key revoked in the anchor’s block', keys({ revokedBlock: 500 }), 'enrolment: revoked-key'],
    ['a key retired at this sequence', keys({ retiredSeq: 1, retiredBlock: 500 }), 'enrolment: revoked-key'],
    ['the key of another machine', keys({ machine: 'a'.repeat(26) }), 'enrolment: unknown-key'],
    ['no home', (facts) => ({ ...facts, homes: [] }), 'home: proof-invalid'],
    ['a home that began after the anchor', homes({ since: 501 }), 'home: proof-invalid'],
    ['a home that ended in the anchor’s block', homes({ until: 500 }), 'home: proof-invalid'],
  ]
  it.each(attacks)('refuses %s', async (_what, change, fault) => {
    const report = await judge(bundle(honest), { facts: change(honest.facts), trust })
    expect([report.verdict, firstFault(report)]).toEqual(['fail', fault])
  })

  it.each([
    ['a key revoked after the anchor', keys({ revokedBlock: 501 })],
    ['a key retired at the next sequence', keys({ retiredSeq: 2, retiredBlock: 499 })],
    ['a key retired after the anchor', keys({ retiredSeq: 1, retiredBlock: 501 })],
    ['a home that ended after the anchor', homes({ until: 501 })],
  ])('takes %s: it was in force then', async (_what, change) => {
    expect((await judge(bundle(honest), { facts: change(honest.facts), trust })).verdict).toBe('pass')
  })
})

describe('a stranger in the anchoring transaction', () => {
  it('cannot spoil a proof with a head of its own log that is larger than we count', async () => {
    const stranger = { address: honest.facts.anchorLog, logId: 'cc'.repeat(32), size: 2 ** 60, root: 'cc'.repeat(32) }
    const facts = tx((t) => ({ treeHeads: [stranger, ...t.treeHeads] }))(honest.facts)
    expect((await judge(bundle(honest), { facts, trust })).verdict).toBe('pass')
  })
})

describe('a node that answers in no shape', () => {
  const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown
  const nonsense: readonly unknown[] = [
    ...[
      undefined,
      null,
      true,
      0,
      -1,
      1e308,
      Number.NaN,
      '',
      '0x',
      '0x0',
      '0x1',
      '0xzz',
      '0x1f',
      'latest',
      `0x${'ff'.repeat(32)}`,
    ],
    ...[
      `0x${'00'.repeat(32)}`,
      `0x${'00'.repeat(64)}`,
      `0x${'ff'.repeat(160)}`,
      `0x${'0'.repeat(100_001)}`,
      '\u0000',
      '\ud800',
    ],
    ...[
      [],
      {},
      [[]],
      [null],
      deep,
      { number: '0x1' },
      { hash: null },
      { __proto__: null, logs: 1 },
      { status: '0x1', logs: [{}] },
    ],
    ...[
      { number: '0x1f4', hash: '0x', timestamp: '0x1' },
      { number: '0x1f4', hash: `0x${'00'.repeat(32)}`, timestamp: '0xffffffffffff' },
    ],
  ]
  const methods = ['eth_chainId', 'eth_getBlockByNumber', 'eth_getTransactionReceipt', 'eth_call'] as const

  it.each(methods)('never makes a proof pass, and never throws: %s', async (method) => {
    let lies = 0
    for (const sample of samples) {
      for (const answer of nonsense) {
        let wasAsked = false
        const report = await lied(sample, (asked, _params, truth) => {
          wasAsked ||= asked === method
          return asked === method ? answer : truth
        })
        if (wasAsked) expect(report.verdict, JSON.stringify(answer)).not.toBe('pass')
        if (wasAsked) lies += 1
      }
    }
    expect(lies).toBeGreaterThan(nonsense.length * 5)
  })

  it('never makes a proof pass, and never throws, with data as long as an answer may be', async () => {
    const [sample] = samples
    if (sample === undefined) throw new Error('there is a sample')
    const long = `0x${'ab'.repeat(4 * 1024 * 1024)}`
    for (const method of ['eth_chainId', 'eth_call']) {
      expect((await lied(sample, (asked, _params, truth) => (asked === method ? long : truth))).verdict).not.toBe(
        'pass',
      )
    }
    const data = await lied(sample, (asked, _params, truth) =>
      asked === 'eth_getTransactionReceipt' ? changed(truth, ['logs', '0', 'data'], long) : truth,
    )
    expect(data.verdict).not.toBe('pass')
  })

  it('never makes a proof pass when one field of one answer is nonsense', async () => {
    const [sample] = samples
    if (sample === undefined) throw new Error('there is a sample')
    let lies = 0
    for (const [method, field] of FIELDS) {
      for (const answer of nonsense) {
        const report = await lied(sample, (asked, params, truth) => {
          if (
            asked !== method ||
            truth === null ||
            (method === 'eth_getBlockByNumber' && params[0] !== 'finalized' && Number(params[0]) < 1300)
          )
            return truth
          return changed(truth, field, answer)
        })
        // The time of a block is said, not proven: a node may say any, and the window shows it.
        if (field[0] === 'timestamp') expect(['fail', 'unchecked', 'pass']).toContain(report.verdict)
        else if (!isTheTruth(method, field, answer))
          expect(report.verdict, `${method} ${field.join('.')} ${JSON.stringify(answer)}`).not.toBe('pass')
        lies += 1
      }
    }
    expect(lies).toBeGreaterThan(300)
  })
})

const FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ...['number', 'hash', 'timestamp'].map((name) => ['eth_getBlockByNumber', [name]] as const),
  ...['status', 'blockNumber', 'blockHash', 'transactionHash', 'logs'].map(
    (name) => ['eth_getTransactionReceipt', [name]] as const,
  ),
  ...['address', 'topics', 'data'].map((name) => ['eth_getTransactionReceipt', ['logs', '0', name]] as const),
]

/** `0x1` is what an honest node says of a transaction that succeeded. */
function isTheTruth(method: string, field: readonly string[], answer: unknown): boolean {
  return method === 'eth_getTransactionReceipt' && field[0] === 'status' && answer === '0x1'
}

function changed(value: unknown, [name, ...rest]: readonly string[], answer: unknown): unknown {
  if (name === undefined) return answer
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === name ? changed(item, rest, answer) : item))
  const fields = value as Record<string, unknown>
  return { ...fields, [name]: changed(fields[name], rest, answer) }
}

/** A sample that a node is asked about. */
type ByNode = Sample & { readonly facts: ChainFacts }

type Lie = (method: string, params: readonly unknown[], truth: unknown) => unknown

function lied(sample: ByNode, lie: Lie): Promise<Report> {
  const truth = strictRpc(sample.facts)
  const rpc: Rpc = async (method, params) => lie(method, params, await truth(method, params))
  return verifyBundle(sample.bytes, { trust: sample.trust, rpc, engines: cachedEngines })
}
