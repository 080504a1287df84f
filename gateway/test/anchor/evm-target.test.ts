import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concat, equalBytes, fromHex, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import { anchorLogSlot, headSlots, readHeader } from '@fieldproof/sdk/evm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf } from '../../src/anchor/accounts.ts'
import { createLog, deployContracts } from '../../src/anchor/deploy.ts'
import { evmTarget } from '../../src/anchor/evm-target.ts'
import { feesOf, raisedFees } from '../../src/anchor/fees.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { startLocalChain } from '../../src/anchor/local-chain.ts'
import type { AnchorEvidence, AnchorTarget, Head, MinedBlock } from '../../src/anchor/ports.ts'
import { type AnvilKit, OPERATOR, RELAY, startAnvil } from './anvil-kit.ts'
import { digest, type FakeLog } from './fake-chain.ts'
import { startProxy } from './rpc-proxy.ts'
import { provenValue, stateRootOf, storageRootOf, wordOfRlp } from './trie.ts'

const NOTHING = { keys: [], machines: [], beacons: [] }

let kit: AnvilKit

beforeAll(async () => {
  kit = await startAnvil()
})

afterAll(() => kit.chain.stop())

/** Appends and mines; the block. */
async function anchor(target: AnchorTarget, log: FakeLog, size: number): Promise<{ head: Head; block: MinedBlock }> {
  const from = await target.head()
  const to = { size, root: log.rootAt(size) }
  const prepared = await target.prepare(from, to, log.consistency(from.size, size))
  await target.send(prepared)
  await kit.mine()
  const status = await target.status(prepared.txHash)
  if (status.kind !== 'included' && status.kind !== 'final') throw new Error(`it is ${status.kind}`)
  return { head: to, block: status }
}

/** Walks from the header to a slot, as a verifier would; its word. */
function word({ header, nodes }: AnchorEvidence, address: Uint8Array, slot: Uint8Array): Uint8Array {
  const account = provenValue(stateRootOf(header), address, nodes)
  return wordOfRlp(provenValue(storageRootOf(account), slot, nodes))
}

