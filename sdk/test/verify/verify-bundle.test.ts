import { beforeAll, describe, expect, it } from 'vitest'
import { FieldproofError } from '../../src/base/index.ts'
import { pureHash, pureSuites } from '../../src/crypto/index.ts'
import { nativeHash, nativeSuites } from '../../src/native/index.ts'
import {
  type Bundle,
  type CheckId,
  type Engines,
  encodeBundle,
  type Report,
  verifyBundle,
} from '../../src/verify/index.ts'
import {
  ANCHOR_BLOCK,
  BEACON_BLOCK,
  CHAIN_ID,
  type ChainState,
  makeWorld,
  REGISTRY,
  rpcOf,
  type World,
} from './fixture.ts'

const ENGINES: Readonly<Record<string, Engines>> = {
  pure: { hash: pureHash, suites: pureSuites },
  native: { hash: nativeHash, suites: nativeSuites },
}

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

const down = (method: string): never => {
  throw new FieldproofError('rpc-failed', `${method}: connection refused`)
}

function verify(
  bytes: Uint8Array,
  chain: ChainState,
  engines = ENGINES['native']!,
  chainId = CHAIN_ID,
): Promise<Report> {
  return verifyBundle(bytes, { trust: { registry: REGISTRY, chainId }, rpc: rpcOf(chain, down), engines })
}

function failed(report: Report): CheckId[] {
  return report.checks.filter((check) => check.status === 'fail').map((check) => check.id)
}

for (const [name, engines] of Object.entries(ENGINES)) {
  describe(`a good bundle, ${name} engines`, () => {
    it('passes every check and says when and what', async () => {
      const report = await verify(world.bytes, world.chain, engines)
      expect(report.checks.map((c) => `${c.id} ${c.status}`)).toEqual(report.checks.map((c) => `${c.id} pass`))
      expect(report.checks).toHaveLength(13)
      expect(report.verdict).toBe('pass')
      expect(report.window).toEqual({
        notBefore: 1_700_000_000 + BEACON_BLOCK * 12,
        notAfter: 1_700_000_000 + ANCHOR_BLOCK * 12,
      })
      expect(report.rows.map((row) => [row.sequence, row.index, row.values[0]?.value])).toEqual([
        [1, 2, '21.38'],
        [2, 1, '21.47'],
        [2, 3, '21.49'],
      ])
    })
  })
}

describe('a chain that contradicts the bundle', () => {
  const cases: readonly (readonly [string, Partial<ChainState>, CheckId])[] = [
    ['refuses another chain', { chainId: 1 }, 'chain'],
    ['refuses a registry that is no contract', { missing: new Set(['registry']) }, 'contracts'],
    ['refuses a key that was never enrolled', { key: null }, 'enrolment'],
    [
      'refuses a key of another machine',
      { key: { machine: new Uint8Array(16), from: 10, retiredSeq: 0, retiredBlock: 0, revoked: 0 } },
      'enrolment',
    ],
    ['refuses a log that never was home', { home: null }, 'home'],
    ['refuses a home that began after the anchor', { home: { since: ANCHOR_BLOCK + 1, until: 0 } }, 'home'],
    ['refuses a home that ended before the anchor', { home: { since: 1, until: ANCHOR_BLOCK } }, 'home'],
    ['refuses a reverted transaction', { reverted: true }, 'anchor'],
    ['refuses a transaction that is not there', { missing: new Set(['tx']) }, 'anchor'],
    ['refuses a head of another size', { size: 5 }, 'anchor'],
    ['refuses a head with another root', { root: new Uint8Array(32) as ChainState['root'] }, 'anchor'],
    ['refuses a block that a reorganisation replaced', { forked: new Set([ANCHOR_BLOCK]) }, 'anchor'],
    ['refuses a block that is not final', { final: ANCHOR_BLOCK - 1 }, 'final'],
  ]
  for (const [name, change, check] of cases) {
    it(name, async () => {
      const report = await verify(world.bytes, { ...world.chain, ...change })
      expect(report.verdict).toBe('fail')
      expect(failed(report)).toEqual([check])
    })
  }

  it('judges a key by its state at the anchor and at the sequence', async () => {
    const key = world.chain.key!
    const verdictOf = async (change: Partial<typeof key>): Promise<string> =>
      (await verify(world.bytes, { ...world.chain, key: { ...key, ...change } })).verdict
    expect(await verdictOf({ from: ANCHOR_BLOCK })).toBe('pass')
    expect(await verdictOf({ from: ANCHOR_BLOCK + 1 })).toBe('fail')
    expect(await verdictOf({ revoked: ANCHOR_BLOCK + 1 })).toBe('pass')
    expect(await verdictOf({ revoked: ANCHOR_BLOCK })).toBe('fail')
    expect(await verdictOf({ retiredSeq: 3, retiredBlock: 11 })).toBe('pass')
    expect(await verdictOf({ retiredSeq: 2, retiredBlock: 11 })).toBe('fail')
    expect(await verdictOf({ retiredSeq: 2, retiredBlock: ANCHOR_BLOCK })).toBe('fail')
  })

  it('says "not checked" when the node does not answer, and never "verified"', async () => {
    const report = await verify(world.bytes, { ...world.chain, down: true })
    expect(report.verdict).toBe('unchecked')
    expect(failed(report)).toEqual([])
    expect(report.rows).toHaveLength(3)
  })

  it('keeps the proof and drops the lower bound when the beacon is not canonical', async () => {
    const report = await verify(world.bytes, { ...world.chain, forked: new Set([BEACON_BLOCK]) })
    expect(report.verdict).toBe('pass')
    expect(failed(report)).toEqual(['beacon'])
    expect(report.window.notBefore).toBeNull()
  })
})

