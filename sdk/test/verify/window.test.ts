/** What a verdict rests on, and what it says of time. */
import { describe, expect, it } from 'vitest'
import { FieldproofError, toHex } from '../../src/base/index.ts'
import { reportJson, reportText } from '../../src/cli/report-text.ts'
import {
  decodeStatement,
  encodeStatement,
  pureHash,
  pureSuites,
  type Suite,
  statementToBeSigned,
} from '../../src/crypto/index.ts'
import { leafHash, MerkleTree } from '../../src/merkle/index.ts'
import { encodeBundle, type Report, verifyBundle } from '../../src/verify/index.ts'
import {
  BEACON_BLOCK,
  blockHash,
  CHAIN_ID,
  type ChainState,
  makeWorld,
  REGISTRY,
  rpcOf,
  signerOf,
  type World,
} from './fixture.ts'

const refuse = (method: string): never => {
  throw new FieldproofError('rpc-failed', method)
}

async function passing(): Promise<Report> {
  const { bytes, chain } = await makeWorld()
  const report = await verifyBundle(bytes, { trust: { registry: REGISTRY }, rpc: rpcOf(chain, refuse) })
  expect(report.verdict).toBe('pass')
  return report
}

describe('a verdict', () => {
  it('rests on signatures of machines alone, and asks nobody but the node that it was given (BUNDLE-20)', async () => {
    const { bytes, bundle, chain } = await makeWorld()
    const keys = new Set<string>()
    const suites = (alg: number): Suite | undefined => {
      const suite = pureSuites(alg)
      if (suite === undefined) return undefined
      return {
        ...suite,
        verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
          keys.add(toHex(publicKey))
          return suite.verify(publicKey, message, signature)
        },
      }
    }
    const methods = new Set<string>()
    const node = rpcOf(chain, refuse)
    const rpc: typeof node = (method, params) => {
      methods.add(method)
      return node(method, params)
    }
    const { verdict } = await verifyBundle(bytes, {
      trust: { registry: REGISTRY },
      rpc,
      engines: { hash: pureHash, suites },
    })
    expect(verdict).toBe('pass')
    expect([...keys]).toEqual([toHex(signerOf(7).publicKey)])
    expect([...methods].every((method) => method.startsWith('eth_'))).toBe(true)
    // What a gateway signs has no place in the file: each statement has the one signature of its machine.
    expect(Object.keys(bundle).sort()).toEqual(['anchor', 'definitions', 'keys', 'rows', 'statements'])
  })
})

describe('the time window', () => {
  it('is shown whole, with its width, however wide it is (BUNDLE-42)', async () => {
    const report = await passing()
    const wide: Report = { ...report, window: { notBefore: 1_000_000_000, notAfter: 4_102_444_800 } }
    const text = reportText(wide, false)
    expect(text).toContain('Signed after  2001-09-09T01:46:40.000Z\n')
    expect(text).toContain('Signed before 2100-01-01T00:00:00.000Z, 3102444800 s wide\n')
    expect(reportJson(wide)['window']).toEqual({
      notBefore: 1_000_000_000,
      notAfter: 4_102_444_800,
      notBeforeIso: '2001-09-09T01:46:40.000Z',
      notAfterIso: '2100-01-01T00:00:00.000Z',
    })
  })

  it('of a file is the one that holds for all its rows, and each row has its own (BUNDLE-42)', async () => {
    const { bytes, chain } = await withEarlierBeacon(await makeWorld())
    const report = await verifyBundle(bytes, { trust: { registry: REGISTRY }, rpc: rpcOf(chain, refuse) })
    expect(report.verdict).toBe('pass')
    const [early, late] = [EARLIER, BEACON_BLOCK].map((block) => 1_700_000_000 + block * 12)
    expect(report.window.notBefore).toBe(early)
    expect(report.rows.map(({ window }) => window.notBefore)).toEqual([early, late, late])
  })

  it('is of the signing: what the machine says of time neither makes nor narrows it (BUNDLE-42)', async () => {
    const report = await passing()
    const { notBefore, notAfter } = report.window
    expect(report.rows.map(({ window }) => window)).toEqual(report.rows.map(() => ({ notBefore, notAfter })))
    // These rows name times before the window, and their statements are issued before it: that is their word.
    for (const { time } of report.rows) expect(time / 1000).toBeLessThan(notBefore ?? 0)
    const lines = reportText(report, false).split('\n')
    expect(lines).toContain('  at 2023-11-14T22:13:21.000Z by a synchronised clock')
    expect(lines.filter((line) => line.startsWith('Signed '))).toHaveLength(2)
    expect(lines.filter((line) => /^Signed .*22:13:2\d/.test(line))).toEqual([])
  })
})

const EARLIER = 50

/** The same world, its first statement signed again with a beacon of long before. */
async function withEarlierBeacon({ bundle, chain }: World): Promise<{ bytes: Uint8Array; chain: ChainState }> {
  const [first, ...rest] = bundle.statements
  if (first === undefined) throw new Error('the fixture has statements')
  const beacon = { chainId: CHAIN_ID, blockNumber: EARLIER, blockHash: blockHash(EARLIER) }
  const said = { ...decodeStatement(first.bytes, pureHash).statement, beacon }
  const signed = encodeStatement(said, await signerOf(7).sign(statementToBeSigned(said)))
  const tree = new MerkleTree(pureHash)
  for (const leaf of [new Uint8Array(1), signed, ...rest.map(({ bytes }) => bytes)])
    tree.append(leafHash(pureHash, leaf))
  const statements = [{ ...first, bytes: signed }, ...rest].map((statement) => ({
    ...statement,
    logPath: tree.inclusionPath(statement.logIndex, tree.size),
  }))
  const changed = { ...bundle, statements, anchor: { ...bundle.anchor, size: tree.size } }
  return { bytes: encodeBundle(changed, pureHash), chain: { ...chain, root: tree.root(), size: tree.size } }
}
