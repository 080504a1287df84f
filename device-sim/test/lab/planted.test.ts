/** The judge at work on stations that lie: each of them must be found out, and the same station that does not lie must not. */
import { describe, expect, it } from 'vitest'
import { runInThread } from '../../src/lab/index.ts'
import type { PlayedStation, ScenarioResult } from '../../src/scenarios/index.ts'
import type { PlayedScenario } from '../../src/scenarios/run-job.ts'

const urlOf = (plant: string): string => new URL(`./planted/${plant}.mjs`, import.meta.url).href

const scenario = async (name: string, plant: string): Promise<ScenarioResult> =>
  ((await runInThread({ kind: 'scenario', name, seed: 1, plant: urlOf(plant) })) as PlayedScenario).result

describe('the judge', { timeout: 90_000 }, () => {
  it('finds drivers that say their last value again when the sensor is silent', async () => {
    const { ok, rows } = await scenario('sensor-silent', 'repeats')
    expect(ok).toBe(false)
    expect(rows.stale).toBeGreaterThanOrEqual(15)
    expect(rows.stale).toBe(rows.false)
  })

  it('finds drivers that invent zeros', async () => {
    const { rows, findings } = await scenario('sensor-silent', 'zeros')
    expect(rows.false).toBeGreaterThanOrEqual(15)
    expect(findings[0]).toMatch(/^false: airTemperature 0 at /)
  })

  it('finds a gauge whose tips count twice', async () => {
    const { rows } = await scenario('clock-steps', 'doubles')
    expect(rows.false).toBeGreaterThan(rows.signed / 2)
  })

  it('finds pulses that are lost while the board runs through', async () => {
    const { rows, findings } = await scenario('clock-steps', 'forgets')
    expect(rows.false).toBe(0)
    expect(rows.lost).toBeGreaterThan(5)
    expect(findings).toEqual([`${rows.lost} pulses lost while the board ran through`])
  })

  it('finds a station that reads through garbage, and nothing at one that asks whether the line was good', async () => {
    const falseRows = async (plant: string): Promise<number> => {
      const runs = [1, 2, 3].map(async (seed) => {
        const forMs = 400_000
        const settings = { everyMs: 2_000 }
        const job = { kind: 'station', station: 'weather-station', seed, forMs, settings, plant: urlOf(plant) } as const
        return ((await runInThread(job)) as PlayedStation).falseRows ?? Number.NaN
      })
      return (await Promise.all(runs)).reduce((sum, count) => sum + count, 0)
    }
    expect(await falseRows('unchecked')).toBeGreaterThan(0)
    expect(await falseRows('bad-cable')).toBe(0)
  })
})
