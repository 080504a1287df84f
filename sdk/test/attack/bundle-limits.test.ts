import { describe, expect, it } from 'vitest'
import { concat, type Hash32, toHex } from '../../src/base/index.ts'
import { inclusionPathLength, leafHash, rootFromInclusion } from '../../src/merkle/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { type Bundle, encodeBundle } from '../../src/verify/index.ts'
import { encodeCbor, MAX_BUNDLE_BYTES, MAX_PATH } from '../../src/wire/index.ts'
import type { ChainFacts } from './kit/chain.ts'
import { type Field, makeField, provenRow } from './kit/field.ts'
import { fileOf, firstFault, judge } from './kit/sample.ts'

const trustOf = (facts: ChainFacts) => ({ registry: Buffer.from(facts.registry, 'hex'), chainId: facts.chainId })

async function faultOf(bytes: Uint8Array, { facts }: Pick<Field, 'facts'>): Promise<string> {
  return firstFault(await judge(bytes, { facts, trust: trustOf(facts) }))
}

describe('a bundle at its limits', () => {
  it('verifies with all 4096 rows of the largest batch', async () => {
    const field = await makeField('large', [{ machine: 'mast', stream: 'weather', rows: 4096 }])
    const all = Array.from({ length: 4096 }, (_, i) => i + 1)
    const bundle = withSharedTree(field, all)
    const bytes = encodeBundle(bundle, nativeHash)
    expect(bytes.length).toBeGreaterThan(1_900_000)
    expect(await faultOf(bytes, field)).toBe('none')
    const last = bytes.length - 200 // inside the path of the last row
    expect(
      await faultOf(fileOf(bytes.slice(32).map((byte, i) => (i === last - 32 ? byte ^ 1 : byte))), field),
    ).not.toBe('none')
  })

  it('verifies paths of 53 nodes in a log of 2^53 - 1 leaves, and refuses the 54th', async () => {
    const field = await makeField()
    const bundle = field.bundle([[0, [1]]])
    const [statement] = bundle.statements
    if (statement === undefined) throw new Error('a bundle has a statement')
    const size = Number.MAX_SAFE_INTEGER
    const logIndex = 2 ** 52
    const path = Array.from({ length: inclusionPathLength(logIndex, size) }, (_, i) =>
      nativeHash.sha256(Uint8Array.of(i)),
    )
    expect(path).toHaveLength(MAX_PATH)
    const deep = (logPath: readonly Uint8Array[]): Bundle => ({
      ...bundle,
      statements: [{ ...statement, logIndex, logPath }],
      anchor: { ...bundle.anchor, size },
    })
    const root = rootFromInclusion(nativeHash, {
      leafHash: leafHash(nativeHash, statement.bytes),
      index: logIndex,
      size,
      path,
    })
    const facts = withHead(field.facts, size, root)
    expect(await faultOf(encodeBundle(deep(path), nativeHash), { facts })).toBe('none')
    expect(await faultOf(encodeBundle(deep(path), nativeHash), field)).toBe('anchor: proof-invalid')
    for (const wrong of [path.slice(1), [...path, new Uint8Array(32)]]) {
      expect(() => encodeBundle(deep(wrong), nativeHash)).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
    }
  })

  it.each<[string, number, (count: number) => unknown[], string]>([
    ['16384 rows that are none', 16_384, (count) => rowsOf(count), 'bundle: bundle-invalid'],
    ['16385 rows', 16_385, (count) => rowsOf(count), 'bundle: bundle-invalid'],
    [
      '16385 rows, no items in them',
      16_385,
      (count) => Array.from({ length: count }, () => 0),
      'bundle: bundle-invalid',
    ],
    [
      'more items than a bundle may have',
      262_144,
      (count) => Array.from({ length: count }, () => 0),
      'bundle: too-large',
    ],
  ])('refuses %s', async (_what, count, rows, fault) => {
    const field = await makeField()
    const { keys, definitions, statements, anchor } = field.bundle([[0, [1]]])
    const body = encodeCbor([
      1,
      keys,
      definitions,
      statements.map((s) => [s.bytes, s.key, s.definition, s.logIndex, s.logPath]),
      rows(count) as never,
      [anchor.caip2, anchor.logId, anchor.size, anchor.blockNumber, anchor.blockHash, anchor.txHash],
    ])
    expect(await faultOf(fileOf(body), field)).toBe(fault)
  })

  it.each<[string, () => Uint8Array, string]>([
    [
      'a key of 4 MiB',
      () => encodeCbor([1, [new Uint8Array(MAX_BUNDLE_BYTES - 100)], [], [], [], []]),
      'bundle: bundle-invalid',
    ],
    [
      '16384 keys and definitions that nobody uses',
      () => encodeCbor([1, many(0), many(1), [], [], []]),
      'bundle: bundle-invalid',
    ],
    ['4 MiB of zeros', () => new Uint8Array(MAX_BUNDLE_BYTES - 32), 'bundle: malformed'],
    ['one byte over 4 MiB', () => new Uint8Array(MAX_BUNDLE_BYTES - 31), 'bundle: too-large'],
    ['4 MiB of arrays in arrays', () => new Uint8Array(MAX_BUNDLE_BYTES - 32).fill(0x81), 'bundle: too-large'],
    ['4 MiB of maps in maps', () => new Uint8Array(MAX_BUNDLE_BYTES - 32).fill(0xa1), 'bundle: malformed'],
    [
      '4 MiB of empty arrays',
      () => concat(Uint8Array.of(0x9a, 0, 0x3f, 0xff, 0xdb), new Uint8Array(4_194_267).fill(0x80)),
      'bundle: too-large',
    ],
  ])('refuses %s', async (_what, body, fault) => {
    expect(await faultOf(fileOf(body()), await makeField())).toBe(fault)
  })
})

/** The bundle of many rows of batch 0, from one tree for all of them. */
function withSharedTree(field: Field, rows: readonly number[]): Bundle {
  const [batch] = field.batches
  if (batch === undefined) throw new Error('a field has a batch')
  const proven = provenRow(batch)
  return { ...field.bundle([[0, [1]]]), rows: rows.map((index) => proven(0, index)) }
}

function withHead(facts: ChainFacts, size: number, root: Hash32): ChainFacts {
  const { transaction } = facts
  const [head] = transaction?.treeHeads ?? []
  if (transaction === null || head === undefined) throw new Error('a field is anchored')
  return { ...facts, transaction: { ...transaction, treeHeads: [{ ...head, size, root: toHex(root) }] } }
}

function rowsOf(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => [0, i + 1, new Uint8Array(0), [new Uint8Array(32)]])
}

function many(kind: number): Uint8Array[] {
  return Array.from({ length: 16_384 }, (_, i) => Uint8Array.of(kind, i >> 8, i))
}
