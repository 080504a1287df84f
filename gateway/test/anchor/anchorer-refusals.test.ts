import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, it } from 'vitest'
import { bench } from './bench.ts'
import { FakeLog, FINAL_DEPTH } from './fake-chain.ts'

describe('a log that is not the one on the chain', () => {
  it('does not start when the contract has more leaves (ANCHOR-23)', async () => {
    const { chain, log, open } = bench(4)
    const ahead = new FakeLog(9)
    await chain.send(await chain.prepare(await chain.head(), ahead.current(), [log.rootAt(1)]))
    chain.mine()
    await expect(open()).rejects.toMatchObject({ code: 'store-behind-chain', facts: { chainSize: 9, logSize: 4 } })
  })

  it('does not start when the contract has another root at a size that the log has (ANCHOR-23)', async () => {
    const { chain, log, open } = bench(9)
    await chain.send(await chain.prepare(await chain.head(), new FakeLog(4, 1).current(), [log.rootAt(1)]))
    chain.mine()
    await expect(open()).rejects.toMatchObject({ code: 'store-behind-chain' })
  })

  it('does not start when a stored anchor has more leaves, sent or not (ANCHOR-23)', async () => {
    const { chain, store, open } = bench(4)
    const ahead = new FakeLog(9)
    await store.putAnchorIntent(await chain.prepare(await chain.head(), ahead.current(), [ahead.rootAt(1)]))
    await expect(open()).rejects.toMatchObject({ code: 'store-behind-chain', facts: { where: 'a stored anchor' } })
  })

  it('stops anchoring when the contract moves ahead while it runs', async () => {
    const { chain, log, timer, events, open } = bench(1)
    const anchorer = await open()
    await anchorer.tick()
    chain.mine(FINAL_DEPTH)
    await anchorer.tick()
    const running = anchorer.start(1000)
    await chain.send(await chain.prepare(await chain.head(), new FakeLog(9).current(), [log.rootAt(1)]))
    chain.mine()
    log.grow(1)
    for (let i = 0; i < 5; i++) await settle(() => timer.advance(1000))
    expect(events.at(-1)).toMatchObject({ kind: 'anchor-failed', isFatal: true, error: { code: 'store-behind-chain' } })
    expect(timer.nextDelayMs()).toBeNull()
    await running.stop()
  })
})

describe('the loop', () => {
  it('goes on after failures, with doubling pauses, and reports each', async () => {
    const { chain, timer, events, open } = bench(4)
    const anchorer = await open()
    const prepare = chain.prepare.bind(chain)
    chain.prepare = async () => {
      throw new FieldproofError('rpc-failed', 'down')
    }
    const loop = anchorer.start(1000)
    const pauses: (number | null)[] = []
    for (let i = 0; i < 6; i++) {
      await settle(() => pauses.push(timer.nextDelayMs()))
      await settle(() => timer.advance(timer.nextDelayMs() ?? 0))
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(events.every((e) => e.kind === 'anchor-failed' && !e.isFatal)).toBe(true)
    chain.prepare = prepare
    await settle(() => timer.advance(30_000))
    await settle(() => undefined)
    expect(chain.sent).toHaveLength(1)
    expect(timer.nextDelayMs()).toBe(1000)
    await loop.stop()
    expect(timer.nextDelayMs()).toBeNull()
  })

  it('takes an unknown error for a broken store and stops', async () => {
    const { store, timer, events, open } = bench(4)
    const anchorer = await open()
    store.putAnchorIntent = async () => {
      throw new Error('disk I/O error')
    }
    await anchorer.start(1000).stop()
    expect(events.at(-1)).toMatchObject({ isFatal: true, error: { code: 'store-corrupt' } })
    expect(timer.nextDelayMs()).toBeNull()
  })
})

/** Lets every promise that can go on do so, then runs `then`. */
async function settle(then: () => unknown): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve()
  then()
  for (let i = 0; i < 200; i++) await Promise.resolve()
}
