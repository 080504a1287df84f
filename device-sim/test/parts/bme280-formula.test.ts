import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CALIBRATION, compensate, rawOf } from '../../src/parts/bme280-formula.ts'
import { dataBytes, writeCalibration } from '../../src/parts/bme280-registers.ts'
import { decode } from './bme280-driver.ts'

const MEMORY = new Uint8Array(256)
writeCalibration(MEMORY, CALIBRATION, true)
const LOW = [...MEMORY.subarray(0x88, 0xa2)]
const HIGH = [...MEMORY.subarray(0xe1, 0xe8)]

describe('the compensation of a BME280', () => {
  test("gives the example of the maker's data sheet", () => {
    const { celsius, hectopascal } = compensate(CALIBRATION, { temperature: 519_888, pressure: 415_148, humidity: 0 })
    expect(celsius).toBe(25.08)
    expect(hectopascal).toBeCloseTo(1006.5327, 3)
  })

  test('turned round gives any wanted value back to a driver, over the whole range of the device', () => {
    const range = fc.record({
      celsius: fc.double({ min: -40, max: 85, noNaN: true }),
      hectopascal: fc.double({ min: 300, max: 1100, noNaN: true }),
      percent: fc.double({ min: 0, max: 100, noNaN: true }),
    })
    fc.assert(
      fc.property(range, (wanted) => {
        const raw = rawOf(CALIBRATION, wanted)
        for (const got of [compensate(CALIBRATION, raw), decode(LOW, HIGH, dataBytes(raw))]) {
          expect(Math.abs(got.celsius - wanted.celsius)).toBeLessThanOrEqual(0.01)
          expect(Math.abs(got.hectopascal - wanted.hectopascal)).toBeLessThanOrEqual(0.01)
          expect(Math.abs(got.percent - wanted.percent)).toBeLessThanOrEqual(0.02)
        }
      }),
      { seed: 280, numRuns: 1000 },
    )
  })
})
