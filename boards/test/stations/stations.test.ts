import { encodeDefinition } from '@fieldproof/sdk/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { partsOf } from '../../src/station/definition.ts'
import { StreamRows } from '../../src/station/stream-rows.ts'
import { STATIONS } from '../../src/stations/index.ts'

const SEED = 20260104
/** The firmware's fixed pins and the parts that are shared with the emulated stations. */
const WIRING: Readonly<Record<string, readonly string[]>> = {
  'weather-station': ['air VIN 5V', 'air GND GND', 'air SDA A4', 'air SCL A5', 'rain D2', 'wind D3', 'vane A0'],
  'irrigation-station': ['shallow AOUT A1', 'deep AOUT A2', 'thermometer DATA D8', 'flow D4', 'valve IN D7'],
}

function streamsOf(name: string, settings: unknown): StreamRows[] {
  const station = STATIONS[name]?.define(settings)
  if (station === undefined) throw new Error(`no station ${name}`)
  return Object.entries(station.streams).map(([stream, of]) => new StreamRows(stream, of, station))
}

describe.each(Object.keys(STATIONS))('%s', (name) => {
  it('needs no settings', () => {
    expect(STATIONS[name]?.define({}).name).toBe(name)
  })

  it('has streams that can be signed, with a flag for every ruled column', () => {
    for (const { definition } of streamsOf(name, {})) {
      expect(encodeDefinition(definition).length).toBeGreaterThan(0)
      expect(definition.columns.map((column) => column.name)).toContain('quality')
    }
  })

  it('is wired to the pins that the firmware has for its parts', () => {
    const wires = partsOf(STATIONS[name]?.define({}) ?? expect.fail()).flatMap(([part, { wires: all }]) =>
      all.map(({ terminal, pin }) => `${part} ${terminal} ${pin}`),
    )
    for (const wanted of WIRING[name] ?? []) {
      const words = wanted.split(' ')
      expect(wires.some((wire) => words.every((word) => wire.split(' ').includes(word)))).toBe(true)
    }
  })

  it('says what each setting is, for the file that an owner edits', () => {
    const schema = z.toJSONSchema(STATIONS[name]?.settings ?? expect.fail(), { io: 'input' })
    const undescribed = settingsOf('', schema).filter(([, { description }]) => !/\.$/.test(description ?? ''))
    expect(undescribed).toEqual([])
    expect(settingsOf('', schema).length).toBeGreaterThan(5)
  })

  it('refuses what it does not know, with every fault and its path', () => {
    const define = () => STATIONS[name]?.define({ everyMs: 5, colour: 'red' })
    expect(define).toThrow(/config-invalid: .*everyMs: .*; .*colour/)
    expect(() => STATIONS[name]?.define(null)).toThrow(/config-invalid/)
  })

  it('gives two stations that remember nothing of each other', () => {
    const [one, two] = [STATIONS[name]?.define({}), STATIONS[name]?.define({})]
    for (const sensor of Object.keys(one?.sensors ?? {})) {
      expect(one?.sensors[sensor]?.driver).not.toBe(two?.sensors[sensor]?.driver)
    }
  })
})

