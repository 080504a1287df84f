/** Every step of anchoring fails once, in both ways: not done, and done but reported failed; with a crash, and without. */
import { equalBytes, FieldproofError } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Anchorer } from '../../src/anchor/anchorer.ts'
import type { AnchorStore, AnchorTarget } from '../../src/anchor/ports.ts'
import { type Bench, bench } from './bench.ts'
import { FINAL_DEPTH } from './fake-chain.ts'

type Mode = 'not-done' | 'done'

/** Counts the calls of everything it wraps, and fails one of them. */
class Faults {
  calls = 0
  failAt: number | null = null
  mode: Mode = 'not-done'

  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          const isHit = ++this.calls === this.failAt
          if (isHit && this.mode === 'not-done') throw fault(String(name))
          const result: unknown = await Reflect.apply(value, object, args)
          if (isHit) throw fault(String(name))
          return result
        }
      },
    })
  }
}

function fault(step: string): FieldproofError {
  return new FieldproofError('rpc-failed', `fault injected in ${step}`)
}

interface World extends Bench {
  readonly faults: Faults
  readonly target: AnchorTarget
  readonly anchors: AnchorStore
  anchorer: Anchorer | null
}

function world(size: number): World {
  const b = bench(size)
  const faults = new Faults()
  // A1: nothing is sent that is not stored, and nothing while another anchor is in flight.
  b.chain.onSend = async ({ txHash }) => {
    const inFlight = [...(await b.store.anchorsIn('intent')), ...(await b.store.anchorsIn('included'))]
    const transactions = inFlight.flatMap((record) => record.transactions)
    if (inFlight.length !== 1) throw new Error(`${inFlight.length} anchors in flight`)
    if (!transactions.some((t) => equalBytes(t.txHash, txHash))) throw new Error('sent before it was stored')
  }
  return {
    ...b,
    faults,
    target: faults.wrap<AnchorTarget>(b.chain),
    anchors: faults.wrap<AnchorStore>(b.store),
    anchorer: null,
  }
}

/** One tick of the process that lives, or of a new one; false when it failed. */
async function step(w: World, restarts: boolean): Promise<boolean> {
  try {
    w.anchorer ??= await w.open(w.target, w.anchors)
    await w.anchorer.tick()
    return true
  } catch (error) {
    if (!(error instanceof FieldproofError) || error.code !== 'rpc-failed') throw error
    if (restarts) w.anchorer = null
    return false
  }
}

async function expectSound(w: World): Promise<void> {
  const final = await w.store.anchorsIn('final')
  for (const record of final) {
    expect(await w.store.anchorEvidence(record.id)).not.toBeNull()
    expect(await w.chain.status(record.mined!.txHash)).toMatchObject({ kind: 'final' })
  }
  expect((await w.store.newestFinalAnchor())?.head).toEqual(w.log.current())
  expect(w.chain.reverted).toEqual([])
}

/** Two anchors, a reorganisation and a dropped pool: every path that the store or the chain is asked on. */
async function story(w: World, restarts: boolean): Promise<void> {
  const act = [
    () => undefined,
    () => w.chain.mine(),
    () => w.chain.reorg(1, false),
    () => w.chain.dropPool(),
    () => w.timer.advance(20_000),
    () => w.chain.mine(),
    () => w.chain.mine(FINAL_DEPTH),
    () => w.log.grow(3),
    () => undefined,
    () => w.chain.mineForeign(),
  ]
  for (const next of act) {
    next()
    await step(w, restarts)
  }
  for (let i = 0; i < 30; i++) {
    await step(w, restarts)
    w.chain.mine()
    w.timer.advance(1000)
  }
}

describe('anchoring', () => {
  for (const restarts of [true, false]) {
    for (const mode of ['not-done', 'done'] as const) {
      const how = `${mode === 'done' ? 'is done but reported failed' : 'is not done'}${restarts ? ', and the process dies' : ''}`
      it(`ends in a sound final anchor whichever call ${how}`, async () => {
        const whole = world(4)
        await story(whole, restarts)
        await expectSound(whole)
        expect(whole.faults.calls).toBeGreaterThan(100)
        for (let failAt = 1; failAt <= whole.faults.calls; failAt++) {
          const w = world(4)
          Object.assign(w.faults, { failAt, mode })
          await story(w, restarts)
          await expectSound(w)
        }
      })
    }
  }

  it('ends in a sound final anchor after any order of growth, blocks, reorganisations, drops, waits and faults', async () => {
    const action = fc.constantFrom(
      'grow',
      'mine',
      'foreign',
      'reorg',
      'move',
      'drop',
      'wait',
      'tick',
      'tick',
      'fault',
      'done',
      'crash',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const w = world(3)
        for (const name of actions) {
          if (name === 'grow') w.log.grow(2)
          if (name === 'mine') w.chain.mine()
          if (name === 'foreign') w.chain.mineForeign()
          if (name === 'reorg' && w.chain.number > 1) w.chain.reorg(1, false)
          if (name === 'move' && w.chain.number > 1) w.chain.reorg(1, true)
          if (name === 'drop') w.chain.dropPool()
          if (name === 'wait') w.timer.advance(25_000)
          if (name === 'fault' || name === 'done') {
            Object.assign(w.faults, { failAt: w.faults.calls + 3, mode: name === 'done' ? 'done' : 'not-done' })
          }
          if (name === 'crash') w.anchorer = null
          if (name === 'tick') await step(w, false)
        }
        for (let i = 0; i < 60; i++) {
          await step(w, false)
          w.chain.mine()
          w.timer.advance(10_000)
        }
        await expectSoundOrReverted(w)
      }),
      { seed: 20240917, numRuns: 400 },
    )
  })
})

/** A transaction that comes back after it was given up may be reverted; it costs gas and nothing else. */
async function expectSoundOrReverted(w: World): Promise<void> {
  w.chain.reverted.length = 0
  await expectSound(w)
}
