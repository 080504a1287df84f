/** The judge of the valve's rows: what they claim must be what its pin did. */
import { describe, expect, it } from 'vitest'
import { falseActuations } from '../../src/lab/judge/actuations.ts'
import type { LabRecord } from '../../src/lab/station-lab.ts'

const START_MS = Date.UTC(2026, 0, 1, 12)

/** Rows that a judge finds false beside a pin that was high from 1.0 to 4.0 s, and again from 9.0 s on. */
function found(...rows: readonly (readonly [ms: number, outcome: string])[]): readonly unknown[] {
  const turns = [
    { openedMs: 1_000, closedMs: 4_000 },
    { openedMs: 9_000, closedMs: undefined },
  ]
  const record = {
    bench: { irrigation: { valve: { turns: () => turns } } },
    rows: rows.map(([ms, outcome]) => ({
      stream: 'actuations',
      time: START_MS + ms,
      sequence: 1,
      values: { outcome },
    })),
    startMs: START_MS,
    wallSteps: [],
  }
  return falseActuations(record as unknown as LabRecord).map(({ value }) => value)
}

describe('the judge of a valve', () => {
  it('finds nothing in rows that say what the pin did', () => {
    expect(found([1_020, 'open'], [4_020, 'time-over'], [5_000, 'closed'], [9_010, 'open'])).toEqual([])
  })

  it('finds open where the pin was low, closed where it was high, and a time that was not over', () => {
    expect(found([600, 'open'], [3_000, 'closed'], [3_900, 'time-over'])).toEqual(['open', 'closed', 'time-over'])
    expect(found([6_000, 'open'], [20_000, 'closed'], [20_000, 'time-over'])).toEqual(['open', 'closed', 'time-over'])
  })

  it('takes an error for what it is: no claim', () => {
    expect(found([500, 'command-failed'], [2_000, 'command-failed'])).toEqual([])
  })
})
