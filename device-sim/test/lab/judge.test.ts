/** The judge on records that are made by hand: one truth, and a sibling for each way of not saying it. */
import { describe, expect, it } from 'vitest'
import { judge, type Verdict } from '../../src/lab/judge/judge.ts'
import { virtualTimes } from '../../src/lab/judge/row-times.ts'
import type { SignedRow } from '../../src/lab/signed-rows.ts'
import type { LabRecord } from '../../src/lab/station-lab.ts'
import type { TruthLog } from '../../src/parts/truth.ts'
import { createTruth } from '../../src/parts/truth.ts'

const START_MS = Date.UTC(2026, 0, 1, 12)
const EVERY_MS = 2_000
const UP_MS = 70

type Values = Readonly<Record<string, number | null>>

const logged = (entries: readonly (readonly [ms: number, quantity: string, value: number | null])[]): TruthLog => {
  const truth = createTruth()
  for (const [ms, quantity, value] of entries) truth.say(ms, quantity, value)
  return truth
}

/** 10.1 Cel, 10.2 Cel, ... at 1.9 s, 3.9 s, ...; tips at 2.5 s, 3.0 s and 4.5 s. */
const PARTS = {
  climate: { truth: logged([1, 2, 3, 4].map((i) => [EVERY_MS * i - 100, 'airTemperature', 10 + i / 10])) },
  rain: { truth: logged([2_500, 3_000, 4_500].map((ms, i) => [ms, 'tips', i + 1])) },
  wind: { truth: logged([]) },
  vane: {
    truth: logged([
      [0, 'direction', 90],
      [5_000, 'direction', null],
    ]),
  },
}

interface Changes {
  readonly rows?: readonly (readonly [ms: number, values: Values])[]
  readonly darks?: LabRecord['darks']
  readonly interruptions?: readonly { readonly ms: number; readonly by: 'reset' }[]
}

const TRUE_ROWS = [
  [2_000, { airTemperature: 10.1, windDirection: 90, rainTips: 0 }],
  [4_000, { airTemperature: 10.2, windDirection: 90, rainTips: 2 }],
  [6_000, { airTemperature: 10.3, windDirection: 90, rainTips: 1 }],
  [8_000, { airTemperature: 10.4, windDirection: null, rainTips: 0 }],
] as const satisfies Changes['rows']

function judged({ rows = TRUE_ROWS, darks = [], interruptions = [] }: Changes): Verdict {
  const signed = rows.map(([ms, values]): SignedRow => {
    return { stream: 'weather', time: START_MS + ms, sequence: 1, values: { boardEpoch: 1, boardBoots: 1, ...values } }
  })
  const columns = [
    { name: 'airTemperature', unit: 'Cel', exponent: -2, type: 'int' },
    { name: 'windDirection', unit: 'deg', exponent: -1, type: 'int' },
    { name: 'rainTips', unit: 'count', exponent: 0, type: 'int' },
  ] as const
  const record = {
    station: { streams: { weather: { everyMs: EVERY_MS } } },
    definitions: [{ name: 'weather', columns }],
    bench: { weather: PARTS, irrigation: null, interruptions },
    rows: signed,
    events: [{ event: 'board-up', epoch: 1, ms: UP_MS }],
    ...{ darks, wallSteps: [], virtualMs: 10_000, startMs: START_MS },
  }
  return judge(record as unknown as LabRecord)
}

/** The true rows with one of them changed. */
const changed = (at: number, values: Values): NonNullable<Changes['rows']> =>
  TRUE_ROWS.map(([ms, own], i) => [ms, i === at ? { ...own, ...values } : own] as const)

const columnsOf = ({ falseValues }: Verdict): readonly string[] => falseValues.map(({ column }) => column)

