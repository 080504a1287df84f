import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReplay, createWorld, DAY_MS, loadSeattle } from '../../src/world/index.ts'

const WORLD = createWorld(loadSeattle(), 1)
const HOUR_MS = 3_600_000

describe('a replay', () => {
  test('shows midnight of its first day at step 0, and goes on by its step', () => {
    const replay = createReplay({ record: WORLD, startDate: '2012-11-17', recordedMsPerStep: 600_000 })
    expect([0, 1, 144].map(replay.recordedMs)).toEqual([0, 600_000, DAY_MS].map((ms) => Date.UTC(2012, 10, 17) + ms))
    expect(replay.lap(144)).toBe(0)
  })

  test('goes on at the beginning of the record after its last step, also when it started in the middle', () => {
    const replay = createReplay({ record: WORLD, startDate: '2015-12-31', recordedMsPerStep: HOUR_MS })
    expect(replay.recordedMs(23)).toBe(WORLD.endMs - HOUR_MS)
    expect(replay.recordedMs(24)).toBe(WORLD.startMs)
    expect([23, 24].map(replay.lap)).toEqual([0, 1])
    expect(replay.recordedMs(24 + 1461 * 24)).toBe(WORLD.startMs)
    expect(replay.lap(24 + 1461 * 24)).toBe(2)
  })

  test('keeps its step across the end when the step does not divide the record', () => {
    const replay = createReplay({ record: WORLD, startDate: '2015-12-31', recordedMsPerStep: 7 * HOUR_MS })
    expect(replay.recordedMs(3)).toBe(WORLD.endMs - 3 * HOUR_MS)
    expect(replay.recordedMs(4)).toBe(WORLD.startMs + 4 * HOUR_MS)
  })

  test('always shows a time that the world has, and loses none between laps', () => {
    const anyStep = fc.integer({ min: 1, max: 40 * DAY_MS })
    fc.assert(
      fc.property(anyStep, fc.nat({ max: 1_000_000 }), (recordedMsPerStep, step) => {
        const replay = createReplay({ record: WORLD, startDate: '2014-06-01', recordedMsPerStep })
        const ms = replay.recordedMs(step)
        expect(() => WORLD.sample(ms)).not.toThrow()
        const elapsed = replay.lap(step) * (WORLD.endMs - WORLD.startMs) + ms - Date.UTC(2014, 5, 1)
        expect(elapsed).toBe(step * recordedMsPerStep)
      }),
      { seed: 3 },
    )
  })

  test.each([
    ['a day before the record', { startDate: '2011-12-31' }],
    ['a day after the record', { startDate: '2016-01-01' }],
    ['a day that the calendar does not have', { startDate: '2013-02-29' }],
    ['another spelling of a date', { startDate: '2013-2-1' }],
    ['a step of zero', { recordedMsPerStep: 0 }],
    ['a step that is no integer', { recordedMsPerStep: 1.5 }],
    ['an empty record', { record: { startMs: 0, endMs: 0 } }],
  ])('refuses %s', (_, fault) => {
    const options = { record: WORLD, startDate: '2012-01-01', recordedMsPerStep: 1000, ...fault }
    expect(() => createReplay(options)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })

  test('refuses a step number that is negative, not whole, or too large to compute with', () => {
    const replay = createReplay({ record: WORLD, startDate: '2012-01-01', recordedMsPerStep: 1000 })
    for (const step of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
      expect(() => replay.recordedMs(step)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
      expect(() => replay.lap(step)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    }
  })
})