describe('evidence from an EVM chain', () => {
  it('proves root, packed head and AnchorLog address from the header alone', async () => {
    const { log, logId, target } = await kit.openLog(9, 1)
    const { head, block } = await anchor(target, log, 9)
    const evidence = await target.evidence(head, block, NOTHING)
    const [rootSlot, headSlot] = headSlots(logId)
    expect(word(evidence, target.anchorLog, rootSlot)).toEqual(new Uint8Array(log.rootAt(9)))
    const packed = new DataView(word(evidence, target.anchorLog, headSlot).slice().buffer)
    expect(packed.getBigUint64(24)).toBe(9n) // size
    expect(packed.getBigUint64(16)).toBe(BigInt(readHeader(evidence.header).timestamp))
    expect(packed.getBigUint64(8)).toBe(BigInt(block.blockNumber))
    expect(packed.getBigUint64(0)).toBe(0n) // not retired
    const named = word(evidence, target.registry, anchorLogSlot())
    expect(named.slice(12)).toEqual(new Uint8Array(kit.contracts.anchorLog))
  })

  it('uses the slots that the compiler laid out', () => {
    const slotOf = (contract: string, label: string): string | undefined => {
      const file = new URL(`../../contracts/artifacts/${contract}.json`, import.meta.url)
      const { storageLayout } = JSON.parse(readFileSync(file, 'utf8')) as {
        storageLayout: { storage: { label: string; slot: string }[] }
      }
      return storageLayout.storage.find((entry) => entry.label === label)?.slot
    }
    expect(slotOf('AnchorLog', '_logs')).toBe('0')
    expect(slotOf('MachineRegistry', 'anchorLog')).toBe('0')
  })

  it('comes from a later final block when the node has dropped the state, as after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'evm-target-'))
    const stateFile = join(folder, 'chain.json')
    try {
      const first = await startAnvil(stateFile)
      const { log, logId, target } = await first.openLog(5, 1)
      const from = await target.head()
      const head = log.current()
      const prepared = await target.prepare(from, head, log.consistency(1, 5))
      await target.send(prepared)
      await first.mine(2)
      const status = await target.status(prepared.txHash)
      if (status.kind !== 'final') throw new Error(`it is ${status.kind}`)
      await first.chain.stop()

      const chain = await startLocalChain({ stateFile, blockTimeS: 3_600 })
      try {
        const { registry } = first.contracts
        const given = { rpcUrl: chain.url, chainId: chain.chainId, registry, logId, privateKey: OPERATOR }
        const again = await evmTarget({ ...given, finality: 'finalized' })
        expect(await again.status(prepared.txHash)).toEqual(status)
        await expect(again.evidence(head, status, NOTHING)).rejects.toMatchObject({ code: 'rpc-failed' })
        await httpRpc(chain.url)('anvil_mine', ['0x3'])
        const evidence = await again.evidence(head, status, NOTHING)
        expect(readHeader(evidence.header).number).toBeGreaterThan(status.blockNumber)
        expect(word(evidence, again.anchorLog, headSlots(logId)[0])).toEqual(new Uint8Array(log.rootAt(5)))

        log.grow(1)
        const next = await again.prepare(await again.head(), log.current(), log.consistency(5, 6))
        await again.send(next)
        await httpRpc(chain.url)('anvil_mine', ['0x3'])
        await expect(again.evidence(head, status, NOTHING)).rejects.toThrow('no node state is left')
      } finally {
        await chain.stop()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a transaction', () => {
  it('is not signed when the contract would refuse it, and the error names why', async () => {
    const { log, target } = await kit.openLog(9, 2)
    const wrong = log.consistency(2, 9)
    await expect(target.prepare(await target.head(), log.current(), wrong)).rejects.toMatchObject({
      code: 'transaction-failed',
      facts: { revert: expect.stringMatching(/^InconsistentTree\(/) },
    })
    const small = { size: 1, root: log.rootAt(1) }
    await expect(target.prepare(small, small, [])).rejects.toThrow('SizeMustGrow(1, 1)')
  })

  it('pays at least a tenth more when it replaces another', async () => {
    const { log, target } = await kit.openLog(9, 3)
    const from = await target.head()
    const path = log.consistency(1, 9)
    const first = await target.prepare(from, log.current(), path)
    const second = await target.prepare(from, log.current(), path, first)
    const [old, now] = [feesOf(first.rawTransaction), feesOf(second.rawTransaction)]
    expect(now.maxFeePerGas * 10n).toBeGreaterThanOrEqual(old.maxFeePerGas * 11n)
    expect(now.maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(old.maxPriorityFeePerGas * 11n)
  })

  it('follows the market when that is dearer than a raise', () => {
    const market = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n }
    expect(raisedFees(market, { maxFeePerGas: 8n, maxPriorityFeePerGas: 8n })).toEqual({
      maxFeePerGas: 100n,
      maxPriorityFeePerGas: 10n,
    })
    expect(raisedFees(market, { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }).maxPriorityFeePerGas).toBe(1n)
  })
})

describe('a node in the middle of a reorganisation', () => {
  it('that still has the receipt of an undone block leaves the transaction pending (ANCHOR-22)', async () => {
    const proxy = await startProxy(kit.chain.url)
    try {
      const { log, target } = await kit.openLog(9, 5, { rpcUrl: proxy.url })
      const prepared = await target.prepare(await target.head(), log.current(), log.consistency(1, 9))
      await target.send(prepared)
      await kit.mine(3)
      expect((await target.status(prepared.txHash)).kind).toBe('final')
      proxy.change('eth_getBlockByNumber', (block) => ({ ...block, hash: `0x${'9'.repeat(64)}` }))
      expect((await target.status(prepared.txHash)).kind).toBe('pending')
    } finally {
      await proxy.stop()
    }
  })
})

describe('opening a target', () => {
  async function open(change: Partial<Parameters<typeof evmTarget>[0]>): Promise<AnchorTarget> {
    const { logId } = await kit.openLog(1, 4)
    const given = { rpcUrl: kit.chain.url, chainId: 31337, registry: kit.contracts.registry, logId }
    return evmTarget({ ...given, privateKey: OPERATOR, finality: 'finalized', ...change })
  }

  it('reads the AnchorLog from the registry', async () => {
    const target = await open({})
    expect(target.anchorLog).toEqual(new Uint8Array(kit.contracts.anchorLog))
    expect(target.caip2).toBe('eip155:31337')
  })

  it.each([
    ['another chain', { chainId: 1 }, 'chain-mismatch'],
    ['an address without a contract', { registry: new Uint8Array(20).fill(9) }, 'contract-missing'],
    ['a log that has not begun', { logId: digest('nothing') }, 'contract-missing'],
    ['an account that may not append', { privateKey: RELAY }, 'config-invalid'],
    ['no private key', { privateKey: '0x1234' }, 'config-invalid'],
    ['a key of zero', { privateKey: `0x${'0'.repeat(64)}` }, 'config-invalid'],
    ['no URL', { rpcUrl: 'localhost' }, 'config-invalid'],
    ['nobody at the endpoint', { rpcUrl: 'http://127.0.0.1:9/secret' }, 'rpc-failed'],
  ])('refuses %s', async (_what, change, code) => {
    await expect(open(change)).rejects.toMatchObject({ code })
  })

  it.each<[string, (body: object) => object]>([
    ['does not serve state proofs', () => ({ error: { code: -32601, message: 'no' } })],
    ['forbids state proofs', () => ({ error: { code: -32000, message: 'eth_getProof is not supported' } })],
    ['gives none', (body) => ({ ...body, result: null })],
    ['gives empty ones', (body) => ({ ...body, result: { accountProof: [], storageProof: [{ proof: [] }] } })],
  ])('refuses a node that %s, and says what to do', async (_what, change) => {
    const proxy = await startProxy(kit.chain.url)
    try {
      proxy.changeAnswer('eth_getProof', change)
      const failure = open({ rpcUrl: proxy.url })
      await expect(failure).rejects.toMatchObject({
        code: 'config-invalid',
        message: expect.stringContaining('eth_getProof'),
      })
    } finally {
      await proxy.stop()
    }
  })

  it('fails for now when the node is busy with state proofs', async () => {
    const proxy = await startProxy(kit.chain.url)
    try {
      proxy.changeAnswer('eth_getProof', () => ({ error: { code: -32005, message: 'limit exceeded' } }))
      await expect(open({ rpcUrl: proxy.url })).rejects.toMatchObject({ code: 'rpc-failed' })
    } finally {
      await proxy.stop()
    }
  })

  it('repeats neither the private key nor the path of the endpoint in an error', async () => {
    const bad = `${OPERATOR.slice(0, -1)}g`
    for (const change of [
      { privateKey: bad },
      { privateKey: RELAY },
      { rpcUrl: 'http://user:pass@127.0.0.1:9/key-123' },
    ]) {
      const error: unknown = await open(change).catch((thrown: unknown) => thrown)
      const text = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack)
      expect(text).not.toMatch(/key-123|user:pass/)
      expect(text).not.toContain(bad.slice(2, 40))
      expect(text).not.toContain(RELAY.slice(2, 40))
    }
  })
})

describe('deploying', () => {
  it('finds what is deployed already', async () => {
    const nonce = async (): Promise<unknown> =>
      kit.rpc('eth_getTransactionCount', [`0x${toHex(accountOf(OPERATOR).address)}`, 'latest'])
    const before = await nonce()
    expect(await deployContracts(kit.chain.url, OPERATOR)).toEqual(kit.contracts)
    expect(await nonce()).toBe(before)
  })

  it('begins a log once, with the owner in its id', async () => {
    const given = { rpcUrl: kit.chain.url, privateKey: OPERATOR, anchorLog: kit.contracts.anchorLog }
    const genesisLeafHash: Hash32 = digest('genesis')
    const logId = await createLog({ ...given, genesisLeafHash })
    expect(await createLog({ ...given, genesisLeafHash })).toEqual(logId)
    const other = await createLog({ ...given, privateKey: RELAY, genesisLeafHash })
    expect(equalBytes(other, logId)).toBe(false)
  })

  it('hands the log to another appender than its owner', async () => {
    const anchorLog = kit.contracts.anchorLog
    const genesisLeafHash = digest('handed over')
    const appender = accountOf(RELAY).address
    const logId = await createLog({ rpcUrl: kit.chain.url, privateKey: OPERATOR, anchorLog, genesisLeafHash, appender })
    const given = { rpcUrl: kit.chain.url, chainId: 31337, registry: kit.contracts.registry, logId }
    await expect(evmTarget({ ...given, privateKey: RELAY, finality: 'finalized' })).resolves.toBeDefined()
    await expect(evmTarget({ ...given, privateKey: OPERATOR, finality: 'finalized' })).rejects.toThrow('appender')
  })

  it('refuses an AnchorLog that is not there', async () => {
    const anchorLog = hash32(concat(new Uint8Array(12), fromHex('11'.repeat(20)))).slice(12)
    const given = { rpcUrl: kit.chain.url, privateKey: OPERATOR, anchorLog, genesisLeafHash: digest('x') }
    await expect(createLog(given)).rejects.toMatchObject({ code: 'contract-missing' })
  })
})
