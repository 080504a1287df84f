import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ColumnHistory } from '../../src/quality/column-history.ts'
import { type ColumnRules, createQualityControl, type Flag, type QualityRow } from '../../src/quality/index.ts'
import { columnOf, GAP, rulesetOf, START } from './rig.ts'

const RULES: ColumnRules = {
  column: 't',
  unit: 'Cel',
  range: { fail: [-40, 60], suspect: [-30, 45] },
  step: { withinMs: 20_000, suspect: 2, fail: 4 },
  rate: { overMs: 60_000, suspect: 3, fail: 6 },
  flat: { windowMs: 300_000, leastChange: 0.1 },
}
const RULESET = rulesetOf(
  [
    RULES,
    { column: 'dew', unit: 'Cel', flat: { windowMs: 60_000, leastChange: 0.1, except: { column: 't', atMost: 0 } } },
  ],
  [{ rule: 'not-above', column: 'dew', limit: 't', slack: 0 }],
)
const COLUMNS = [columnOf('t', 'Cel'), columnOf('dew', 'Cel', -1)]

const anyNumber = fc.oneof(
  fc.integer({ min: -5000, max: 7000 }),
  fc.integer({ min: 1990, max: 2010 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 2 ** 52 - 1, 1 - 2 ** 52, 0.5),
)
const anyValue = fc.oneof(
  { weight: 8, arbitrary: anyNumber },
  fc.constantFrom(null, true, 'x'),
  fc.uint8Array({ maxLength: 2 }),
)
const anyRow = fc.record({
  time: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: START, max: START + 3_600_000 }) }, anyNumber),
  epoch: fc.integer({ min: 1, max: 2 }),
  values: fc.array(anyValue, { maxLength: 4 }),
})

/** Rows as a station makes them: time goes on, values mostly move a little. */
const stationRows = fc
  .array(
    fc.record({
      waitMs: fc.constantFrom(1_000, 5_000, 10_000, 60_000, GAP, GAP + 1, 0, -1_000),
      change: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 150, -250, 450, 7000, null)),
      newEpoch: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((steps) => {
    let time = START
    let value = 2000
    let epoch = 1
    return steps.map(({ waitMs, change, newEpoch }): QualityRow => {
      time += waitMs
      if (newEpoch) epoch++
      if (change !== null && Math.abs(change) < 1000) value += change
      return { time, epoch, values: [change === null ? null : change > 1000 ? change : value] }
    })
  })

/** The rules once more, from their description and with all rows at hand, in hundredths. */
function referenceFlag(rows: readonly QualityRow[]): Flag {
  const { value, time } = { value: rows.at(-1)?.values[0], time: rows.at(-1)?.time ?? 0 }
  if (typeof value !== 'number') return 9
  const flags: Flag[] = [value < -4000 || value > 6000 ? 4 : value < -3000 || value > 4500 ? 3 : 1]
  const history = historyOf(rows)
  const before = history.slice(0, -1)
  const judge = (change: number, suspect: number, fail: number) =>
    flags.push(change > fail ? 4 : change > suspect ? 3 : 1)
  if (flags[0] === 4) return 4
  const last = before.at(-1)
  if (last && time - last.time <= 20_000) judge(Math.abs(value - last.value), 200, 400)
  const old = before.filter((past) => time - past.time >= 60_000).at(-1)
  if (old) {
    const windows = (time - old.time) / 60_000
    judge(Math.abs(value - old.value), 300 * windows, 600 * windows)
  }
  let run: { time: number; value: number }[] = []
  for (const past of history) {
    const values = [...run, past].map((p) => p.value)
    run = Math.max(...values) - Math.min(...values) < 10 ? [...run, past] : [past]
  }
  if (time - (run[0]?.time ?? time) >= 300_000) flags.push(3)
  return flags.includes(4) ? 4 : flags.includes(3) ? 3 : 1
}

/** Values in the sensor's span since the last beginning, this row's own last. */
function historyOf(rows: readonly QualityRow[]): { time: number; value: number }[] {
  let history: { time: number; value: number }[] = []
  for (const [i, row] of rows.entries()) {
    const previous = rows[i - 1]
    if (previous && (previous.epoch !== row.epoch || previous.time >= row.time)) history = []
    const value = row.values[0]
    if (typeof value !== 'number') continue
    if (row.time - (history.at(-1)?.time ?? row.time) > GAP) history = []
    if (value >= -4000 && value <= 6000) history.push({ time: row.time, value })
  }
  return history
}

describe('quality control', () => {
  it('gives the flags of the description, whatever a station does', () => {
    const seen = new Set<Flag>()
    fc.assert(
      fc.property(stationRows, (rows) => {
        const control = createQualityControl(rulesetOf([RULES]), [columnOf('t', 'Cel')])
        for (const [i, row] of rows.entries()) {
          const want = referenceFlag(rows.slice(0, i + 1))
          seen.add(want)
          expect(control.evaluate(row).flags).toEqual([want])
        }
      }),
      { seed: 43, numRuns: 150 },
    )
    expect([...seen].sort()).toEqual([1, 3, 4, 9])
  })

  it('gives whoever starts at the first row of an epoch the same flags', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 30 }), fc.array(anyRow, { maxLength: 30 }), (before, after) => {
        const whole = createQualityControl(RULESET, COLUMNS)
        const late = createQualityControl(RULESET, COLUMNS)
        for (const row of before) whole.evaluate({ ...row, epoch: `boot 1/${row.epoch}` })
        for (const row of after) {
          const epoch = `boot 2/${row.epoch}`
          expect(whole.evaluate({ ...row, epoch })).toEqual(late.evaluate({ ...row, epoch }))
        }
      }),
      { seed: 44, numRuns: 200 },
    )
  })

  it('takes any row in any order, flags every ruled column and changes no value', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
        const control = createQualityControl(RULESET, COLUMNS)
        for (const row of rows) {
          const before = structuredClone(row)
          Object.freeze(row.values)
          const { flags, packed } = control.evaluate(row)
          expect(flags).toHaveLength(2)
          expect(String(packed)).toBe(flags.join(''))
          expect(row).toEqual(before)
        }
      }),
      { seed: 45, numRuns: 300 },
    )
  })
})

it('keeps at most 65 values of a column, however often it reports', () => {
  const history = new ColumnHistory({ ...RULES, column: 't' }, GAP)
  let most = 0
  for (let i = 0; i < 20_000; i++) {
    history.forgetBefore(START + i * 7)
    history.add({ time: START + i * 7, value: i % 3 }, false)
    most = Math.max(most, history.size)
  }
  expect(most).toBeGreaterThan(60)
  expect(most).toBeLessThanOrEqual(65)
})

it('keeps references of a rate so far apart that 60 span its window', () => {
  const control = createQualityControl(
    rulesetOf([{ column: 't', unit: 'Cel', rate: { overMs: 60_000, suspect: 1 } }]),
    [columnOf('t', 'Cel')],
  )
  const flag = (afterMs: number, value: number) =>
    control.evaluate({ time: START + afterMs, epoch: 1, values: [value] }).flags[0]
  flag(0, 0)
  flag(999, 5000)
  expect(flag(60_999, 101)).toBe(1) // against 0 after 61 s; the value at 999 ms is no reference
  expect(flag(61_000, 103)).toBe(3)
})
