import { expect, it } from 'vitest'
import { type ColumnRules, rulesFor } from '../../src/quality/index.ts'
import { HOUR, MINUTE } from './rig.ts'

/** Limits as published: range, step of raw samples, one-minute step (suspect, erroneous), least change in an hour. */
const PUBLISHED: readonly (readonly [
  rules: ColumnRules,
  range: readonly [number, number],
  step: number | undefined,
  minute: readonly [suspect: number, fail: number | undefined] | undefined,
  least: number | undefined,
])[] = [
  [rulesFor.airTemperature('x'), [-80, 60], 2, [3, undefined], 0.1],
  [rulesFor.dewPoint('x'), [-80, 35], 2, [2, 4], 0.1],
  [rulesFor.relativeHumidity('x'), [0, 100], 5, [10, 15], 1],
  [rulesFor.pressure('x'), [500, 1100], 0.3, [0.5, 2], 0.1],
  [rulesFor.windSpeed('x'), [0, 75], 20, [10, 20], 0.5],
  [rulesFor.windDirection('x', 'y'), [0, 360], undefined, undefined, 10],
  [rulesFor.rainRate('x'), [0, 40 * 60], undefined, undefined, undefined],
  [rulesFor.soilTemperature('x'), [-50, 50], undefined, undefined, undefined],
  [rulesFor.soilMoisture('x'), [0, 100], undefined, undefined, undefined],
  [rulesFor.windGust('x'), [0, 128.3], undefined, undefined, undefined],
  [rulesFor.flow('x'), [0, 30 / 60], undefined, undefined, undefined],
]

it.each(PUBLISHED)('presets hold the published limits: %o', (rules, range, step, minute, least) => {
  expect(rules.range?.fail).toEqual(range)
  expect(rules.step?.suspect).toBe(step)
  expect(rules.step?.fail).toBeUndefined()
  expect(rules.rate && [rules.rate.suspect, rules.rate.fail]).toEqual(minute)
  expect(rules.rate?.overMs).toBe(minute && MINUTE)
  expect(rules.flat?.leastChange).toBe(least)
  expect(rules.flat?.windowMs).toBe(least && HOUR)
})

it('presets cover every quantity that has one', () => {
  expect(PUBLISHED).toHaveLength(Object.keys(rulesFor).length)
})
