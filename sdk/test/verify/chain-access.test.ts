/** What a verifier asks of a node, and what it makes of a block hash that it was given as well. */
import { beforeAll, describe, expect, it } from 'vitest'
import { concat } from '../../src/base/index.ts'
import { isKeyEntry, readKeyEntry } from '../../src/evm/contracts.ts'
import { type Rpc, wordOf } from '../../src/evm/index.ts'
import { type ChainAccess, type Report, verifyBundle } from '../../src/verify/index.ts'
import { ANCHOR_BLOCK, blockHash, makeWorld, REGISTRY, rpcOf, type World } from './fixture.ts'

let world: World

beforeAll(async () => {
  world = await makeWorld()
})

const rpc = (): Rpc => rpcOf(world.chain, (method) => expect.fail(method))
const verify = (access: ChainAccess): Promise<Report> =>
  verifyBundle(world.bytes, { trust: { registry: REGISTRY }, ...access })
const firstFault = ({ checks }: Report): string | undefined =>
  checks.find((check) => check.required && check.status !== 'pass')?.id

describe('a transaction checked with a node and the hash of a block (BUNDLE-57)', () => {
  it('passes when that is the block of the transaction', async () => {
    expect((await verify({ rpc: rpc(), blockHash: blockHash(ANCHOR_BLOCK) })).verdict).toBe('pass')
  })

  it('is refused when it is another one, and shows no upper bound', async () => {
    const report = await verify({ rpc: rpc(), blockHash: blockHash(ANCHOR_BLOCK + 1) })
    expect(report).toMatchObject({ verdict: 'fail', window: { notAfter: null } })
    expect(firstFault(report)).toBe('final')
  })
})

describe('a transaction in a block that is not final yet', () => {
  it('is refused, and shows no upper bound', async () => {
    const early = { ...world.chain, final: ANCHOR_BLOCK - 1 }
    const report = await verify({ rpc: rpcOf(early, (method) => expect.fail(method)) })
    expect(report).toMatchObject({ verdict: 'fail', window: { notAfter: null } })
    expect(report.checks.find(({ id }) => id === 'final')).toMatchObject({ code: 'not-anchored-yet' })
  })
})

describe('a node', () => {
  it('is asked for each block and each entry once, however many statements need it', async () => {
    const asked: string[] = []
    const honest = rpc()
    const counting: Rpc = (method, params) => {
      asked.push(`${method} ${JSON.stringify(params)}`)
      return honest(method, params)
    }
    expect((await verify({ rpc: counting })).verdict).toBe('pass')
    const beacons = asked.filter((one) => one.startsWith('eth_getBlockByNumber ["0x5a"'))
    expect(beacons).toHaveLength(1)
    const calls = asked.filter((one) => one.startsWith('eth_call'))
    expect(new Set(calls).size).toBe(calls.length)
  })
})

describe('the entry of a key (ANCHOR-16)', () => {
  const entry = (fromBlock: number, retiredSequence: number, retiredBlock: number, revokedBlock: number) => {
    return { machine: new Uint8Array(16), fromBlock, retiredSequence, retiredBlock, revokedBlock }
  }
  const words = (...numbers: number[]): Uint8Array =>
    concat(...numbers.map((n) => wordOf(Uint8Array.of(n >> 8, n & 255))))

  it.each([
    [10, 0, 0, 0],
    [10, 5, 10, 0],
    [10, 5, 20, 30],
    [10, 0, 0, 10],
  ])('is one from %i, retired from sequence %i in block %i, revoked in %i', (...numbers) => {
    expect(isKeyEntry(entry(...numbers))).toBe(true)
    expect(readKeyEntry(words(1, ...numbers))).toMatchObject({ fromBlock: 10 })
  })

  it.each([
    [10, 5, 0, 0],
    [10, 0, 20, 0],
    [10, 5, 9, 0],
    [10, 0, 0, 9],
  ])('is none from %i, retired from sequence %i in block %i, revoked in %i', (...numbers) => {
    expect(isKeyEntry(entry(...numbers))).toBe(false)
    expect(() => readKeyEntry(words(1, ...numbers))).toThrow(expect.objectContaining({ code: 'rpc-invalid' }))
  })
})
