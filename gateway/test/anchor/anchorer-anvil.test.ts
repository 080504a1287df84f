/** The anchorer on a real chain: the same story as with the fake one, with real reorganisations and a real power cut. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keccak256 } from '@fieldproof/sdk/evm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnchorEvent } from '../../src/anchor/anchor-events.ts'
import { type Anchorer, openAnchorer } from '../../src/anchor/anchorer.ts'
import { deployContracts } from '../../src/anchor/deploy.ts'
import { evmTarget } from '../../src/anchor/evm-target.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { type LocalChain, startLocalChain } from '../../src/anchor/local-chain.ts'
import type { AnchorTarget } from '../../src/anchor/ports.ts'
import { MemoryAnchors } from '../../src/ledger/memory-anchors.ts'
import { type AnvilKit, cutPower, OPERATOR, sendForeign, startAnvil } from './anvil-kit.ts'
import { EAGER, inState, onlyIn } from './bench.ts'
import { type FakeLog, FakeTimer } from './fake-chain.ts'

let kit: AnvilKit
let salt = 0

beforeAll(async () => {
  kit = await startAnvil()
})

afterAll(() => kit.chain.stop())

interface Stage {
  readonly log: FakeLog
  readonly target: AnchorTarget
  readonly store: MemoryAnchors
  readonly timer: FakeTimer
  readonly anchorer: Anchorer
  kinds(): string[]
}

async function stage(size: number): Promise<Stage> {
  await kit.rpc('evm_setAutomine', [true])
  const { log, target } = await kit.openLog(size, ++salt)
  await kit.hold()
  const store = new MemoryAnchors()
  return { log, target, store, ...(await opened(log, target, store)) }
}

async function opened(
  log: FakeLog,
  target: AnchorTarget,
  store: MemoryAnchors,
): Promise<Pick<Stage, 'timer' | 'anchorer' | 'kinds'>> {
  const timer = new FakeTimer()
  const events: AnchorEvent[] = []
  const given = { target, store, log, policy: EAGER, timer }
  const anchorer = await openAnchorer({ ...given, onEvent: (event) => events.push(event) })
  return { timer, anchorer, kinds: () => events.map((event) => event.kind) }
}

describe('the anchorer on anvil', () => {
  it('anchors head after head', async () => {
    const { log, store, anchorer } = await stage(6)
    for (const size of [6, 13, 14]) {
      log.grow(size - log.current().size)
      await anchorer.tick()
      await kit.mine()
      await anchorer.tick()
      expect(await inState(store, 'included')).toEqual([size])
      await kit.mine(2)
      await anchorer.tick()
    }
    expect(await inState(store, 'final')).toEqual([6, 13, 14])
    expect(log.asked).toEqual([
      [1, 6],
      [6, 13],
      [13, 14],
    ])
    for (const { id, mined } of await store.anchorsIn('final')) {
      const evidence = await store.anchorEvidence(id)
      expect(keccak256(evidence?.header ?? new Uint8Array())).toEqual(mined?.blockHash)
    }
  })

  it('sends the same transaction again after a reorganisation', async () => {
    const { store, anchorer, kinds } = await stage(6)
    await anchorer.tick()
    await kit.mine()
    await anchorer.tick()
    await kit.reorg(1)
    await anchorer.tick()
    expect(kinds()).toEqual(['anchor-submitted', 'anchor-included', 'anchor-reorg', 'anchor-submitted'])
    expect((await onlyIn(store, 'intent')).transactions).toHaveLength(1)
    await kit.mine(3)
    await anchorer.tick()
    expect(await inState(store, 'final')).toEqual([6])
  })

  it('raises the price of what stays pending, and the dearer one is mined', async () => {
    const { store, timer, anchorer } = await stage(6)
    await anchorer.tick()
    await anchorer.tick()
    timer.advance(20_000)
    await anchorer.tick()
    const { transactions } = await onlyIn(store, 'intent')
    expect(transactions).toHaveLength(2)
    await kit.mine(3)
    await anchorer.tick()
    expect((await onlyIn(store, 'final')).mined?.txHash).toEqual(transactions[1]?.txHash)
  })

  it('proves anew when another transaction of the account took the nonce', async () => {
    const { store, anchorer } = await stage(6)
    await anchorer.tick()
    await kit.rpc('anvil_dropAllTransactions', [])
    await sendForeign(kit)
    await kit.mine()
    await anchorer.tick()
    expect(await inState(store, 'lost')).toEqual([6])
    await kit.mine(3)
    await anchorer.tick()
    expect(await inState(store, 'final')).toEqual([6])
  })

  it('adopts the transaction that began the log', async () => {
    const { store, anchorer } = await stage(1)
    await kit.mine(2)
    await anchorer.tick()
    await anchorer.tick()
    expect((await onlyIn(store, 'final')).head.size).toBe(1)
  })

  it('refuses a log that is behind the contract', async () => {
    const { log, store, anchorer, target } = await stage(6)
    await anchorer.tick()
    await kit.mine()
    await anchorer.tick()
    const restored = {
      current: () => ({ size: 3, root: log.rootAt(3) }),
      consistency: () => [],
      rootAt: () => log.rootAt(3),
      signersBetween: log.signersBetween,
    }
    const given = { target, store: new MemoryAnchors(), log: restored, policy: EAGER, timer: new FakeTimer() }
    await expect(openAnchorer({ ...given, onEvent: () => undefined })).rejects.toMatchObject({
      code: 'store-behind-chain',
      facts: { chainSize: 6, logSize: 3 },
    })
    expect(await inState(store, 'included')).toEqual([6])
  })

  it('covers the leaves again after the chain lost final blocks in a power cut', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'power-cut-'))
    const stateFile = join(folder, 'chain.json')
    const before = await startAnvil(stateFile)
    let after: LocalChain | null = null
    try {
      const { log, logId, target } = await before.openLog(6, 1)
      await before.chain.save()
      const store = new MemoryAnchors()
      const first = await opened(log, target, store)
      await first.anchorer.tick()
      await before.mine(3)
      await first.anchorer.tick()
      expect(await inState(store, 'final')).toEqual([6])
      log.grow(2)
      await first.anchorer.tick()
      expect(await inState(store, 'intent')).toEqual([8])
      await cutPower(before.chain.pid)

      after = await startLocalChain({ stateFile, blockTimeS: 3_600 })
      const { mine } = kitOver(after)
      expect((await deployContracts(after.url, OPERATOR)).registry).toEqual(before.contracts.registry)
      const given = {
        rpcUrl: after.url,
        chainId: 31337,
        registry: before.contracts.registry,
        logId,
        privateKey: OPERATOR,
      }
      const second = await opened(log, await evmTarget({ ...given, finality: 'finalized' }), store)
      await expect(second.anchorer.tick()).rejects.toMatchObject({ code: 'rpc-failed' }) // as if the node were behind
      for (let i = 0; i < 4; i++) {
        await mine(3)
        await second.anchorer.tick()
      }
      expect(second.kinds().slice(0, 3)).toEqual(['anchor-reorg', 'anchor-failed', 'anchor-submitted'])
      // The second one had the nonce after the first one's, which nobody will send again.
      expect(await inState(store, 'lost')).toEqual([6, 8])
      expect(await inState(store, 'final')).toEqual([8])
    } finally {
      await after?.stop()
      rmSync(folder, { recursive: true })
    }
  })
})

function kitOver(chain: LocalChain): Pick<AnvilKit, 'mine'> {
  const rpc = httpRpc(chain.url)
  return {
    mine: async (blocks = 1) => {
      await rpc('anvil_mine', [`0x${blocks.toString(16)}`])
    },
  }
}
