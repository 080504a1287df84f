import { describe, expect, it } from 'vitest'
import { controlOf, GAP, HOUR, MINUTE, SECOND, START } from './rig.ts'

describe('range', () => {
  const rules = { range: { fail: [-40, 85], suspect: [-20, 40] } } as const

  it.each([
    [-40.01, 4],
    [-40, 3],
    [-20.01, 3],
    [-20, 1],
    [40, 1],
    [40.01, 3],
    [85, 3],
    [85.01, 4],
  ])('gives %d Cel the flag %d, ends belonging to a span', (real, flag) => {
    expect(controlOf(rules).flag(0, real)).toBe(flag)
  })

  it.each([null, 'warm', true, Uint8Array.of(1)])('gives %s nine when missing and four when no number', (value) => {
    expect(controlOf(rules).flag(0, value)).toBe(value === null ? 9 : 4)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'fails %d, which no history remembers',
    (n) => {
      const { control, flag } = controlOf({ step: { withinMs: MINUTE, suspect: 2 } })
      flag(0, 10)
      expect(control.evaluate({ time: START + 1, epoch: 1, values: [n] })).toMatchObject({
        flags: [4],
        findings: [{ column: 't', test: 'value', flag: 4 }],
      })
      expect(flag(2, 12)).toBe(1)
      expect(flag(3, 14.01)).toBe(3)
    },
  )
})

describe('step', () => {
  const rules = { range: { fail: [-40, 85] }, step: { withinMs: 20 * SECOND, suspect: 2, fail: 5 } } as const

  it('is not evaluated on the first value, which the range alone passes', () => {
    expect(controlOf(rules).flag(0, 20)).toBe(1)
    expect(controlOf({ step: rules.step }).flag(0, 20)).toBe(2)
  })

  it.each([
    [22, 1],
    [22.01, 3],
    [25, 3],
    [25.01, 4],
    [18, 1],
    [17.99, 3],
    [14.99, 4],
  ])('flags 20 Cel to %d Cel with %d', (to, want) => {
    const { flag } = controlOf(rules)
    flag(0, 20)
    expect(flag(10 * SECOND, to)).toBe(want)
  })

  it('does not compare values that are further apart than it says', () => {
    for (const [afterMs, want] of [
      [20 * SECOND, 4],
      [20 * SECOND + 1, 1],
    ] as const) {
      const { flag } = controlOf(rules)
      flag(0, 20)
      expect(flag(afterMs, 30)).toBe(want)
    }
  })

  it('compares over a missing value', () => {
    const { flag } = controlOf(rules)
    flag(0, 20)
    expect(flag(10 * SECOND, null)).toBe(9)
    expect(flag(20 * SECOND, 23)).toBe(3)
  })

  it('does not blame the value that follows one from outside the sensor span', () => {
    const { flag } = controlOf(rules)
    flag(0, 20)
    expect(flag(SECOND, -127)).toBe(4)
    expect(flag(2 * SECOND, 20)).toBe(1)
  })

  it('compares exactly where binary fractions are not exact', () => {
    const { flag } = controlOf({ step: { withinMs: MINUTE, suspect: 0.29 } })
    flag(0, 0)
    expect(flag(1, 0.29)).toBe(1)
    expect(flag(2, 0.59)).toBe(3)
  })
})

describe('rate of change', () => {
  const rules = { rate: { overMs: MINUTE, suspect: 3, fail: 6 } } as const

  it('is not evaluated before a minute of history', () => {
    const { flag } = controlOf(rules)
    expect(flag(0, 20)).toBe(2)
    expect(flag(MINUTE - 1, 50)).toBe(2)
    expect(flag(MINUTE, 23)).toBe(1)
  })

  it('sees a climb whose every step is small', () => {
    const { flag } = controlOf({ ...rules, step: { withinMs: 20 * SECOND, suspect: 2 } })
    const flags = Array.from({ length: 13 }, (_, i) => flag(i * 5 * SECOND, 20 + i))
    expect(flags.slice(0, 12)).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(flags[12]).toBe(4)
  })

  it('allows as much more as the reference is older', () => {
    for (const [to, want] of [
      [26, 1],
      [26.01, 3],
      [32, 3],
      [32.01, 4],
    ] as const) {
      const { flag } = controlOf(rules)
      flag(0, 20)
      expect(flag(2 * MINUTE, to)).toBe(want)
    }
  })

  it('takes the newest reference that is old enough', () => {
    const { flag } = controlOf(rules)
    flag(0, 0)
    flag(30 * SECOND, 20)
    expect(flag(80 * SECOND, 3.9)).toBe(1)
    expect(flag(90 * SECOND, 3.9)).toBe(4)
  })
})

describe('persistence', () => {
  const rules = { flat: { windowMs: HOUR, leastChange: 0.1 } } as const
  /** Flags of a value every minute. */
  const flagsOf = (real: (minute: number) => number, minutes: number, more: object = {}) => {
    const { flag } = controlOf({ ...rules, ...more })
    return Array.from({ length: minutes + 1 }, (_, i) => flag(i * MINUTE, real(i)))
  }

  it('suspects a value that has stood still for the window, and not a minute before', () => {
    const flags = flagsOf(() => 20, 62)
    expect(flags.slice(0, 60)).toEqual(Array(60).fill(2))
    expect(flags.slice(60)).toEqual([3, 3, 3])
  })

  it('counts a flicker of less than the least change as standing still', () => {
    expect(flagsOf((i) => 20 + (i % 2) * 0.09, 60).at(-1)).toBe(3)
    expect(flagsOf((i) => 20 + (i % 2) * 0.1, 60).at(-1)).toBe(1)
  })

  it('begins another run with the value that moved', () => {
    const flags = flagsOf((i) => (i < 30 ? 20 : 21), 90)
    expect(flags[60]).toBe(1)
    expect(flags[89]).toBe(1)
    expect(flags[90]).toBe(3)
  })

  it('does not see a drift as flat', () => {
    expect(flagsOf((i) => 20 + i * 0.01, 600)).not.toContain(3)
  })

  it('leaves out rows in which its exception holds, and begins anew after them', () => {
    const except = { flat: { ...rules.flat, except: { column: 't', atLeast: 95 } } }
    expect(flagsOf(() => 95, 120, except)).not.toContain(3)
    expect(flagsOf(() => 94.99, 60, except).at(-1)).toBe(3)
    const fogLifts = flagsOf((i) => (i < 90 ? 97 : 94), 150, except)
    expect(fogLifts[149]).toBe(1)
    expect(fogLifts[150]).toBe(3)
  })
})

describe('history', () => {
  const rules = { step: { withinMs: HOUR, suspect: 2 } } as const

  it('goes on through a gap as long as the ruleset allows, and no longer', () => {
    for (const [afterMs, want] of [
      [GAP, 3],
      [GAP + 1, 2],
    ] as const) {
      const { flag } = controlOf(rules)
      flag(0, 20)
      expect(flag(afterMs, 30)).toBe(want)
    }
  })

  it.each([
    ['another epoch', SECOND, 2],
    ['an equal time', 0, 1],
    ['a time that runs backwards', -1, 1],
    ['a time that is no number', Number.NaN, 1],
  ])('begins anew with %s, and goes on from there', (_name, afterMs, epoch) => {
    const { flag } = controlOf(rules)
    flag(0, 20)
    expect(flag(afterMs, 30, epoch)).toBe(2)
    if (!Number.isNaN(afterMs)) expect(flag(afterMs + 1, 33, epoch)).toBe(3)
  })

  it('begins anew for a column that was silent while others were not', () => {
    const { flag } = controlOf(rules)
    flag(0, 20)
    for (let ms = MINUTE; ms <= GAP; ms += MINUTE) flag(ms, null)
    expect(flag(GAP + 1, 30)).toBe(2)
  })

  it('begins a flat run anew with another epoch, too', () => {
    const { flag } = controlOf({ flat: { windowMs: HOUR, leastChange: 0.1 } })
    flag(0, 20)
    const flags = Array.from({ length: 61 }, (_, i) => flag((1 + i) * MINUTE, i % 2 ? 20.18 : 20.09, 2))
    expect(flags.at(-2)).toBe(2)
    expect(flags.at(-1)).toBe(3)
  })
})