describe('weather-station', () => {
  const columnsWith = (settings: unknown): readonly string[] =>
    (streamsOf('weather-station', settings)[0]?.definition.columns ?? []).map(({ name }) => name)

  it('has no humidity and no dew point with a BMP280, and a sea-level pressure only where the altitude is known', () => {
    expect(columnsWith({})).toEqual(expect.arrayContaining(['relativeHumidity', 'dewPoint']))
    expect(columnsWith({})).not.toContain('seaLevelPressure')
    const others = columnsWith({ barometer: { chip: 'BMP280' }, altitudeM: 100 })
    expect(others).not.toContain('relativeHumidity')
    expect(others).not.toContain('dewPoint')
    expect(others).toContain('seaLevelPressure')
  })

  it('can be signed with any settings: the method is never too long', () => {
    const number = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true })
    const settings = fc.record({
      altitudeM: fc.option(number(-450, 6000)),
      utcOffsetMinutes: fc.integer({ min: -1440, max: 1440 }),
      rain: fc.record({ mmPerTip: number(0.01, 10) }),
      wind: fc.record({
        metresPerSecondPerHz: number(0.01, 20),
        vanePullUpOhms: fc.integer({ min: 1000, max: 100_000 }),
        northDeg: number(-360, 360),
      }),
    })
    fc.assert(
      fc.property(settings, (some) => {
        for (const { definition } of streamsOf('weather-station', some)) encodeDefinition(definition)
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('wants samples that divide the time between two rows', () => {
    expect(() => STATIONS['weather-station']?.define({ everyMs: 10_000, sampleMs: 3_000 })).toThrow(
      /sampleMs: want a divisor/,
    )
  })

  it('derives what it derives from the columns beside it', () => {
    const [rows] = streamsOf('weather-station', { altitudeM: 100 })
    const wind = { pulses: 5, speed: 2, gust: 3 }
    const at = (time: number, tips: number | null) =>
      rows?.next(
        time,
        { epoch: 1, boots: 1 },
        new Map<string, Readonly<Record<string, number | null>>>([
          ['air', { temperature: 20, humidity: 50, pressure: 1000 }],
          ['wind', wind],
          ['vane', { raw: 93, direction: 90 }],
          ['rain', { tips, rain: null }],
        ]),
      ).reading
    const first = at(1_000_000, 0)
    expect(first?.['dewPoint']).toBeCloseTo(9.254, 3)
    expect(first?.['seaLevelPressure']).toBeCloseTo(1011.73, 1)
    expect(first?.['rainToday']).toBe(0)
    expect(first?.['rainRate']).toBeNull()
    for (let row = 1; row < 60; row++) at(1_000_000 + row * 10_000, 0)
    const last = at(1_600_000, 3)
    expect(last?.['rainToday']).toBeCloseTo(3 * 0.2794, 9)
    expect(last?.['rainRate']).toBeCloseTo(3 * 0.2794 * 6, 9)
    expect(last?.['meanWindDirection']).toBeCloseTo(90, 9)
  })

  it('has empty derived values, and no old ones, when a sensor says nothing', () => {
    const [rows] = streamsOf('weather-station', { altitudeM: 100 })
    const { reading, quality } = rows?.next(1_000_000, { epoch: 1, boots: null }, new Map()) ?? expect.fail()
    const { rainToday, boardEpoch, quality: packed, ...others } = reading
    expect(Object.values(others).every((value) => value === null)).toBe(true)
    expect(rainToday).toBe(0)
    expect([boardEpoch, packed]).toEqual([1, 99999999])
    expect(quality?.flags.every((flag) => flag === 9)).toBe(true)
  })
})

describe('irrigation-station', () => {
  it('can be signed with any calibration', () => {
    const counts = fc.integer({ min: 0, max: 1023 })
    const probe = fc.record({ dryRaw: counts, wetRaw: counts }).filter(({ dryRaw, wetRaw }) => dryRaw !== wetRaw)
    const settings = fc.record({
      shallow: probe,
      deep: probe,
      valve: fc.record({ maxMs: fc.integer({ min: 1000, max: 3_600_000 }) }),
    })
    fc.assert(
      fc.property(settings, (some) => {
        for (const { definition } of streamsOf('irrigation-station', some)) encodeDefinition(definition)
        expect(STATIONS['irrigation-station']?.define(some).valve?.maxMs).toBe(some.valve.maxMs)
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('says of two equal points which probe has them', () => {
    const define = () => STATIONS['irrigation-station']?.define({ deep: { dryRaw: 300, wetRaw: 300 } })
    expect(define).toThrow(/irrigation-station\.deep: dryRaw and wetRaw must differ/)
  })
})

interface Schema {
  readonly description?: string | undefined
  readonly properties?: Readonly<Record<string, Schema | boolean>> | undefined
}

function settingsOf(path: string, { properties = {} }: Schema): (readonly [string, Schema])[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    typeof schema === 'boolean' ? [] : [[`${path}${name}`, schema] as const, ...settingsOf(`${path}${name}.`, schema)],
  )
}
