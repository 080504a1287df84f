import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CounterSample, counterDelta, mostPulses, SPARKFUN_MM_PER_TIP } from '../../src/derive/index.ts'

const sample = (boots: number, boardMs: number, pulses: number): CounterSample => ({ boots, boardMs, pulses })
const BEFORE = sample(7, 60_000, 100)

describe('pulses between two readings', () => {
  it('are their difference', () => {
    expect(counterDelta(BEFORE, sample(7, 70_000, 104), 100)).toEqual({ pulses: 4, elapsedMs: 10_000, isLeast: false })
    expect(counterDelta(BEFORE, sample(7, 70_000, 100), 100)?.pulses).toBe(0)
  })

  it('go on when the counter passes 2^32 and the clock 2^35', () => {
    const late = sample(7, 2 ** 35 - 1_000, 2 ** 32 - 3)
    expect(counterDelta(late, sample(7, 9_000, 2), 100)).toEqual({ pulses: 5, elapsedMs: 10_000, isLeast: false })
  })

  it('are those since the reset when there was one', () => {
    expect(counterDelta(BEFORE, sample(8, 5_000, 3), 100)).toEqual({ pulses: 3, elapsedMs: 5_000, isLeast: true })
    expect(counterDelta(BEFORE, sample(8, 90_000, 200), 100)?.pulses).toBe(200)
    expect(counterDelta(BEFORE, sample(9, 5_000, 3), 100)).toEqual({ pulses: 3, elapsedMs: 5_000, isLeast: true })
  })

  it.each([
    ['a counter that is lower without a reset', sample(7, 70_000, 99)],
    ['a clock that went back without a reset', sample(7, 59_999, 104)],
    ['more resets than a replugged cable makes', sample(10, 5_000, 3)],
    ['a boot count that fell', sample(6, 70_000, 104)],
    ['more pulses than the debounce lets through', sample(7, 70_000, 202)],
    ['more pulses since a reset than the debounce lets through', sample(8, 1_000, 12)],
    ['a reading that is no number', sample(7, 70_000, Number.NaN)],
  ])('are unknown with %s', (_name, now) => {
    expect(counterDelta(BEFORE, now, 100)).toBeNull()
  })

  it('are unknown with a lower counter also where there is no debounce', () => {
    expect(counterDelta(BEFORE, sample(7, 70_000, 99), 0)).toBeNull()
  })

  it('are never negative and never more than there were, whatever resets and gaps lie between', () => {
    const event = fc.record({
      ms: fc.integer({ min: 1_000, max: 600_000 }),
      pulses: fc.integer({ min: 0, max: 10 }),
      resets: fc.constantFrom(0, 0, 0, 1, 2),
      isRead: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (events, start) => {
        let now = sample(1, 0, start)
        let read = now
        let fell = 0
        let told = 0
        for (const { ms, pulses, resets, isRead } of events) {
          fell += pulses
          now =
            resets > 0
              ? sample(now.boots + resets, ms, pulses)
              : sample(now.boots, now.boardMs + ms, (now.pulses + pulses) % 2 ** 32)
          if (!isRead) continue
          const delta = counterDelta(read, now, 100)
          read = now
          if (delta) {
            expect(delta.pulses).toBeGreaterThanOrEqual(0)
            told += delta.pulses
          }
          expect(told).toBeLessThanOrEqual(fell)
        }
      }),
      { seed: 52, numRuns: 300 },
    )
  })
})

describe('debounce', () => {
  it('of 100 ms lets 10 tips a second through, 167.6 mm a minute', () => {
    expect(mostPulses(100, 60_000) - 1).toBe(600)
    expect(600 * SPARKFUN_MM_PER_TIP).toBeCloseTo(167.6, 1)
  })

  it('leaves the 40 mm a minute that are possible far below: 143 tips', () => {
    expect(Math.floor(40 / SPARKFUN_MM_PER_TIP)).toBe(143)
  })

  it('of none has no limit', () => {
    expect(mostPulses(0, 1)).toBe(Number.POSITIVE_INFINITY)
  })
})
