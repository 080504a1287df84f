/** Every scenario on the emulated board, in threads: no false row, every fault signed, rows again in time. Needs what was built. */
import { describe, expect, it } from 'vitest'
import { PLAYABLE, play, type ScenarioResult } from '../../src/scenarios/index.ts'
import { SCENARIOS } from '../../src/scenarios/scenarios.ts'

const SEED = 1
/** Each of these has once found something, in the station or in its judge. */
const SOAKS = [
  ['soak', 2],
  ['soak', 29],
  ['soak-irrigation', 65],
] as const
const TIMEOUT_MS = 90_000

describe('scenarios', () => {
  it.concurrent.each(SCENARIOS.map(({ name }) => name))(
    'sign no false row: %s',
    async (name) => {
      const { result, journal } = await play(name, SEED)
      expect(result).toMatchObject({ scenario: name, seed: SEED, findings: [], ok: true })
      const { rows } = result as ScenarioResult
      expect(rows).toMatchObject({ false: 0, stale: 0 })
      expect(rows.signed).toBeGreaterThan(0)
      expect(journal.length).toBeGreaterThan(1)
    },
    TIMEOUT_MS,
  )

  it.concurrent.each(SOAKS)(
    'sign no false row among faults at random: %s, seed %i',
    async (name, seed) => {
      const { result } = await play(name, seed)
      expect(result.findings).toEqual([])
    },
    TIMEOUT_MS,
  )

  it('have names that differ, and a sentence each', () => {
    expect(new Set(PLAYABLE.map(({ name }) => name)).size).toBe(PLAYABLE.length)
    for (const { summary } of PLAYABLE) expect(summary).toMatch(/^[A-Z0-9].*\.$|^[A-Z0-9].*\)\.$/)
  })
})