describe('a bundle with something wrong in it', () => {
  it('refuses every single flipped bit', async () => {
    const verdicts = new Map<string, number>()
    for (let bit = 0; bit < world.bytes.length * 8; bit += 7) {
      const bytes = world.bytes.slice()
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
      const { verdict } = await verify(bytes, world.chain)
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
    }
    expect([...verdicts.keys()]).toEqual(['fail'])
  })

  it('refuses every truncation and an appended byte', async () => {
    for (let length = 0; length < world.bytes.length; length += 13) {
      expect((await verify(world.bytes.slice(0, length), world.chain)).verdict).toBe('fail')
    }
    expect((await verify(new Uint8Array([...world.bytes, 0]), world.chain)).verdict).toBe('fail')
  })

  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
  const mutations: readonly (readonly [string, (bundle: Bundle) => Bundle, CheckId])[] = [
    ['another key', (b) => ({ ...b, keys: [otherKey] }), 'keys'],
    [
      'a signature byte',
      (b) => mapStatement(b, (s) => ({ ...s, bytes: flip(s.bytes, s.bytes.length - 1) })),
      'signatures',
    ],
    ['a row byte', (b) => mapRow(b, (r) => ({ ...r, input: flip(r.input, 5) })), 'rows'],
    ['a row path', (b) => mapRow(b, (r) => ({ ...r, path: r.path.map((n) => flip(n, 0)) })), 'rows'],
    [
      'a row path that is too long',
      (b) => mapRow(b, (r) => ({ ...r, path: [...r.path, new Uint8Array(32)] })),
      'bundle',
    ],
    ['a log path', (b) => mapStatement(b, (s) => ({ ...s, logPath: s.logPath.map((n) => flip(n, 31)) })), 'log'],
    ['another transaction', (b) => ({ ...b, anchor: { ...b.anchor, blockNumber: ANCHOR_BLOCK - 1 } }), 'anchor'],
    ['another chain', (b) => ({ ...b, anchor: { ...b.anchor, caip2: 'eip155:1' } }), 'chain'],
  ]
  let otherKey: Uint8Array
  beforeAll(async () => {
    otherKey = (await makeWorld(9)).bundle.keys[0]!
  })

  for (const [name, mutate, check] of mutations) {
    it(`refuses ${name}, with its digest recomputed`, async () => {
      const report = await verify(encodeBundle(mutate(world.bundle), pureHash), world.chain)
      expect(failed(report)[0]).toBe(check)
      expect(report.verdict).toBe('fail')
    })
  }

  it('refuses parts that are not numbered by their first use (BUNDLE-8)', () => {
    const { bundle } = world
    const swapped = {
      ...bundle,
      keys: [...bundle.keys, otherKey],
      statements: bundle.statements.map((s) => ({ ...s, key: 1 - s.key })),
    }
    expect(() => encodeBundle(swapped, pureHash)).toThrow('bundle-invalid')
  })

  it('never throws, whatever the bytes are', async () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(32), new Uint8Array(100_000).fill(0x81)]) {
      expect((await verify(bytes, world.chain)).verdict).toBe('fail')
    }
  })

  it('lets an error of ours through: it must not look like a forged proof', async () => {
    const broken = {
      hash: {
        ...nativeHash,
        sha256: () => {
          throw new TypeError('bug')
        },
      },
      suites: nativeSuites,
    }
    await expect(verify(world.bytes, world.chain, broken)).rejects.toThrow('bug')
  })
})

function mapRow(bundle: Bundle, change: (row: Bundle['rows'][number]) => Bundle['rows'][number]): Bundle {
  return { ...bundle, rows: bundle.rows.map((row, i) => (i === 1 ? change(row) : row)) }
}

function mapStatement(
  bundle: Bundle,
  change: (s: Bundle['statements'][number]) => Bundle['statements'][number],
): Bundle {
  return { ...bundle, statements: bundle.statements.map((s, i) => (i === 1 ? change(s) : s)) }
}
