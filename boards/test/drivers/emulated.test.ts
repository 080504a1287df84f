/** Drivers against emulated sensors, through the real firmware in virtual time: what is measured is what there is. */
import { readFileSync } from 'node:fs'
import { createUno } from '@fieldproof/device-sim/avr'
import * as parts from '@fieldproof/device-sim/parts'
import { describe, expect, it } from 'vitest'
import { connectBoard } from '../../src/board/connect.ts'
import type { BoardSession } from '../../src/board/ports.ts'
import * as drivers from '../../src/drivers/index.ts'
import { virtualPlace } from '../board/places/virtual-place.ts'

const HEX = readFileSync(new URL('../../firmware/fieldproof.hex', import.meta.url), 'latin1')

interface Bench {
  readonly session: BoardSession
  readonly until: <T>(work: Promise<T>) => Promise<T>
  readonly pass: (ms: number) => Promise<void>
}

/** A board with a part on it, connected, for as long as the work takes. */
async function withPart(
  part: { readonly connect: (uno: ReturnType<typeof createUno>) => void },
  work: (bench: Bench) => Promise<void>,
) {
  const uno = createUno({ hex: HEX })
  const { open, clock, until, pass, close } = virtualPlace(uno)
  part.connect(uno)
  try {
    const connected = await until(connectBoard({ open, clock, epoch: 1 }))
    await work({ session: connected.session, until, pass })
    await until(connected.close())
  } finally {
    await close()
  }
}

const air = { celsius: () => 21.37, percent: () => 48.2, hectopascal: () => 1013.25 }

describe('drivers on the emulated firmware', () => {
  it('measure what is in the air', async () => {
    await withPart(parts.bme280(air), async ({ session, until }) => {
      const sensor = await until(drivers.bme280({ chip: 'BME280', address: 0x76 }).driver.start(session))
      const { values } = await until(sensor.read())
      expect(values['temperature']).toBeCloseTo(21.37, 1)
      expect(values['pressure']).toBeCloseTo(1013.25, 1)
      expect(values['humidity']).toBeCloseTo(48.2, 1)
    })
  })

  it.each(['absent', 'holds', 'zeros', 'frozen', { silentAfterBytes: 7 }] as const)(
    'give no value of a BME280 that is broken (%j), and measure again when it is well',
    async (fault) => {
      const part = parts.bme280(air)
      await withPart(part, async ({ session, until }) => {
        const { driver } = drivers.bme280({ chip: 'BME280', address: 0x76 })
        const sensor = await until(driver.start(session))
        await until(sensor.read())
        part.fail(fault)
        const work = until(sensor.read())
        await expect(work).rejects.toMatchObject({ code: expect.stringMatching(/^sensor-(silent|invalid)$/) })
        part.fail(undefined)
        const again = await until(driver.start(session))
        expect((await until(again.read())).values['temperature']).toBeCloseTo(21.37, 1)
      })
    },
  )

  it('find a BMP280 that was sold as a BME280', async () => {
    await withPart(parts.bme280({ ...air, chipId: 0x58 }), async ({ session, until }) => {
      const wanted = drivers.bme280({ chip: 'BME280', address: 0x76 }).driver.start(session)
      await expect(until(wanted)).rejects.toMatchObject({ code: 'sensor-mismatch', facts: { found: 'BMP280' } })
      const sensor = await until(drivers.bme280({ chip: 'BMP280', address: 0x76 }).driver.start(session))
      expect((await until(sensor.read())).values['pressure']).toBeCloseTo(1013.25, 1)
    })
  })

  it('count tips of rain', async () => {
    const part = parts.rainGauge({ fallenMm: (ms) => ms / 5000 })
    await withPart(part, async ({ session, until, pass }) => {
      const sensor = await until(drivers.rainGauge().driver.start(session))
      const before = part.truth.latest('tips')?.value ?? 0
      await pass(20_000)
      const { values } = await until(sensor.read())
      expect(values.tips).toBeGreaterThan(10)
      expect(Math.abs((values.tips ?? 0) - ((part.truth.latest('tips')?.value ?? 0) - before))).toBeLessThanOrEqual(1)
    })
  })

  it('measure wind and its gusts', async () => {
    const gustyWind = (ms: number): number => (ms % 10_000 < 4000 ? 12 : 4)
    await withPart(parts.anemometer({ windSpeed: gustyWind }), async ({ session, until, pass }) => {
      const sensor = await until(drivers.anemometer().driver.start(session))
      for (let second = 0; second < 20; second++) {
        await pass(1000)
        ;(await until(sensor.sample?.() ?? expect.fail()))()
      }
      const { values } = await until(sensor.read())
      expect(values.speed).toBeGreaterThan(6.7)
      expect(values.speed).toBeLessThan(7.7)
      expect(values.gust).toBeGreaterThan(11)
      expect(values.gust).toBeLessThan(12.7)
    })
  })

  it.each([0, 45, 90, 180, 270])('see where wind of %i degrees comes from', async (degrees) => {
    await withPart(parts.windVane({ windDirection: () => degrees }), async ({ session, until, pass }) => {
      const sensor = await until(drivers.windVane({ pin: 'A0' }).driver.start(session))
      await pass(500)
      expect((await until(sensor.read())).values.direction).toBe(degrees)
    })
  })

  it('measure soil, and say when a probe is not connected', async () => {
    const part = parts.soilProbe({ wetness: () => 0.4, channel: 1 })
    await withPart(part, async ({ session, until, pass }) => {
      const sensor = await until(drivers.soilProbe({ pin: 'A1', dryRaw: 520, wetRaw: 260 }).driver.start(session))
      await pass(500)
      const { values } = await until(sensor.read())
      expect(Math.abs((values.wetness ?? 0) - 40)).toBeLessThan(1)
      part.fail('rail')
      await pass(500)
      expect(await until(sensor.read())).toMatchObject({ values: { wetness: null }, fault: { code: 'sensor-invalid' } })
    })
  })

  it('measure the temperature of soil, and refuse what a sensor holds after power-up or says with a wrong check digit', async () => {
    const part = parts.thermometer({ celsius: () => 14.3 })
    await withPart(part, async ({ session, until, pass }) => {
      const { driver } = drivers.ds18b20({ pin: 'D8' })
      const sensor = await until(driver.start(session))
      expect((await until(sensor.read())).values).toEqual({ temperature: 14.3125 })
      await pass(5000)
      part.fail('corrupt')
      await expect(until(sensor.read())).rejects.toMatchObject({ code: 'sensor-invalid' })
      part.fail('absent')
      await expect(until(driver.start(session))).rejects.toMatchObject({ code: 'sensor-silent' })
      part.fail(undefined)
      const again = await until(driver.start(session))
      expect((await until(again.read())).values).toEqual({ temperature: 14.3125 })
    })
  })

  it('measure water that runs through the open valve', async () => {
    await withPart(parts.flowMeter({ litresPerMinute: () => 6 }), async ({ session, until, pass }) => {
      const meter = await until(drivers.flowMeter({ pulsesPerLitre: 450 }).driver.start(session))
      const state = await until(drivers.valveState().driver.start(session))
      expect((await until(state.read())).values).toEqual({ open: 0 })
      await until(session.openValve(30_000))
      expect((await until(state.read())).values).toEqual({ open: 1 })
      await pass(10_000)
      const { values } = await until(meter.read())
      expect(values.volume).toBeGreaterThan(0.95)
      expect(values.volume).toBeLessThan(1.05)
      expect(values.rate).toBeCloseTo(0.1, 2)
    })
  })
})
