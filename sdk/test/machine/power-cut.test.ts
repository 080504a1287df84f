/** Every durable step fails in two forms (not done; done but reported failed), then the power is cut and the machine starts again. */
import { describe, expect, it } from 'vitest'
import type { DurableStep } from '../../src/testing/index.ts'
import { type Rig, startRig, until } from './rig.ts'

const STEPS: readonly DurableStep[] = ['appendRows', 'sealBatch', 'markLogged', 'markAnchored', 'adoptHead']

for (const step of STEPS) {
  for (const form of ['not-done', 'done-but-failed'] as const) {
    for (const nth of [1, 2, 3]) {
      describe(`${step}, ${form}, at its call number ${nth}`, () => {
        it('has every journalled row in the log exactly once, and one history (HIST-13)', async () => {
          let calls = 0
          const stepFate = (s: DurableStep): 'done' | typeof form => (s === step && ++calls === nth ? form : 'done')
          const rig = await startRig({ stepFate })
          const journalled = await measure(rig, 0, 10)
          for (const entry of rig.gateway.logged) rig.gateway.sendReceipt(entry, 'anchored')
          const head = rig.gateway.logged.at(-1)
          if (head !== undefined) rig.hub.publish(rig.machine.id, 'head', head.batch.statement, { retain: true })
          await rig.restart({ stepFate })
          journalled.push(...(await measure(rig, 10, 20)))
          await rig.restart({})
          let isSealed = false
          const sealed = rig.machine.sealAll().finally(() => {
            isSealed = true
          }) // when the wait for a newer head is over, which needs time to pass
          await until(rig, () => isSealed && rig.gateway.rows('weather').length >= journalled.length)
          await sealed
          expectOnce(rig, journalled)
        })
      })
    }
  }
}

/** Records rows and returns those that the machine said are durable. A row whose write was done but reported failed may be either. */
async function measure(rig: Rig, from: number, to: number): Promise<number[]> {
  const durable: number[] = []
  for (let count = from; count < to; count++) {
    await rig.machine.record('weather', { count }).then(
      () => durable.push(count),
      () => undefined,
    )
    await rig.clock.advance(200)
  }
  return durable
}

function expectOnce(rig: Rig, journalled: readonly number[]): void {
  const logged = rig.gateway.rows('weather').map((row) => Number(row.values[0]))
  expect(new Set(logged).size).toBe(logged.length)
  expect(logged).toEqual(expect.arrayContaining([...journalled]))
  const statements = rig.gateway.logged.map(({ signed }) => signed.statement)
  expect(statements.map((s) => s.sequence)).toEqual(statements.map((_, i) => i + 1))
}
