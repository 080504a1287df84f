import { describe, expect, test } from 'vitest'
import { irrigationParts, weatherParts } from '../../src/parts/index.ts'
import { createSite, loadSeattle } from '../../src/world/index.ts'
import { countersOf, createRig, toGroups } from '../avr/rig.ts'
import { CONTROL, CONTROL_HUMIDITY, FORCED, readClimate, writePairs } from './bme280-driver.ts'

const SITE = createSite(loadSeattle(), 2012)
const NOON_MS = Date.UTC(2013, 6, 10, 12)
const COUNTERS = 0x01
const OPEN_VALVE = 0x05
const SOIL_PIN = 8
const [RESET, SKIP, READ, WRITE] = [1, 2, 8, 32]
const CONVERT = 0x44
const READ_SCRATCHPAD = 0xbe

const oneWire = (...bytes: number[]): number[] => [0xf0, 0x73, ...bytes, 0xf7]

/** Bits of a number of bytes in groups of 7, as Firmata's 1-Wire has them. */
const pack = (bytes: readonly number[]): number[] => regroup(bytes, 8, 7, Math.ceil((8 * bytes.length) / 7))
const unpack = (groups: readonly number[]): number[] => regroup(groups, 7, 8, Math.floor((7 * groups.length) / 8))

function regroup(values: readonly number[], from: number, to: number, count: number): number[] {
  const bit = (i: number): number => ((values[Math.floor(i / from)] ?? 0) >> (i % from)) & 1
  return Array.from({ length: count }, (_, g) => {
    return Array.from({ length: to }, (_, i) => bit(to * g + i) << i).reduce((sum, value) => sum + value, 0)
  })
}

describe('the parts of a weather station', () => {
  const atNoon = (ms: number): number => NOON_MS + ms

  test('say the weather of the site, through the board, each at its own pin', () => {
    const rig = createRig()
    const parts = weatherParts(SITE, { recordedMs: atNoon })
    parts.connect(rig.uno)
    writePairs(parts.climate.device, CONTROL_HUMIDITY, 1, CONTROL, FORCED)
    rig.uno.run(2000)
    const climate = readClimate(parts.climate.device)
    expect(climate.celsius).toBeCloseTo(SITE.airTemperature(NOON_MS), 1)
    expect(climate.percent).toBeCloseTo(SITE.relativeHumidity(NOON_MS), 0)
    expect(climate.hectopascal).toBeCloseTo(SITE.pressure(NOON_MS), 1)
    expect(countersOf(rig.feature(COUNTERS)[0])[1]?.count).toBe(parts.wind.closures())
    expect(parts.wind.closures()).toBeGreaterThan(1)
    const degrees = parts.vane.truth.entries()[0]?.value ?? Number.NaN
    expect(Math.abs(degrees - SITE.windDirection(NOON_MS + 60))).toBeLessThanOrEqual(11.25)
  })

  test('have gusts that last their seconds when the record passes a thousand times as fast', () => {
    const rig = createRig()
    const parts = weatherParts(SITE, { recordedMs: (ms) => NOON_MS + 1000 * ms })
    parts.connect(rig.uno)
    rig.uno.run(1000)
    const times = parts.wind.truth.entries().map(({ ms }) => ms)
    const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0))
    expect(gaps.length).toBeGreaterThan(1)
    for (const [i, gap] of gaps.slice(1).entries()) expect(gap / (gaps[i] ?? gap)).toBeLessThan(1.6)
  })

  test('say the same in two runs, byte for byte', () => {
    const run = (): unknown => {
      const rig = createRig()
      const parts = weatherParts(SITE, { recordedMs: (ms) => Date.UTC(2012, 10, 18, 6) + 3000 * ms, seed: 5 })
      parts.connect(rig.uno)
      rig.ask([0xc0, 1, 0xf0, 1, 3, ...toGroups(100, 3), 0xf7], 1500)
      return [rig.messages, parts.rain.truth.entries(), parts.wind.truth.entries(), parts.vane.truth.entries()]
    }
    expect(run()).toEqual(run())
  })
})

