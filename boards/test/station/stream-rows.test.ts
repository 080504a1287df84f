import { describe, expect, it } from 'vitest'
import { defineStation } from '../../src/index.ts'
import { StreamRows } from '../../src/station/stream-rows.ts'
import { NO_DRIVER, tinyStation } from './tiny-station.ts'

const ORIGIN = { epoch: 1, boots: 7 }

function rowsOf(station = tinyStation()): StreamRows {
  const stream = station.streams['air']
  if (stream === undefined) throw new Error('no stream')
  return new StreamRows('air', stream, station)
}

function measured(temperature: number | null, raw: number | null = 512) {
  return new Map([['air', { temperature, raw }]])
}

describe('rows of a stream', () => {
  it('have the columns of the station, then flags, board connection and board boot', () => {
    const { columns, context } = rowsOf().definition
    expect(columns.map(({ name, unit, exponent }) => [name, unit, exponent])).toEqual([
      ['airTemperature', 'Cel', -1],
      ['raw', '', 0],
      ['doubled', 'Cel', -1],
      ['quality', '', 0],
      ['boardEpoch', '', 0],
      ['boardBoots', '', 0],
    ])
    expect(context).toEqual({ cadenceMs: 1000, method: expect.stringMatching(/^A test\. QC tiny 1, QARTOD flags/) })
  })

  it('carry raw values beside derived ones, unchanged by quality control', () => {
    const rows = rowsOf()
    expect(rows.next(1000, ORIGIN, measured(21.4)).reading).toEqual({
      airTemperature: 21.4,
      raw: 512,
      doubled: 42.8,
      quality: 1,
      boardEpoch: 1,
      boardBoots: 7,
    })
    const { reading, quality } = rows.next(2000, ORIGIN, measured(99))
    expect(reading).toMatchObject({ airTemperature: 99, doubled: 198, quality: 4 })
    expect(quality?.findings).toMatchObject([{ column: 'airTemperature', test: 'range', flag: 4 }])
  })

  it('say that a value is missing when its sensor gave none, and derive nothing from it', () => {
    const { reading } = rowsOf().next(1000, ORIGIN, new Map())
    expect(reading).toMatchObject({ airTemperature: null, raw: null, doubled: null, quality: 9 })
  })

  it('begin their history anew with a connection, so that a leap across it is none', () => {
    const rows = rowsOf()
    rows.next(1000, ORIGIN, measured(10))
    expect(rows.next(2000, ORIGIN, measured(20)).reading['quality']).toBe(3)
    expect(rows.next(3000, { epoch: 2, boots: 8 }, measured(30)).reading['quality']).toBe(1)
  })

  it('are null where a formula gives no number', () => {
    const station = tinyStation()
    const air = station.streams['air']
    if (air === undefined) throw new Error('no stream')
    const columns = { ...air.columns, bad: { unit: '', decimals: 0, derive: () => Number.NaN } }
    const { quality: _, ...plain } = air
    const rows = new StreamRows('air', { ...plain, columns }, station)
    expect(rows.next(1000, ORIGIN, measured(1)).reading['bad']).toBe(null)
  })

  it('are refused when method and rules do not fit the definition', () => {
    const station = tinyStation()
    const air = station.streams['air']
    if (air === undefined) throw new Error('no stream')
    expect(() => new StreamRows('air', { ...air, method: 'x'.repeat(1000) }, station)).toThrow(/of 1024/)
  })
})

describe('a station', () => {
  it('is refused with every fault in one message', () => {
    const part = { title: 'x', wires: [{ terminal: 'A', pin: 'D5' }] } as const
    const sensor = { part, quantities: { v: { unit: '', decimals: 0 } }, driver: NO_DRIVER }
    const wrong = {
      name: 'Not Kebab',
      title: '',
      board: 'uno',
      sensors: { a: sensor, b: sensor },
      valve: { part: { title: 'v', wires: [] }, maxMs: 3_600_001 },
      streams: {
        s: {
          everyMs: 1000,
          sampleMs: 300,
          method: '',
          columns: { x: { sensor: 'c', quantity: 'v' }, y: { sensor: 'a', quantity: 'w' } },
        },
      },
    } as const
    expect(() => defineStation(wrong)).toThrow(
      /kebab-case.*valve\.maxMs.*a already uses D5.*sampleMs.*no sensor c.*a has no w/,
    )
  })
})
