import { describe, expect, it } from 'vitest'
import { defineStation, type Part, type StationDefinition } from '../../src/station/definition.ts'
import { analogChannel, PIN_NAMES, pinNumber } from '../../src/station/pins.ts'

const nothing = { start: () => Promise.reject(new Error('not read')) }
const part = (...wires: Part['wires']): Part => ({ title: 'A part', wires })
const GOOD: StationDefinition = {
  name: 'my-station',
  title: 'My station',
  board: 'uno',
  sensors: {
    light: {
      part: part({ terminal: 'OUT', pin: 'A0' }),
      quantities: { raw: { unit: '', decimals: 0 } },
      driver: nothing,
    },
  },
  streams: { light: { everyMs: 1000, columns: { light: { sensor: 'light', quantity: 'raw' } }, method: 'Counts.' } },
}
const withSensor = (of: Part): StationDefinition => ({
  ...GOOD,
  sensors: { ...GOOD.sensors, other: { part: of, quantities: {}, driver: nothing } },
})
const withStream = (change: object): StationDefinition => ({
  ...GOOD,
  streams: { light: { everyMs: 1000, columns: {}, method: '', ...change } },
})
const withValve = (of: Part, maxMs = 1000): StationDefinition => ({ ...GOOD, valve: { part: of, maxMs } })
const derived = { unit: '', decimals: 0, derive: () => null }

describe('a station', () => {
  it('is given back frozen when nothing is wrong with it', () => {
    const station = defineStation(GOOD)
    expect(station).toEqual(GOOD)
    expect(Object.isFrozen(station)).toBe(true)
  })

  it.each<readonly [string, StationDefinition, RegExp]>([
    ['a name with a space', { ...GOOD, name: 'My station' }, /name: want kebab-case/],
    ['no stream', { ...GOOD, streams: {} }, /streams: want at least one/],
    ['a pin that an Uno has not', withSensor(part({ terminal: 'OUT', pin: 'D14' })), /other\.OUT: no pin D14/],
    [
      'a pin that another part uses',
      withSensor(part({ terminal: 'OUT', pin: 'A0' })),
      /other\.OUT: light already uses A0/,
    ],
    ['the pins of the serial line', withSensor(part({ terminal: 'RX', pin: 'D1' })), /D1 is the line to this computer/],
    [
      'a resistor of nothing',
      withSensor(part({ terminal: 'X', pin: 'D9', pull: { ohms: 0, to: '5V' } })),
      /above 0 ohm/,
    ],
    [
      'a valve at a pin that the board does not close',
      withValve(part({ terminal: 'IN', pin: 'D9' })),
      /valve: want a wire to D7/,
    ],
    [
      'a valve without an end',
      withValve(part({ terminal: 'IN', pin: 'D7' }), 3_600_001),
      /valve\.maxMs: want 1 to 3600000/,
    ],
    [
      'a sensor that is not there',
      withStream({ columns: { a: { sensor: 'sun', quantity: 'raw' } } }),
      /a: no sensor sun/,
    ],
    [
      'a quantity that is not measured',
      withStream({ columns: { a: { sensor: 'light', quantity: 'lux' } } }),
      /light has no lux/,
    ],
    ['rows without a pause', withStream({ everyMs: 0 }), /everyMs: want 100 or more/],
    ['samples that do not divide the row', withStream({ everyMs: 1000, sampleMs: 300 }), /a divisor of everyMs/],
    [
      'more columns than have flags',
      withStream({ columns: Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`c${i}`, derived])) }),
      /columns: at most 13/,
    ],
  ])('is refused with %s', (_fault, station, message) => {
    expect(() => defineStation(station)).toThrow(message)
  })

  it('is refused with all of its faults at once', () => {
    const faulty = { ...withStream({ everyMs: 1, columns: { a: { sensor: 'sun', quantity: 'raw' } } }), name: 'A b' }
    expect(() => defineStation(faulty)).toThrow(/name: .*; light\.everyMs: .*; light\.a: no sensor sun/)
  })

  it('may have many parts on the supplies and on the I2C bus', () => {
    const bus = part({ terminal: 'VIN', pin: '5V' }, { terminal: 'SDA', pin: 'A4' }, { terminal: 'SCL', pin: 'A5' })
    const sensors = {
      one: { part: bus, quantities: {}, driver: nothing },
      two: { part: bus, quantities: {}, driver: nothing },
    }
    expect(() => defineStation({ ...GOOD, sensors: { ...GOOD.sensors, ...sensors } })).not.toThrow()
  })
})

describe('a pin', () => {
  it('has the number that Firmata gives it, and a channel if it is analog', () => {
    expect(
      ['D0', 'D13', 'A0', 'A5'].map((name) => pinNumber(PIN_NAMES.find((pin) => pin === name) ?? expect.fail())),
    ).toEqual([0, 13, 14, 19])
    expect(analogChannel('A5')).toBe(5)
    expect(() => pinNumber('5V')).toThrow(/no pin that can be read/)
    expect(() => analogChannel('D5')).toThrow(/no analog pin/)
  })
})
