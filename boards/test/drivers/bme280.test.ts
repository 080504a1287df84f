import { fieldproofErrorOf } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bme280 } from '../../src/drivers/bme280.ts'
import {
  barometerTrim,
  celsius,
  fineTemperature,
  humidityTrim,
  pascal,
  relativeHumidity,
} from '../../src/drivers/bme280-compensation.ts'
import { type Bme280Faults, EXAMPLE, fakeBme280 } from './fake-bme280.ts'
import { fakeSession } from './fake-session.ts'

const ADDRESS = 0x76
const SEED = 20260101

async function started(faults: Bme280Faults, chip: 'BME280' | 'BMP280' = 'BME280') {
  const session = fakeSession(fakeBme280(ADDRESS, faults))
  return bme280({ address: ADDRESS, chip }).driver.start(session)
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error) => fieldproofErrorOf(error)?.code,
  )

describe('compensation', () => {
  const registers = fakeBme280(ADDRESS, {}).registers
  const trim = barometerTrim(registers.subarray(0x88, 0xa0))

  it("gives the data sheet's worked example: 25.08 Cel and 100653 Pa", () => {
    const fine = fineTemperature(trim, EXAMPLE.temperature)
    expect(Math.round(fine)).toBe(128422)
    expect(celsius(fine)).toBeCloseTo(25.08, 2)
    expect(pascal(trim, fine, EXAMPLE.pressure)).toBeCloseTo(100653.27, 1)
  })

  it('gives no pressure when the trimming values divide by zero', () => {
    expect(pascal({ ...trim, p: [0, 0, 0, 0, 0, 0, 0, 0, 0] }, 128422, EXAMPLE.pressure)).toBeNull()
  })

  it('reads the two 12-bit trimming values that share a byte, with their signs', () => {
    const trimmed = humidityTrim(75, Uint8Array.of(0x6a, 0x01, 0, 0x13, 0x29, 0x03, 0x1e))
    expect(trimmed).toEqual([75, 362, 0, 313, 50, 30])
    expect(humidityTrim(0, Uint8Array.of(0, 0x80, 0, 0xff, 0xf1, 0xff, 0x80))).toEqual([0, -32768, 0, -15, -1, -128])
  })

  it('agrees with the integer formulas of the data sheet over all that a sensor can say', () => {
    const humid = humidityTrim(75, registers.subarray(0xe1, 0xe8))
    const raw = fc.record({
      temperature: fc.integer({ min: 300_000, max: 700_000 }),
      pressure: fc.integer({ min: 250_000, max: 700_000 }),
      humidity: fc.integer({ min: 1, max: 0xfffe }),
    })
    fc.assert(
      fc.property(raw, ({ temperature, pressure, humidity }) => {
        const fine = fineTemperature(trim, temperature)
        const exact = integerFormulas(trim, humid, { temperature, pressure, humidity })
        expect(Math.abs(celsius(fine) - exact.celsius)).toBeLessThanOrEqual(0.011)
        expect(Math.abs((pascal(trim, fine, pressure) ?? 0) - exact.pascal)).toBeLessThan(2)
        expect(Math.abs(relativeHumidity(humid, fine, humidity) - exact.percent)).toBeLessThan(0.02)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })
})

describe('a BME280', () => {
  it('measures temperature, pressure in hPa, and humidity', async () => {
    const { values } = await (await started({})).read()
    expect(values['temperature']).toBeCloseTo(25.08, 2)
    expect(values['pressure']).toBeCloseTo(1006.53, 2)
    expect(values['humidity']).toBeGreaterThan(0)
    expect(values['humidity']).toBeLessThanOrEqual(100)
  })

  it('is refused when it is a BMP280 that was sold as one', async () => {
    const work = started({ id: 0x58 })
    await expect(work).rejects.toMatchObject({
      code: 'sensor-mismatch',
      facts: { found: 'BMP280', wanted: 'BME280', address: '0x76' },
    })
    await expect(started({ id: 0x55 })).rejects.toMatchObject({ facts: { found: 'chip id 0x55' } })
  })

  it('is silent when nothing answers at its address', async () => {
    expect(await codeOf(started({ absent: true }))).toBe('sensor-silent')
  })

  it('is silent when it stops to answer between two readings', async () => {
    const faults: Bme280Faults = {}
    const sensor = await started(faults)
    await sensor.read()
    faults.absent = true
    expect(await codeOf(sensor.read())).toBe('sensor-silent')
    faults.absent = false
    expect((await sensor.read()).values['temperature']).toBeCloseTo(25.08, 2)
  })

  it('never gives the last values again when it has frozen', async () => {
    const faults: Bme280Faults = {}
    const sensor = await started(faults)
    await sensor.read()
    faults.frozen = true
    expect(await codeOf(sensor.read())).toBe('sensor-invalid')
  })

  it('is told again when a command was lost on the way', async () => {
    for (const lostWrites of [1, 2]) {
      const faults: Bme280Faults = {}
      const sensor = await started(faults)
      faults.lostWrites = lostWrites
      expect((await sensor.read()).values['temperature']).toBeCloseTo(25.08, 2)
    }
  })

  it('waits for its measurement to end, and gives up on one that does not', async () => {
    expect((await (await started({ looks: 12 })).read()).values['temperature']).toBeCloseTo(25.08, 2)
    expect(await codeOf((await started({ neverReady: true })).read())).toBe('sensor-invalid')
  })

  it('is refused when it says that it is still busy with what it shows', async () => {
    expect(await codeOf((await started({ stuckBusy: true })).read())).toBe('sensor-invalid')
  })

  it('is refused when a garbled command has set it otherwise', async () => {
    expect(await codeOf((await started({ garbledMode: 0x45 })).read())).toBe('sensor-invalid')
  })

  it.each([0x00, 0xff])('is refused when every byte of its bus reads as %i', async (stuck) => {
    expect(await codeOf(started({ stuck }))).toBe('sensor-invalid')
    const faults: Bme280Faults = {}
    const sensor = await started(faults)
    faults.stuck = stuck
    expect(await codeOf(sensor.read())).toBe('sensor-invalid')
  })

  it.each([
    ['temperature', 0x80000],
    ['pressure', 0x80000],
    ['humidity', 0x8000],
    ['temperature', 0],
    ['pressure', 0xfffff],
    ['humidity', 0xffff],
  ])('is refused when %s was skipped or is at an end of the converter (%i)', async (quantity, value) => {
    const sensor = await started({ raw: { ...EXAMPLE, [quantity]: value } })
    expect(await codeOf(sensor.read())).toBe('sensor-invalid')
  })

  it('is refused when its trimming values read differently twice', async () => {
    expect(await codeOf(started({ unsteadyTrim: true }))).toBe('sensor-invalid')
  })
})

describe('a BMP280', () => {
  it('has no humidity, not even an empty one', async () => {
    const definition = bme280({ address: ADDRESS, chip: 'BMP280' })
    expect(Object.keys(definition.quantities)).toEqual(['temperature', 'pressure'])
    const { values } = await (await started({ id: 0x58 }, 'BMP280')).read()
    expect(Object.keys(values)).toEqual(['temperature', 'pressure'])
  })

  it('is refused when it is a BME280', async () => {
    await expect(started({ id: 0x60 }, 'BMP280')).rejects.toMatchObject({
      facts: { found: 'BME280', wanted: 'BMP280' },
    })
  })
})

/** BST-BME280-DS001, 4.2.3: the reference code, in integers of 32 and 64 bits. */
function integerFormulas(
  trim: ReturnType<typeof barometerTrim>,
  humid: ReturnType<typeof humidityTrim>,
  raw: { temperature: number; pressure: number; humidity: number },
): { celsius: number; pascal: number; percent: number } {
  const [t1, t2, t3] = trim.t.map(BigInt) as [bigint, bigint, bigint]
  const t = BigInt(raw.temperature)
  const one = (((t >> 3n) - (t1 << 1n)) * t2) >> 11n
  const two = (((((t >> 4n) - t1) * ((t >> 4n) - t1)) >> 12n) * t3) >> 14n
  const fine = one + two
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = trim.p.map(BigInt) as bigint[] as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  const a = fine - 128000n
  const b = a * a * p6 + ((a * p5) << 17n) + (p4 << 35n)
  const c = (((1n << 47n) + (((a * a * p3) >> 8n) + ((a * p2) << 12n))) * p1) >> 33n
  let p = (((1048576n - BigInt(raw.pressure)) << 31n) - b) * 3125n
  p = p / c
  p = ((p + ((p9 * (p >> 13n) * (p >> 13n)) >> 25n) + ((p8 * p) >> 19n)) >> 8n) + (p7 << 4n)
  const [h1, h2, h3, h4, h5, h6] = humid.map(BigInt) as bigint[] as [bigint, bigint, bigint, bigint, bigint, bigint]
  const v = fine - 76800n
  const left = ((BigInt(raw.humidity) << 14n) - (h4 << 20n) - h5 * v + 16384n) >> 15n
  const right = ((((((v * h6) >> 10n) * (((v * h3) >> 11n) + 32768n)) >> 10n) + 2097152n) * h2 + 8192n) >> 14n
  let h = left * right
  h -= ((((h >> 15n) * (h >> 15n)) >> 7n) * h1) >> 4n
  h = h < 0n ? 0n : h > 419430400n ? 419430400n : h
  return {
    celsius: Number((fine * 5n + 128n) >> 8n) / 100,
    pascal: Number(p) / 256,
    percent: Number(h >> 12n) / 1024,
  }
}
