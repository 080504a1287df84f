/** The lab itself, in threads of their own. They run what was built: `npm run build` comes before. */
import { describe, expect, it } from 'vitest'
import { runInThread } from '../../src/lab/index.ts'
import type { PlayedStation } from '../../src/scenarios/index.ts'

const run = async (seed: number, station = 'weather-station'): Promise<PlayedStation> =>
  (await runInThread({ kind: 'station', station, seed, forMs: 60_000 })) as PlayedStation

describe('a station in virtual time', { timeout: 90_000 }, () => {
  it('signs the same bytes in two runs with the same seed, and others with another', async () => {
    const [first, second, other] = await Promise.all([run(1), run(1), run(2)])
    expect(first.rows).toBe(30)
    expect(first.falseRows).toBe(0)
    expect(second.batchesSha256).toBe(first.batchesSha256)
    expect(other.batchesSha256).not.toBe(first.batchesSha256)
  })

  it('has the timers of Johnny-Five in virtual time: an LED blinks on the emulated pin when it should', async () => {
    const { blinksMs, falseRows } = await run(3, 'irrigation-station')
    expect(falseRows).toBe(0)
    const times = blinksMs ?? []
    const gaps = times.slice(2).map((ms, i) => ms - (times[i + 1] ?? 0))
    expect(gaps.length).toBeGreaterThan(110)
    for (const gap of gaps) expect(Math.abs(gap - 500)).toBeLessThan(5)
  })

  it('says what it cannot do, with the code of who threw it', async () => {
    await expect(runInThread({ kind: 'scenario', name: 'nothing', seed: 1 })).rejects.toMatchObject({ code: 'usage' })
  })
})
