import { describe, expect, it } from 'vitest'
import { fuzz } from '../../../sdk/test/fuzz/engine.ts'
import { sharesOf } from '../../../sdk/test/fuzz/share.ts'
import { TARGETS } from './targets.ts'

const SEED = 20_260_102
const RUNS = 10_000

describe('a decoder of the gateway', () => {
  it.each(sharesOf(TARGETS, RUNS).map(({ target, runs }) => [target.name, target, runs] as const))(
    'answers with a value or a registered code, whatever it is given: %s',
    async (_name, target, runs) => {
      const { failure, accepted, runs: made } = await fuzz(target, { seed: SEED, runs })
      expect(failure, `seed ${SEED}, ${failure?.input}`).toBeNull()
      expect(made).toBe(runs)
      expect(accepted).toBeGreaterThan(0)
    },
  )
})
