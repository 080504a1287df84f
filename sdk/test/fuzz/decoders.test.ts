import { describe, expect, it } from 'vitest'
import { type Failure, fuzz } from './engine.ts'
import { sharesOf } from './share.ts'
import { TARGETS } from './targets.ts'

const SEED = 20_260_101
const RUNS = 30_000

describe('a decoder', () => {
  it('has a name of its own, and samples that it accepts', async () => {
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length)
    for (const target of TARGETS) {
      const { accepted } = await fuzz(target, { seed: SEED, runs: target.samples.length })
      expect([target.name, accepted > 0 || REFUSES_ALL.includes(target.name)]).toEqual([target.name, true])
    }
  })

  it.each(sharesOf(TARGETS, RUNS).map(({ target, runs }) => [target.name, target, runs] as const))(
    'answers with a value or a registered code, whatever it is given: %s',
    async (_name, target, runs) => {
      const { failure, runs: made } = await fuzz(target, { seed: SEED, runs })
      expect(failure, told(failure)).toBeNull()
      expect(made).toBe(runs)
    },
  )
})

/** What only ever says why not. */
const REFUSES_ALL: readonly string[] = ['problem of a gateway']

function told(failure: Failure | null): string {
  return failure === null ? '' : `seed ${SEED}, run ${failure.run}, input ${failure.input}: ${failure.why}`
}
