import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dewPoint, litres, litresPerSecond, seaLevelPressure, soilPercent, windChill } from '../../src/derive/index.ts'

const celOf = (fahrenheit: number): number => (fahrenheit - 32) / 1.8
const mpsOf = (mph: number): number => (mph * 1609.344) / 3600

describe('dew point', () => {
  it.each([
    [20, 50, 9.254],
    [25, 60, 16.684],
    [10, 100, 10],
  ])('of %d Cel at %d percent is %d Cel', (air, humidity, want) => {
    expect(dewPoint(air, humidity)).toBeCloseTo(want, 3)
  })

  it('is never above the temperature, and rises with humidity', () => {
    const air = fc.double({ min: -80, max: 60, noNaN: true })
    const humidity = fc.double({ min: 0.1, max: 100, noNaN: true })
    fc.assert(
      fc.property(air, humidity, humidity, (t, a, b) => {
        const [dry, wet] = [dewPoint(t, Math.min(a, b)), dewPoint(t, Math.max(a, b))] as [number, number]
        expect(dry).toBeLessThanOrEqual(wet)
        expect(wet).toBeLessThanOrEqual(t + 1e-9)
      }),
      { seed: 51, numRuns: 300 },
    )
  })

  it.each([
    [20, 0],
    [20, -1],
    [20, Number.NaN],
    [Number.NaN, 50],
    [Number.POSITIVE_INFINITY, 50],
    [-237.7, 50],
  ])('of %d Cel at %d percent there is none', (air, humidity) => {
    expect(dewPoint(air, humidity)).toBeNull()
  })
})

describe('wind chill', () => {
  it('of 30 °F at 10 mph is 21.25 °F', () => {
    expect(windChill(celOf(30), mpsOf(10))).toBeCloseTo(celOf(21.25), 2)
  })

  it('is the temperature where the formula does not hold: from 50 °F on, up to 3 mph', () => {
    expect(windChill(celOf(50), 10)).toBe(celOf(50))
    expect(windChill(-10, mpsOf(2.99))).toBe(-10)
    expect(windChill(-10, mpsOf(3.01))).not.toBe(-10)
  })

  it('of no number is none', () => {
    for (const [air, wind] of [
      [Number.NaN, 1],
      [0, Number.NaN],
      [0, -1],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(windChill(air, wind)).toBeNull()
    }
  })
})

describe('sea-level pressure', () => {
  it('of 1000 hPa at 100 m and 15 Cel is 1011.93 hPa', () => {
    expect(seaLevelPressure(1000, 100, 15)).toBeCloseTo(1011.93, 2)
  })

  it('at sea level is the pressure itself', () => {
    expect(seaLevelPressure(1013.25, 0, 15)).toBe(1013.25)
  })

  it('of no number is none', () => {
    for (const [p, z, t] of [
      [0, 100, 15],
      [1000, Number.NaN, 15],
      [1000, 100, -273.15],
      [1000, 100, -300],
    ] as const) {
      expect(seaLevelPressure(p, z, t)).toBeNull()
    }
  })
})

describe('flow', () => {
  it('of a YF-S201 is 450 pulses a litre: 7.5 Hz is a litre a minute', () => {
    expect(litres(450)).toBe(1)
    expect(litresPerSecond(450, 60_000)).toBeCloseTo(1 / 60, 12)
    expect(litresPerSecond(75, 10_000)).toBeCloseTo(1 / 60, 12)
  })

  it('follows a calibration, and has no answer for no time', () => {
    expect(litres(5880, 5880)).toBe(1)
    expect(litresPerSecond(10, 0)).toBeNull()
  })
})

describe('soil wetness', () => {
  const probe = { dry: 520, wet: 260 }

  it.each([
    [520, 0],
    [260, 100],
    [390, 50],
    [559, 0],
    [221, 100],
    [560, null],
    [220, null],
    [1023, null],
    [0, null],
    [Number.NaN, null],
  ])('of %d counts between 520 dry and 260 wet is %s', (raw, want) => {
    expect(soilPercent(raw, probe)).toBe(want)
  })

  it('of a probe whose output rises with wetness is the mirror image', () => {
    expect(soilPercent(325, { dry: 260, wet: 520 })).toBe(25)
  })

  it('is refused without two points', () => {
    for (const wet of [520, Number.NaN]) {
      expect(() => soilPercent(400, { dry: 520, wet })).toThrow(expect.objectContaining({ code: 'config-invalid' }))
    }
  })
})
