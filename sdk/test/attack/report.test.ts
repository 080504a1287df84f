import { describe, expect, it } from 'vitest'
import { FieldproofError } from '../../src/base/index.ts'
import { reportText } from '../../src/cli/report-text.ts'
import { decodeStatement, encodeStatement, pureHash, statementToBeSigned } from '../../src/crypto/index.ts'
import { leafHash, MerkleTree } from '../../src/merkle/index.ts'
import { encodeBundle, type Report, verifyBundle } from '../../src/verify/index.ts'
import { type ChainState, makeWorld, REGISTRY, rpcOf, signerOf, type World } from '../verify/fixture.ts'

const refuse = (method: string): never => {
  throw new FieldproofError('rpc-failed', method)
}

describe('a report about beacons', () => {
  it('never says of a statement without a beacon that its block is canonical', async () => {
    const world = await withoutBeacon(await makeWorld())
    const report = await verify(world)
    const beacons = report.checks.filter(({ id }) => id === 'beacon')
    expect(report.verdict).toBe('pass')
    expect(beacons).toMatchObject([{ status: 'unchecked' }])
    expect(report.window.notBefore).toBeNull()
  })
})

describe('a node that lies', () => {
  it('does not bring down the report with a block time that no calendar has', async () => {
    const { bytes, chain } = await makeWorld()
    for (const timestamp of ['0x4189374bc7', '0x1fffffffffffff']) {
      const rpc = async (method: string, params: readonly unknown[]): Promise<unknown> => {
        const answer = await rpcOf(chain, refuse)(method, params)
        return method === 'eth_getBlockByNumber' ? { ...(answer as object), timestamp } : answer
      }
      const report = await verifyBundle(bytes, { trust: { registry: REGISTRY }, rpc })
      expect(report.verdict).toBe('unchecked')
      expect(reportText(report, false).endsWith('NOT CHECKED')).toBe(true)
    }
  })

  it('never brings about a pass by an answer of another shape', async () => {
    const { bytes, chain } = await makeWorld()
    const shapes = [null, '0x', '0x-1', '0xffffffffffffffff', {}, [], '1', true, -1, JSON.parse('{"__proto__":{}}')]
    const methods = ['eth_chainId', 'eth_call', 'eth_getTransactionReceipt', 'eth_getBlockByNumber']
    for (const shape of shapes) {
      for (const lied of methods) {
        const rpc = async (method: string, params: readonly unknown[]): Promise<unknown> =>
          method === lied ? shape : await rpcOf(chain, refuse)(method, params)
        expect((await verifyBundle(bytes, { trust: { registry: REGISTRY }, rpc })).verdict).not.toBe('pass')
      }
    }
  })
})

async function verify({ bytes, chain }: { bytes: Uint8Array; chain: ChainState }): Promise<Report> {
  return await verifyBundle(bytes, { trust: { registry: REGISTRY }, rpc: rpcOf(chain, refuse) })
}

/** The same world, its first statement signed again without a beacon. */
async function withoutBeacon({ bundle, chain }: World): Promise<{ bytes: Uint8Array; chain: ChainState }> {
  const [first, ...rest] = bundle.statements
  if (first === undefined) throw new Error('the fixture has statements')
  const said = { ...decodeStatement(first.bytes, pureHash).statement, beacon: null }
  const bytes = encodeStatement(said, await signerOf(7).sign(statementToBeSigned(said)))
  const tree = new MerkleTree(pureHash)
  const leaves = [new Uint8Array(1), bytes, ...rest.map((s) => s.bytes)]
  for (const leaf of leaves) tree.append(leafHash(pureHash, leaf))
  const statements = [{ ...first, bytes }, ...rest].map((s) => ({
    ...s,
    logPath: tree.inclusionPath(s.logIndex, tree.size),
  }))
  const changed = { ...bundle, statements, anchor: { ...bundle.anchor, size: tree.size } }
  return { bytes: encodeBundle(changed, pureHash), chain: { ...chain, root: tree.root(), size: tree.size } }
}
