import { describe, expect, it } from 'vitest'
import { createQualityControl, rulesFor } from '../../src/quality/index.ts'
import { columnOf, GAP, MINUTE, rulesetOf, SECOND, START } from './rig.ts'

describe('a column that is never above another', () => {
  const control = () =>
    createQualityControl(
      rulesetOf(
        [
          { column: 'dew', unit: 'Cel', range: { fail: [-80, 35] } },
          { column: 'air', unit: 'Cel', range: { suspect: [0, 60] } },
        ],
        [{ rule: 'not-above', column: 'dew', limit: 'air', slack: 0.05 }],
      ),
      [columnOf('dew', 'Cel', -2), columnOf('air', 'Cel', -1)], // scales differ on purpose
    )
  const flags = (dew: number | null, air: number | null) =>
    control().evaluate({ time: START, epoch: 1, values: [dew, air] })

  it('passes up to its slack, whatever the scales', () => {
    expect(flags(1025, 102).flags).toEqual([1, 1])
    expect(flags(-500, 102).flags).toEqual([1, 1])
  })

  it('is suspect with the other one above that', () => {
    expect(flags(1026, 102)).toMatchObject({
      flags: [3, 3],
      packed: 33,
      findings: [
        { column: 'dew', test: 'consistency', flag: 3 },
        { column: 'air', test: 'consistency', flag: 3 },
      ],
    })
  })

  it('is found with what other tests found, column by column', () => {
    expect(flags(0, -102).findings).toEqual([
      { column: 'dew', test: 'consistency', flag: 3 },
      { column: 'air', test: 'range', flag: 3 },
      { column: 'air', test: 'consistency', flag: 3 },
    ])
  })

  it('is not evaluated when one of the two is missing or outside the span of its sensor', () => {
    expect(flags(null, 102).flags).toEqual([9, 1])
    expect(flags(1026, null).flags).toEqual([1, 9])
    expect(flags(9000, 102).flags).toEqual([4, 1])
  })
})

describe('a vane that turns without wind', () => {
  const rig = () => {
    const control = createQualityControl(
      rulesetOf(
        [
          { column: 'direction', unit: 'deg', period: 360 },
          { column: 'speed', unit: 'm/s' },
        ],
        [{ rule: 'still', direction: 'direction', speed: 'speed', slack: 22.5 }],
      ),
      [columnOf('direction', 'deg', -1), columnOf('speed', 'm/s')],
    )
    return (afterMs: number, direction: number | null, speed: number | null, epoch = 1) =>
      control.evaluate({ time: START + afterMs, epoch, values: [direction, speed] }).flags
  }

  it('makes both suspect', () => {
    const flags = rig()
    expect(flags(0, 900, 0)).toEqual([2, 2])
    expect(flags(1, 1126, 0)).toEqual([3, 3])
  })

  it('may flicker by its slack, also across north', () => {
    const flags = rig()
    flags(0, 3550, 0)
    expect(flags(1, 175, 0)).toEqual([1, 1])
    expect(flags(2, 3549, 0)).toEqual([3, 3])
  })

  it('may turn with wind in this row or the one before', () => {
    const flags = rig()
    flags(0, 0, 100)
    expect(flags(1, 1800, 0)).toEqual([2, 2])
    expect(flags(2, 900, 100)).toEqual([2, 2])
  })

  it('is not judged after a gap, a missing value or in a new epoch', () => {
    const flags = rig()
    flags(0, 0, 0)
    expect(flags(GAP + 1, 1800, 0)).toEqual([2, 2])
    expect(flags(GAP + 2, null, 0)).toEqual([9, 2])
    expect(flags(GAP + 3, 0, 0)).toEqual([2, 2])
    expect(flags(GAP + 4, 1800, 0, 2)).toEqual([2, 2])
  })
})

describe('persistence of wind', () => {
  const rig = () => {
    const control = createQualityControl(
      rulesetOf([rulesFor.windDirection('direction', 'speed'), rulesFor.windSpeed('speed')]),
      [columnOf('direction', 'deg', -1), columnOf('speed', 'm/s')],
    )
    return (direction: (minute: number) => number, speed: (minute: number) => number | null) => {
      const flags = Array.from({ length: 61 }, (_, i) => {
        return control.evaluate({ time: START + i * MINUTE, epoch: 1, values: [direction(i), speed(i)] }).flags
      })
      return flags.at(-1)
    }
  }

  it('suspects a vane that stands still in wind, also across north', () => {
    expect(
      rig()(
        (i) => (i % 2 ? 3590 : 80),
        (i) => 200 + (i % 5) * 100,
      ),
    ).toEqual([3, 1])
    expect(
      rig()(
        (i) => (i % 2 ? 3590 : 90),
        (i) => 200 + (i % 5) * 100,
      ),
    ).toEqual([1, 1])
  })

  it('suspects neither vane nor cups in calm air', () => {
    expect(
      rig()(
        () => 900,
        () => 0,
      ),
    ).toEqual([1, 1])
  })

  it('takes 0.1 m/s for calm and more for wind', () => {
    const still = (speed: number) =>
      rig()(
        () => 900,
        () => speed,
      )
    expect(still(10)).toEqual([1, 1])
    expect(still(11)).toEqual([3, 3])
  })

  it('does not suspect a vane whose wind is unknown', () => {
    expect(
      rig()(
        () => 900,
        () => null,
      ),
    ).toEqual([1, 9])
  })

  it('suspects cups that turn evenly for an hour', () => {
    expect(
      rig()(
        (i) => i * 10,
        () => 300,
      ),
    ).toEqual([1, 3])
  })
})

it('finds every test that a value does not pass, in the order of the columns', () => {
  const control = createQualityControl(rulesetOf([rulesFor.pressure('p'), rulesFor.airTemperature('t')]), [
    columnOf('t', 'Cel'),
    columnOf('note', '', 0),
    columnOf('p', 'hPa', -1),
  ])
  expect(control.columns).toEqual(['t', 'p'])
  control.evaluate({ time: START, epoch: 1, values: [2000, 7, 10_000] })
  const { flags, packed, findings } = control.evaluate({
    time: START + 60 * SECOND,
    epoch: 1,
    values: [7000, 7, 10_021],
  })
  expect({ flags, packed }).toEqual({ flags: [4, 4], packed: 44 })
  expect(findings).toEqual([
    { column: 't', test: 'range', flag: 4 },
    { column: 'p', test: 'rate', flag: 4 },
  ])
})
