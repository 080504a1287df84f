import { expect, it } from 'vitest'
import { play, type ValveKillResult } from '../../src/scenarios/index.ts'

const TIMEOUT_MS = 60_000

it(
  'closes the valve by the firmware when the process that opened it was killed, and never too late',
  async () => {
    const result = (await play('valve-kill', 1)).result as ValveKillResult
    expect(result.findings).toEqual([])
    const { openedMs, closedMs, killedMs, maxMs } = result
    expect((closedMs ?? Number.NaN) - (openedMs ?? Number.NaN)).toBeLessThanOrEqual(maxMs)
    expect((closedMs ?? Number.NaN) - (openedMs ?? Number.NaN)).toBeGreaterThan(maxMs - 1)
    expect(closedMs ?? Number.NaN).toBeGreaterThan(killedMs)
    expect(result.afterUnplug).toEqual({ answer: 'command-failed', row: 'command-failed' })
    expect(result.isOff).toEqual({ atStart: true, afterReconnection: true, afterStop: true })
  },
  TIMEOUT_MS,
)
