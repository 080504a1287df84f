import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ColumnRules,
  createQualityControl,
  narrow,
  parseRuleset,
  type Ruleset,
  rulesetText,
  rulesFor,
} from '../../src/quality/index.ts'
import { expectCode } from '../merkle/expect-code.ts'
import { columnOf, rulesetOf } from './rig.ts'

/** A weather station of every preset, at most 15 columns. */
const WEATHER: Ruleset = {
  name: 'weather',
  version: 1,
  maxGapMs: 600_000,
  columns: [
    narrow(rulesFor.airTemperature('airTemperature'), { sensor: [-40, 85], usual: [-30, 45] }),
    rulesFor.dewPoint('dewPoint'),
    rulesFor.relativeHumidity('relativeHumidity'),
    narrow(rulesFor.pressure('pressure'), { sensor: [300, 1100], usual: [940, 1060] }),
    rulesFor.windSpeed('windSpeed'),
    rulesFor.windGust('windGust'),
    rulesFor.windDirection('windDirection', 'windSpeed'),
    rulesFor.rainRate('rainRate'),
  ],
  consistency: [
    { rule: 'not-above', column: 'dewPoint', limit: 'airTemperature', slack: 0.05 },
    { rule: 'not-above', column: 'windSpeed', limit: 'windGust', slack: 0 },
    { rule: 'still', direction: 'windDirection', speed: 'windSpeed', slack: 22.5 },
  ],
}
const IRRIGATION: Ruleset = {
  name: 'irrigation',
  version: 1,
  maxGapMs: 600_000,
  columns: [rulesFor.soilMoisture('soil1'), rulesFor.soilTemperature('soilTemperature'), rulesFor.flow('flow')],
  consistency: [],
}

describe('a ruleset', () => {
  it('of presets is taken as it is, and frozen', () => {
    for (const ruleset of [WEATHER, IRRIGATION]) {
      const parsed = parseRuleset(ruleset)
      expect(parsed).toEqual(ruleset)
      expect(Object.isFrozen(parsed.columns[0]?.range)).toBe(true)
    }
  })

  it('is refused with all its faults at once, each with its path', () => {
    const bad = {
      name: 'Weather',
      version: 0,
      maxGapMs: '600',
      colour: 'red',
      columns: [
        { column: 't', unit: 'Cel', range: { fail: [60, -80] }, step: { withinMs: 0, suspect: 2 } },
        { column: 't', unit: 'Cel', rate: { overMs: 60_000, suspect: 3, fail: 2 } },
        {
          column: 'd',
          unit: 'deg',
          period: 360,
          flat: { windowMs: 1, leastChange: 180, except: { column: 'x', atMost: 1 } },
        },
        { column: 'e', unit: 'deg', range: { fail: [0, 1], suspect: [0, 2] }, step: { withinMs: 1 } },
      ],
      consistency: [
        { rule: 'not-above', column: 'd', limit: 't', slack: -1 },
        { rule: 'still', direction: 't', speed: 't', slack: 0 },
        { rule: 'sometimes' },
      ],
    }
    let message = ''
    try {
      parseRuleset(bad)
    } catch (error) {
      message = String(error)
    }
    for (const part of [
      'name: want',
      'version: want',
      'maxGapMs: want',
      'ruleset.colour: unknown key',
      'columns[0].range.fail: want [least, most]',
      'columns[0].step.withinMs: want an integer',
      'columns[1].column: t has rules already',
      'columns[1].rate.suspect: want at most fail',
      'columns[2].flat.leastChange: want less than half the period',
      'columns[2].flat.except.column: want a column of this ruleset',
      'columns[3].range.suspect: want a span within fail',
      'columns[3].step: want suspect, fail or both',
      'consistency[0].slack: want',
      'consistency[0]: want columns of one unit',
      'consistency[1]: want two columns',
      'consistency[1].direction: want a column in deg',
      'consistency[2].rule: want',
    ]) {
      expect(message).toContain(part)
    }
    expectCode(() => parseRuleset(bad), 'config-invalid')
  })

  it('is refused or taken, whatever it is, and never breaks the reader', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true, maxDepth: 6 }), (anything) => {
        expectCode(() => parseRuleset(anything), 'config-invalid')
        expectCode(() => parseRuleset({ ...WEATHER, columns: [anything] }), 'config-invalid')
        expectCode(() => parseRuleset({ ...WEATHER, consistency: [anything] }), 'config-invalid')
      }),
      { seed: 42, numRuns: 500 },
    )
    const loop: { columns: unknown[] } = { columns: [] }
    loop.columns.push(loop)
    expectCode(() => parseRuleset(loop), 'config-invalid')
  })

  it('is refused for a stream that lacks a column, or has it in another unit or type', () => {
    const ruleset = rulesetOf([rulesFor.airTemperature('t'), rulesFor.pressure('p'), rulesFor.flow('f')])
    const columns = [columnOf('p', 'Pa'), { name: 'f', unit: '', exponent: 0, type: 'text' }] as const
    expectCode(() => createQualityControl(ruleset, columns), 'config-invalid')
    expect(() => createQualityControl(ruleset, columns)).toThrow(
      /t: the stream has no.*p: rules are in hPa.*f: a column of type text/,
    )
  })
})

