import { equalBytes, FieldproofError } from '@fieldproof/sdk/base'
import { keccak256 } from '@fieldproof/sdk/evm'
import { describe, expect, it } from 'vitest'
import { bench, inState, onlyIn } from './bench.ts'
import { FakeLog, FINAL_DEPTH } from './fake-chain.ts'

describe('the anchorer', () => {
  it('carries the head from intent over inclusion to finality, and stores the evidence before it says final (ANCHOR-22)', async () => {
    const { chain, log, store, events, open, kinds } = bench(5)
    const anchorer = await open()
    await anchorer.tick()
    expect(await inState(store, 'intent')).toEqual([5])
    chain.mine()
    await anchorer.tick()
    expect(await inState(store, 'included')).toEqual([5])
    await anchorer.tick()
    expect(kinds()).toEqual(['anchor-submitted', 'anchor-included'])
    chain.mine(FINAL_DEPTH)
    await anchorer.tick()
    const record = await onlyIn(store, 'final')
    expect(await store.anchorEvidence(record.id)).not.toBeNull()
    expect(log.asked).toEqual([[1, 5]])
    expect(record.mined?.blockNumber).toBe(1)
    expect(events.at(-1)).toMatchObject({ kind: 'anchor-final', id: record.id, blockNumber: 1 })
  })

  it('anchors the first leaf by finding the transaction that began the log', async () => {
    const { chain, store, open } = bench(1)
    const anchorer = await open()
    chain.mine(FINAL_DEPTH)
    await anchorer.tick()
    await anchorer.tick()
    const record = await onlyIn(store, 'final')
    expect(record.head.size).toBe(1)
    expect(record.transactions[0]?.rawTransaction).toHaveLength(0)
    expect(chain.sent).toHaveLength(0)
  })

  it('has never more than one append in flight, however much the log grows (ANCHOR-21)', async () => {
    const { chain, log, store, open } = bench(2)
    const anchorer = await open()
    for (let i = 0; i < 10; i++) {
      log.grow(3)
      await anchorer.tick()
      expect(chain.pooled.length).toBeLessThanOrEqual(1)
      const inFlight = [...(await store.anchorsIn('intent')), ...(await store.anchorsIn('included'))]
      expect(inFlight.length).toBeLessThanOrEqual(1)
      if (i % 2 === 0) chain.mine()
    }
    expect(chain.reverted).toEqual([])
  })

  it('runs one tick at a time', async () => {
    const { chain, open } = bench(4)
    const anchorer = await open()
    await Promise.all([anchorer.tick(), anchorer.tick(), anchorer.tick()])
    expect(chain.sent).toHaveLength(1)
  })

  it('raises the price of a transaction that stays pending for 20 s, and waits twice as long for the next raise', async () => {
    const { chain, store, timer, events, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    const sentAt: number[] = []
    for (let second = 1; second <= 150; second++) {
      timer.advance(1000)
      const before = chain.sent.length
      await anchorer.tick()
      if (chain.sent.length > before) sentAt.push(second)
    }
    expect(sentAt).toEqual([20, 60, 140])
    const { transactions } = await onlyIn(store, 'intent')
    expect(new Set(transactions.map((t) => t.nonce)).size).toBe(1)
    expect(transactions).toHaveLength(4)
    expect(chain.pooled[0]?.txHash).toEqual(transactions.at(-1)?.txHash)
    expect(events.filter((e) => e.kind === 'anchor-submitted' && e.isReplacement)).toHaveLength(3)
  })

  it('takes the free nonce when a reorganisation dropped what was before its own', async () => {
    const { chain, store, timer, open } = bench(4)
    chain.mineForeign()
    const anchorer = await open()
    await anchorer.tick()
    chain.reorg(1, false)
    chain.mine(3)
    timer.advance(20_000)
    await anchorer.tick()
    const { transactions } = await onlyIn(store, 'intent')
    expect(transactions.map((t) => t.nonce)).toEqual([2, 1])
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    expect(await inState(store, 'final')).toEqual([4])
    expect(chain.reverted).toHaveLength(1) // the first one, when its turn came
  })

  it('recognises that an older transaction was mined although a dearer one was sent', async () => {
    const { chain, store, timer, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    const first = chain.pooled[0]
    timer.advance(20_000)
    await anchorer.tick()
    await anchorer.tick()
    if (first === undefined) throw new Error('nothing was sent')
    chain.dropPool()
    chain.resurrect(first.txHash)
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    expect((await onlyIn(store, 'final')).mined?.txHash).toEqual(first.txHash)
  })

  it('sends the same bytes again when the nodes forgot the transaction', async () => {
    const { chain, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.dropPool()
    await anchorer.tick()
    expect(chain.sent).toHaveLength(2)
    expect(chain.sent[1]).toEqual(chain.sent[0])
    expect((await onlyIn(store, 'intent')).transactions).toHaveLength(1)
  })

  it('pays more to a node that takes the transaction and forgets it again and again', async () => {
    const { chain, store, timer, open } = bench(4)
    const anchorer = await open()
    for (let i = 0; i < 30; i++) {
      await anchorer.tick()
      chain.dropPool()
      timer.advance(1000)
    }
    expect((await onlyIn(store, 'intent')).transactions).toHaveLength(2)
  })

  it('gives up and proves anew from the real head when another transaction took the nonce (ANCHOR-21)', async () => {
    const { chain, log, store, open, kinds } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.mineForeign()
    log.grow(2)
    await anchorer.tick()
    expect(await inState(store, 'lost')).toEqual([4])
    expect(await inState(store, 'intent')).toEqual([6])
    expect(kinds()).toEqual(['anchor-submitted', 'anchor-failed', 'anchor-submitted'])
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    expect(await inState(store, 'final')).toEqual([6])
    expect(chain.reverted).toEqual([])
  })

  it('does not give up what was mined while the node refused it', async () => {
    const { chain, store, open, kinds } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    const [sent] = chain.pooled
    if (sent === undefined) throw new Error('nothing was sent')
    chain.dropPool()
    chain.onSend = async () => {
      chain.resurrect(sent.txHash)
      chain.mine()
      throw new FieldproofError('transaction-failed', 'nonce too low')
    }
    await anchorer.tick()
    await anchorer.tick()
    expect(await inState(store, 'included')).toEqual([4])
    expect(kinds()).toEqual(['anchor-submitted', 'anchor-included'])
  })

  it('does not give up because nobody answers', async () => {
    const { chain, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.dropPool()
    chain.onSend = async () => {
      throw new FieldproofError('rpc-failed', 'down')
    }
    await expect(anchorer.tick()).rejects.toMatchObject({ code: 'rpc-failed' })
    expect(await inState(store, 'intent')).toEqual([4])
    expect(await inState(store, 'lost')).toEqual([])
  })

  it('does not raise the price of what the contract has by another transaction', async () => {
    const { chain, log, store, timer, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    const [sent] = chain.pooled
    if (sent === undefined) throw new Error('nothing was sent')
    chain.dropPool()
    await chain.send(await chain.prepare(await chain.head(), log.current(), log.consistency(1, 4)))
    chain.mine()
    chain.resurrect(sent.txHash)
    timer.advance(20_000)
    await anchorer.tick()
    timer.advance(20_000)
    await anchorer.tick()
    expect((await onlyIn(store, 'intent')).transactions).toHaveLength(1)
  })

  it('does not send again what the contract has by another transaction, but adopts that one', async () => {
    const { chain, log, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.dropPool()
    const other = await chain.prepare(await chain.head(), log.current(), log.consistency(1, 4))
    await chain.send(other)
    chain.mine()
    const sent = chain.sent.length
    await anchorer.tick()
    expect(chain.sent).toHaveLength(sent)
    expect(await inState(store, 'lost')).toEqual([4])
    expect((await onlyIn(store, 'included')).mined?.txHash).toEqual(other.txHash)
  })

  it('adopts nothing that a final anchor covers already', async () => {
    const { chain, log, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    await store.putAnchorIntent(
      await chain.prepare({ size: 1, root: log.rootAt(1) }, log.current(), log.consistency(1, 4)),
    )
    await anchorer.tick()
    expect(await inState(store, 'lost')).toEqual([4])
    expect(await inState(store, 'final')).toEqual([4])
    expect(await inState(store, 'included')).toEqual([])
  })

  it('proves anew after a transaction was reverted (ANCHOR-21)', async () => {
    const { chain, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    const stale = chain.pooled[0]
    if (stale === undefined) throw new Error('nothing was sent')
    // A second anchor of size 3 gets in before, from the same head.
    const three = { size: 3, root: new FakeLog(3).rootAt(3) }
    chain.dropPool()
    await chain.send(await chain.prepare(await chain.head(), three, [three.root]))
    chain.mine()
    const later = await chain.prepare({ size: 1, root: three.root }, { size: 4, root: three.root }, [three.root])
    await chain.send(later)
    chain.mine()
    expect(chain.reverted).toHaveLength(1)
    await store.addAnchorTransaction((await onlyIn(store, 'intent')).id, later)
    await anchorer.tick()
    expect(await inState(store, 'lost')).toEqual([4])
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    expect(await inState(store, 'final')).toEqual([4])
  })

  it('sends the same transaction again when a reorganisation undid its block (ANCHOR-21)', async () => {
    const { chain, store, open, kinds } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.mine()
    await anchorer.tick()
    chain.reorg(1, false)
    await anchorer.tick()
    expect(kinds().slice(-2)).toEqual(['anchor-reorg', 'anchor-submitted'])
    expect(chain.sent[1]).toEqual(chain.sent[0])
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    const { id, mined } = await onlyIn(store, 'final')
    expect(mined?.blockNumber).toBe(2)
    const evidence = await store.anchorEvidence(id)
    expect(keccak256(evidence?.header ?? new Uint8Array())).toEqual(mined?.blockHash)
  })

  it('follows a transaction that a reorganisation moved to another block (ANCHOR-22)', async () => {
    const { chain, store, open, kinds } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.mine()
    await anchorer.tick()
    chain.reorg(1, true)
    chain.mine()
    await anchorer.tick()
    expect(kinds().slice(-2)).toEqual(['anchor-reorg', 'anchor-included'])
    expect((await onlyIn(store, 'included')).mined?.blockNumber).toBe(2)
  })

  it('takes a head back that it had given up and that was mined after all', async () => {
    const { chain, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    const given = chain.pooled[0]
    if (given === undefined) throw new Error('nothing was sent')
    const { id } = await onlyIn(store, 'intent')
    await store.setAnchorState(id, 'lost', null)
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    await anchorer.tick()
    const final = await onlyIn(store, 'final')
    expect(final.id).toBe(id)
    expect(final.mined?.txHash).toEqual(given.txHash)
    expect(chain.sent).toHaveLength(1)
  })

  it('lets a final anchor go when a development chain forgot its block, and covers the leaves again', async () => {
    const { chain, store, open, kinds } = bench(4)
    const first = await open()
    await first.tick()
    chain.mine(1 + FINAL_DEPTH)
    await first.tick()
    expect(await inState(store, 'final')).toEqual([4])
    chain.forget(1 + FINAL_DEPTH)
    const second = await open()
    await expect(second.tick()).rejects.toMatchObject({ code: 'rpc-failed' })
    chain.mine(1 + FINAL_DEPTH)
    await second.tick()
    expect(kinds().at(-2)).toBe('anchor-reorg')
    chain.mine(1 + FINAL_DEPTH)
    await second.tick()
    expect((await store.finalAnchorCovering(3))?.mined?.blockNumber).toBe(FINAL_DEPTH + 2)
  })

  it('waits for a node that is behind its own final anchor', async () => {
    const { chain, log, store, open } = bench(4)
    const anchorer = await open()
    await anchorer.tick()
    chain.mine(1 + FINAL_DEPTH)
    await anchorer.tick()
    log.grow(1)
    const head = chain.head.bind(chain)
    chain.head = async () => ({ size: 1, root: log.rootAt(1) })
    await expect(anchorer.tick()).rejects.toMatchObject({ code: 'rpc-failed' })
    chain.head = head
    await anchorer.tick()
    expect(await inState(store, 'intent')).toEqual([5])
    expect(await inState(store, 'final')).toEqual([4])
  })
})

describe('what is in the store when it is sent', () => {
  it('is the very transaction, with every one that replaced it (ANCHOR-20)', async () => {
    const { chain, store, timer, open } = bench(4)
    chain.onSend = async ({ txHash }) => {
      const { transactions } = await onlyIn(store, 'intent')
      expect(transactions.some((t) => equalBytes(t.txHash, txHash))).toBe(true)
    }
    const anchorer = await open()
    for (let i = 0; i < 5; i++) {
      await anchorer.tick()
      timer.advance(60_000)
    }
    expect(chain.sent.length).toBeGreaterThan(2)
  })
})
