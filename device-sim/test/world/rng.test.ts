import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bell, ease, mix32, smoothNoise, subkey, uniform } from '../../src/world/rng.ts'

const KEY = subkey(mix32(7), 'test')

describe('random numbers', () => {
  test('come from the finaliser of MurmurHash3, whose hash of the empty text is the finaliser of its seed', () => {
    expect(mix32(0)).toBe(0)
    expect(mix32(1)).toBe(0x514e28b7)
    expect(mix32(0xffffffff)).toBe(0x81f16f39)
  })

  test('are uniform to the eye of a chi-square test with 64 cells', () => {
    const cells = new Array<number>(64).fill(0)
    for (let n = 0; n < 64_000; n++) {
      const cell = Math.floor(uniform(KEY, n) * 64)
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    const chi2 = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chi2).toBeGreaterThan(34)
    expect(chi2).toBeLessThan(104) // 0.1 % of good generators lie above 104, 0.1 % below 34
  })

  test('of bell shape have mean 0 and standard deviation 1', () => {
    const drawn = Array.from({ length: 20_000 }, (_, n) => bell(KEY, n))
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length
    const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(Math.sqrt(variance) - 1)).toBeLessThan(0.02)
  })

  test('differ between labels, also between labels that differ above 2^32 only', () => {
    const keys = ['', 'a', 'b', 'ab', 'ba', 0, 1, 2 ** 32, 2 ** 33].map((label) => subkey(KEY, label))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('a smooth curve', () => {
  test('stays in [-1, 1] and is continuous', () => {
    const anyTime = fc.integer({ min: 0, max: 2 ** 42 })
    fc.assert(
      fc.property(fc.nat(), anyTime, fc.integer({ min: 1000, max: 10_000_000 }), (key, ms, period) => {
        const here = smoothNoise(key, ms, period)
        expect(Math.abs(here)).toBeLessThanOrEqual(1)
        expect(Math.abs(smoothNoise(key, ms + 1, period) - here)).toBeLessThanOrEqual(3 / period + 1e-9)
      }),
      { seed: 1 },
    )
  })

  test('is eased from end to end', () => {
    expect([-1, 0, 0.5, 1, 2].map(ease)).toEqual([0, 0, 0.5, 1, 1])
  })
})