describe('the text of a ruleset', () => {
  it('leaves half of a method to others', () => {
    expect(rulesetText(WEATHER).length).toBeLessThanOrEqual(768)
    expect(rulesetText(IRRIGATION).length).toBeLessThanOrEqual(256)
  })

  it('is terse and can be read', () => {
    const [air, humidity] = [WEATHER.columns[0], WEATHER.columns[2]] as [ColumnRules, ColumnRules]
    expect(rulesetText({ ...WEATHER, columns: [air, humidity], consistency: WEATHER.consistency })).toBe(
      'QC weather 1, QARTOD flags, gap 600s: ' +
        'airTemperature Cel fail -40..60 usual -30..45 step 20s 2/- rate 60s 3/- flat 3600s 0.1; ' +
        'relativeHumidity %RH fail 0..100 step 20s 5/- rate 60s 10/15 flat 3600s 1 unless relativeHumidity>=95; ' +
        'dewPoint<=airTemperature+0.05; windSpeed<=windGust+0; windDirection still within 22.5 while windSpeed=0',
    )
  })

  it('differs when anything of the ruleset does', () => {
    const texts = new Set([rulesetText(WEATHER)])
    let variants = 0
    for (const variant of variantsOf(WEATHER)) {
      variants++
      texts.add(rulesetText(variant as Ruleset))
    }
    expect(variants).toBeGreaterThan(80)
    expect(texts.size).toBe(variants + 1)
  })
})

describe('a narrowed range', () => {
  const rules = rulesFor.airTemperature('t')

  it('fails outside the sensor or the rules, and suspects outside the usual', () => {
    expect(narrow(rules, { sensor: [-40, 85], usual: [-90, 45] }).range).toEqual({
      fail: [-40, 60],
      suspect: [-40, 45],
    })
    expect(narrow(rules, { sensor: [-40, 85] }).range).toEqual({ fail: [-40, 60] })
    expect(narrow(rulesFor.windGust('g'), {}).range).toEqual(rulesFor.windGust('g').range)
  })

  it('that is empty is no ruleset', () => {
    expectCode(() => parseRuleset(rulesetOf([narrow(rules, { sensor: [70, 80] })])), 'config-invalid')
  })
})

/** Every copy of `value` that differs in one number, one text, or one optional part that is left out. */
function* variantsOf(value: unknown): Generator<unknown> {
  if (typeof value === 'number') yield value + 1
  else if (typeof value === 'string' && value !== 'not-above' && value !== 'still') yield `${value}x`
  else if (Array.isArray(value)) {
    for (const [i, part] of value.entries()) for (const other of variantsOf(part)) yield value.with(i, other)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      for (const other of variantsOf(part)) yield { ...value, [key]: other }
      if (['range', 'step', 'rate', 'flat', 'except', 'period', 'suspect'].includes(key)) {
        yield Object.fromEntries(Object.entries(value).filter(([k]) => k !== key))
      }
    }
  }
}
