import { describe, expect, test } from 'vitest'
import { type Bme280, type Bme280Options, bme280 } from '../../src/parts/index.ts'
import { createRig, type Rig } from '../avr/rig.ts'
import {
  CHIP_ID,
  CONFIG,
  CONTROL,
  CONTROL_HUMIDITY,
  DATA,
  DATA_BYTES,
  decode,
  FORCED,
  readBytes,
  readClimate,
  STATUS,
  writePairs,
} from './bme280-driver.ts'

const SKIPPED = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]
const MEASURING_MS = 10
const WEATHER = { celsius: () => 21.5, percent: () => 63.25, hectopascal: () => 1002.75 }

/** A device on a board; the board's time is the device's. */
function connected(options: Partial<Bme280Options> = {}): { readonly rig: Rig; readonly part: Bme280 } {
  const rig = createRig({}, 0)
  const part = bme280({ ...WEATHER, ...options })
  part.connect(rig.uno)
  return { rig, part }
}

function measure({ rig, part }: { readonly rig: Rig; readonly part: Bme280 }): void {
  writePairs(part.device, CONTROL_HUMIDITY, 1, CONTROL, FORCED)
  rig.uno.run(MEASURING_MS)
}

const pairs = (bytes: readonly number[]): number[] => bytes.flatMap((byte) => [byte & 0x7f, byte >> 7])