describe('the parts of an irrigation station', () => {
  test('water the plot by what flows, and the shallow probe sees it', () => {
    const rig = createRig()
    const parts = irrigationParts(SITE, {
      recordedMs: (ms) => NOON_MS + ms,
      litresPerMinute: () => 24,
      areaM2: 0.05,
    })
    parts.connect(rig.uno)
    rig.uno.run(200)
    const before = parts.plot.moisture(NOON_MS)
    const dryCounts = parts.shallow.truth.latest('counts')?.value ?? 0
    rig.feature(OPEN_VALVE, toGroups(1000, 4))
    rig.uno.run(1500)
    const after = parts.plot.moisture(NOON_MS + 1800)
    const wettedMm = parts.flow.litres() / 0.05
    expect(wettedMm).toBeGreaterThan(7)
    expect(after.shallow - before.shallow).toBeCloseTo(wettedMm / 200, 3)
    expect(parts.shallow.truth.latest('counts')?.value).toBeLessThan(dryCounts - 15)
    expect(parts.valve.turns()).toHaveLength(1)
    expect(countersOf(rig.feature(COUNTERS)[0])[2]?.count).toBe(parts.flow.truth.latest('pulses')?.value)
  })

  test('have a thermometer on pin 8 that the firmware can read, and that remembers what it has measured', () => {
    const rig = createRig()
    const parts = irrigationParts(SITE, { recordedMs: (ms) => NOON_MS + ms })
    parts.connect(rig.uno)
    rig.ask(oneWire(0x41, SOIL_PIN, 0))
    rig.ask(oneWire(RESET | SKIP | WRITE, SOIL_PIN, ...pack([CONVERT])), 800)
    const read = oneWire(RESET | SKIP | READ | WRITE, SOIL_PIN, ...pack([9, 0, 1, 0, READ_SCRATCHPAD]))
    const reply = rig.ask(read, 60).findLast(({ bytes }) => bytes[1] === 0x73)?.bytes ?? []
    const [, , low = 0, high = 0] = unpack(reply.slice(4, -1))
    const celsius = (low + 256 * high) / 16
    expect(celsius).toBeCloseTo(SITE.soilTemperature(NOON_MS + 100), 1)
    expect(parts.soil.truth.entries()).toMatchObject([{ quantity: 'celsius', value: celsius }])
  })

  test('hold the line of the thermometer when it is shorted, and let go of it again', () => {
    const rig = createRig()
    const parts = irrigationParts(SITE, { recordedMs: (ms) => NOON_MS + ms })
    parts.connect(rig.uno)
    expect(rig.uno.level(SOIL_PIN)).toBe(true)
    parts.soil.fail('shorted')
    expect(rig.uno.level(SOIL_PIN)).toBe(false)
    parts.soil.fail(undefined)
    expect(rig.uno.level(SOIL_PIN)).toBe(true)
    expect(parts.soil.truth.latest('celsius')?.value).toBeNull()
  })

  test('go on where they are while the board has no power, and count on when it has it again', () => {
    const rig = createRig()
    const parts = irrigationParts(SITE, { recordedMs: (ms) => NOON_MS + ms })
    const weather = weatherParts(SITE, { recordedMs: (ms) => NOON_MS + ms })
    for (const part of [parts, weather]) part.connect(rig.uno)
    rig.feature(OPEN_VALVE, toGroups(5000, 4), 300)
    rig.uno.powerOff()
    rig.uno.run(1000)
    const { closedMs } = parts.valve.turns()[0] ?? {}
    expect(closedMs).toBeDefined()
    expect(parts.flow.litres()).toBeLessThan((6 / 60_000) * 400)
    const turned = weather.wind.closures()
    rig.uno.powerOn()
    rig.uno.run(3000)
    const counts = countersOf(rig.feature(COUNTERS)[0]).map(({ count }) => count)
    expect(Math.abs((counts[1] ?? 0) - (weather.wind.closures() - turned))).toBeLessThanOrEqual(1)
    expect(counts[2]).toBe(0)
  })
})