describe('a judge', () => {
  it('finds nothing in rows that say what the sensors said', () => {
    const verdict = judged({})
    expect(verdict).toMatchObject({ signed: 4, falseRows: 0, staleRows: 0, lost: 0, falseValues: [] })
    expect(verdict.rowsMs).toEqual([2_000, 4_000, 6_000, 8_000])
  })

  it('takes a row without a value for a true one', () => {
    expect(judged({ rows: changed(1, { airTemperature: null, windDirection: null }) }).falseRows).toBe(0)
  })

  it.each([
    ['a value that nobody said', { airTemperature: 11 }],
    ['one that is off by two steps of the column', { airTemperature: 10.22 }],
    ['a zero that nobody said', { airTemperature: 0 }],
    ['a direction that the vane did not have', { windDirection: 112.5 }],
    ['more tips than there were', { rainTips: 3 }],
    ['a negative number of tips', { rainTips: -1 }],
    ['a column that it knows nothing of', { somethingElse: 1 }],
    ['a row of a connection that is not there', { boardEpoch: 2 }],
  ])('finds %s', (_, values) => {
    const rows = TRUE_ROWS.slice(0, 2).map(([ms, own], i) => [ms, i === 1 ? { ...own, ...values } : own] as const)
    const verdict = 'boardEpoch' in values ? judgedEpoch(values.boardEpoch) : judged({ rows })
    expect(verdict.falseRows).toBe(1)
    expect(columnsOf(verdict)).toContain(Object.keys(values)[0])
  })

  it('calls a value stale that is said again after the truth has moved', () => {
    const verdict = judged({ rows: changed(2, { airTemperature: 10.2 }) })
    expect(verdict).toMatchObject({ falseRows: 1, staleRows: 1 })
    expect(verdict.falseValues).toEqual([{ ms: 6_000, column: 'airTemperature', value: 10.2, isStale: true }])
  })

  it('finds a value of a sensor that had nothing to say', () => {
    expect(columnsOf(judged({ rows: changed(3, { windDirection: 90 }) }))).toEqual(['windDirection'])
  })

  it('finds a pulse that two rows have counted', () => {
    const rows = TRUE_ROWS.map(([ms, own]) => [ms, { ...own, rainTips: ms === 4_000 || ms === 6_000 ? 2 : 0 }] as const)
    expect(columnsOf(judged({ rows }))).toContain('rainTips in total')
  })

  it('counts pulses that are in no row, and tells those that a reset explains from the others', () => {
    const rows = changed(1, { rainTips: 0 })
    expect(judged({ rows })).toMatchObject({ falseRows: 0, lost: 2, lostWithoutReset: 2 })
    const interruptions = [{ ms: 3_500, by: 'reset' }] as const
    expect(judged({ rows, interruptions }).lostWithoutReset).toBe(0)
  })

  it('finds a row from a time in which nothing could be measured', () => {
    const verdict = judged({ darks: [{ fromMs: 3_000, untilMs: 5_000 }] })
    expect(verdict.falseValues).toMatchObject([{ ms: 4_000, column: 'row' }])
  })

  it('finds a row of no moment of the run', () => {
    const rows = [...TRUE_ROWS, [90_000, { airTemperature: 10.4, windDirection: null, rainTips: 0 }] as const]
    expect(columnsOf(judged({ rows }))).toEqual(['time'])
  })

  it('follows a wall clock that steps back and forth', () => {
    const hour = 3_600_000
    const steps = [
      { ms: 3_000, byMs: -hour },
      { ms: 6_000, byMs: hour },
    ]
    const walls = [2_000, 4_000 - hour, 5_000 - hour, 7_000].map((ms) => START_MS + ms)
    expect(virtualTimes(walls, START_MS, steps, 8_000)).toEqual([2_000, 4_000, 5_000, 7_000])
    expect(virtualTimes([START_MS - 2 * hour], START_MS, steps, 8_000)).toEqual([null])
  })
})

function judgedEpoch(epoch: number): Verdict {
  return judged({ rows: changed(1, { boardEpoch: epoch }) })
}