describe('a BME280', () => {
  test('gives the weather to a driver behind the firmware', () => {
    const rig = createRig()
    const part = bme280(WEATHER)
    part.connect(rig.uno)
    const read = (register: number, count: number): number[] => {
      const reply = rig.ask([0xf0, 0x76, 0x76, 0x08, ...pairs([register, count]), 0xf7], 40)[0]?.bytes ?? []
      const groups = reply.slice(6, -1)
      return Array.from({ length: groups.length / 2 }, (_, i) => (groups[2 * i] ?? 0) + 128 * (groups[2 * i + 1] ?? 0))
    }
    rig.ask([0xf0, 0x78, 0, 0, 0xf7])
    expect(read(CHIP_ID, 1)).toEqual([0x60])
    rig.ask([0xf0, 0x76, 0x76, 0, ...pairs([CONTROL_HUMIDITY, 1, CONTROL, FORCED]), 0xf7])
    const got = decode(read(0x88, 26), read(0xe1, 7), read(DATA, DATA_BYTES))
    expect(got.celsius).toBeCloseTo(21.5, 1)
    expect(got.hectopascal).toBeCloseTo(1002.75, 1)
    expect(got.percent).toBeCloseTo(63.25, 1)
    expect(part.truth.latest('relativeHumidity')?.value).toBeCloseTo(got.percent, 1)
  })

  test('has the old data until a measurement is over, says that it is busy, and sleeps after it', () => {
    const { rig, part } = connected()
    rig.uno.run(3)
    expect(readBytes(part.device, STATUS, 1)).toEqual([0])
    expect(readBytes(part.device, DATA, DATA_BYTES)).toEqual(SKIPPED)
    writePairs(part.device, CONTROL_HUMIDITY, 1, CONTROL, FORCED)
    rig.uno.run(9.2) // 1.25 + 2.3 + 2 * (2.3 + 0.575) = 9.3 ms at most
    expect(readBytes(part.device, STATUS, 2)).toEqual([8, FORCED])
    expect(readBytes(part.device, DATA, DATA_BYTES)).toEqual(SKIPPED)
    expect(part.truth.entries()).toEqual([])
    rig.uno.run(0.2)
    expect(readBytes(part.device, STATUS, 2)).toEqual([0, FORCED & ~3])
    expect(readClimate(part.device).celsius).toBeCloseTo(21.5, 1)
  })

  test('takes the weather of the moment at which the measurement began', () => {
    const made = connected({ celsius: (ms) => 20 + ms / 10 })
    made.rig.uno.run(20)
    measure(made)
    made.rig.uno.run(50)
    expect(readClimate(made.part.device).celsius).toBeCloseTo(22, 1)
    expect(readClimate(made.part.device).celsius).toBeCloseTo(22, 1)
  })

  test('looks at the setting for humidity only when the other one is written', () => {
    const { rig, part } = connected()
    writePairs(part.device, CONTROL, FORCED, CONTROL_HUMIDITY, 1)
    rig.uno.run(MEASURING_MS)
    expect(readBytes(part.device, DATA + 6, 2)).toEqual(SKIPPED.slice(6))
    writePairs(part.device, CONTROL, FORCED)
    rig.uno.run(MEASURING_MS)
    expect(readClimate(part.device).percent).toBeCloseTo(63.25, 1)
  })

  test('reads on from register to register, but takes register and value in turns when written', () => {
    const { part } = connected()
    writePairs(part.device, CONTROL_HUMIDITY, 5, CONFIG, 0xa0)
    expect(readBytes(part.device, CONTROL_HUMIDITY, 4)).toEqual([5, 1, 0, 0xa0])
    expect(readBytes(part.device, CHIP_ID - 1, 2)).toEqual([0, 0x60])
  })

  test('keeps a burst whole while it measures on, and lets single reads mix two measurements', () => {
    let celsius = 10
    const { rig, part } = connected({ celsius: () => celsius })
    writePairs(part.device, CONTROL_HUMIDITY, 1, CONTROL, FORCED | 3)
    rig.uno.run(MEASURING_MS)
    part.device.start(true)
    part.device.write(DATA)
    part.device.start(false)
    const first = Array.from({ length: 4 }, () => part.device.read())
    celsius = 30
    rig.uno.run(4 * MEASURING_MS)
    const burst = [...first, ...Array.from({ length: 4 }, () => part.device.read())]
    const low = readBytes(part.device, 0x88, 26)
    const high = readBytes(part.device, 0xe1, 7)
    expect(decode(low, high, burst).celsius).toBeCloseTo(10, 1)
    const now = readBytes(part.device, DATA, DATA_BYTES)
    expect(decode(low, high, now).celsius).toBeCloseTo(30, 1)
    const mixed = decode(low, high, [...burst.slice(0, 4), ...now.slice(4)]).celsius
    expect(Math.abs(mixed - 10)).toBeGreaterThan(0.05)
    expect(Math.abs(mixed - 30)).toBeGreaterThan(0.05)
  })

  test('forgets its settings and data when it is told to, and when it loses power', () => {
    for (const forget of [(part: Bme280) => writePairs(part.device, 0xe0, 0xb6), (part: Bme280) => part.powerCycle()]) {
      const made = connected()
      measure(made)
      forget(made.part)
      expect(readBytes(made.part.device, CONTROL_HUMIDITY, 4)).toEqual([0, 1, 0, 0])
      expect(readBytes(made.part.device, DATA, DATA_BYTES)).toEqual(SKIPPED)
    }
  })

  test('that is a BMP280 has another id and no humidity, and says none', () => {
    const made = connected({ chipId: 0x58 })
    measure(made)
    const { device, truth } = made.part
    expect(readBytes(device, CHIP_ID, 1)).toEqual([0x58])
    expect(readBytes(device, DATA + 6, 2)).toEqual([0x80, 0])
    expect(readBytes(device, 0xe1, 7)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(readClimate(device).celsius).toBeCloseTo(21.5, 1)
    expect(truth.latest('airTemperature')?.value).toBeCloseTo(21.5, 1)
    expect(truth.latest('relativeHumidity')).toBeUndefined()
  })
})

describe('a broken BME280', () => {
  test('that is absent acknowledges nothing, and one that holds the clock says so', () => {
    const { part } = connected()
    part.fail('absent')
    expect(part.device.start(true)).toBe('nack')
    part.fail('holds')
    expect(part.device.start(true)).toBe('hold')
    part.fail(undefined)
    expect(readBytes(part.device, CHIP_ID, 1)).toEqual([0x60])
  })

  test('falls silent in the middle of a read and is gone after it; only whole quantities were said', () => {
    const made = connected()
    measure(made)
    made.part.fail({ silentAfterBytes: 4 })
    const burst = readBytes(made.part.device, DATA, DATA_BYTES)
    expect(burst.slice(4)).toEqual([0xff, 0xff, 0xff, 0xff])
    expect(burst.slice(0, 4)).not.toContain(0xff)
    expect(made.part.device.start(true)).toBe('nack')
    expect(made.part.truth.latest('pressure')?.value).toBeCloseTo(1002.75, 1)
    expect(made.part.truth.latest('airTemperature')?.value).toBeNull()
    expect(made.part.truth.latest('relativeHumidity')?.value).toBeNull()
  })

  test('that answers zeros has said nothing', () => {
    const made = connected()
    measure(made)
    made.part.fail('zeros')
    expect(readBytes(made.part.device, DATA, DATA_BYTES)).toEqual(new Array(DATA_BYTES).fill(0))
    expect(made.part.truth.latest('airTemperature')?.value).toBeNull()
  })

  test('that is frozen measures, and its data stay', () => {
    let celsius = 10
    const made = connected({ celsius: () => celsius })
    measure(made)
    const before = readBytes(made.part.device, DATA, DATA_BYTES)
    celsius = 30
    made.part.fail('frozen')
    measure(made)
    expect(readBytes(made.part.device, DATA, DATA_BYTES)).toEqual(before)
    made.part.fail(undefined)
    measure(made)
    expect(readClimate(made.part.device).celsius).toBeCloseTo(30, 1)
  })
})
