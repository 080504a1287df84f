/** Rows as CSV files: what is in them, and what a power cut, a full day and a wrong clock do to them. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVirtualClock } from '@fieldproof/sdk/testing'
import type { Row, StreamDefinition } from '@fieldproof/sdk/wire'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { readCsv } from '../../src/local/csv.ts'
import { csvLine, decimal, type LocalRow, openReadings, type Readings, rowReader } from '../../src/local/index.ts'

const AIR: StreamDefinition = {
  name: 'air',
  columns: [
    { name: 'temperature', unit: 'Cel', exponent: -2, type: 'int' },
    { name: 'state', unit: '', exponent: 0, type: 'text' },
  ],
  context: {},
}
const NOON = Date.UTC(2026, 0, 31, 12)
const DAY_MS = 86_400_000
const root = mkdtempSync(join(tmpdir(), 'readings-'))
let dir: string
let count = 0
const lost: string[] = []

beforeEach(() => {
  dir = join(root, String(count++))
  lost.length = 0
})
afterAll(() => rmSync(root, { recursive: true }))

const clock = createVirtualClock({ nowMs: NOON })
function open(keepDays = 400): Promise<Readings> {
  return openReadings({
    dir,
    clock,
    flushMs: 60_000,
    keepDays,
    onLost: (lines, detail) => lost.push(`${lines} ${detail}`),
  })
}

const row = (temperature: number | null, state: string | null = null, time = NOON): Row => ({
  time,
  values: [temperature, state],
})
const file = (name: string): string => join(dir, 'readings', name)
const text = (name: string): string => readFileSync(file(name), 'utf8')

async function readAll(): Promise<LocalRow[]> {
  const rows: LocalRow[] = []
  for await (const one of rowReader(dir).next()) rows.push(one)
  return rows
}

describe('the files of a station', () => {
  it('hold a header with units and a line a row, with the digits that are signed', async () => {
    const readings = await open()
    readings.add(AIR, row(2130, 'said "ok", twice'))
    readings.add(AIR, row(-5, 'a\r\nb'))
    readings.add(AIR, row(null, ''))
    await readings.close()
    expect(text('air-2026-01-31.csv')).toBe(
      'time,temperature [Cel],state\r\n' +
        '2026-01-31T12:00:00.000Z,21.30,"said ""ok"", twice"\r\n' +
        '2026-01-31T12:00:00.000Z,-0.05,"a\r\nb"\r\n' +
        '2026-01-31T12:00:00.000Z,,""\r\n',
    )
    expect(await readAll()).toMatchObject([
      { stream: 'air', values: { temperature: 21.3, state: 'said "ok", twice' }, units: { temperature: 'Cel' } },
      { values: { temperature: -0.05, state: 'a\r\nb' } },
      { values: { temperature: null, state: '' } },
    ])
  })

  it('are written when the wait is over, and not before', async () => {
    const readings = await open()
    readings.add(AIR, row(1))
    await clock.advance(59_000)
    expect(existsSync(file('air-2026-01-31.csv'))).toBe(false)
    await clock.advance(2_000)
    await readings.flush()
    expect((await readAll()).length).toBe(1)
  })

  it('begin anew with each day of UTC, whenever they are written', async () => {
    const readings = await open()
    readings.add(AIR, row(1, null, Date.UTC(2026, 0, 31, 23, 59, 59)))
    readings.add(AIR, row(2, null, Date.UTC(2026, 1, 1)))
    await readings.close()
    expect(readdirSync(join(dir, 'readings'))).toEqual(['air-2026-01-31.csv', 'air-2026-02-01.csv'])
  })

  it('go on after a restart, in a new part when the columns are others', async () => {
    for (const state of ['first', 'second']) {
      const readings = await open()
      readings.add(AIR, row(1, state))
      await readings.close()
    }
    expect((await readAll()).length).toBe(2)
    const readings = await open()
    readings.add({ ...AIR, columns: AIR.columns.slice(0, 1) }, { time: NOON, values: [7] })
    readings.add({ ...AIR, columns: AIR.columns.slice(0, 1) }, { time: NOON, values: [8] })
    await readings.close()
    expect(readdirSync(join(dir, 'readings'))).toEqual(['air-2026-01-31-2.csv', 'air-2026-01-31.csv'])
    expect((await readAll()).map(({ values }) => values['temperature'])).toEqual([0.01, 0.01, 0.07, 0.08])
  })

  it('lose the oldest days beyond those that are kept, and none to a clock that is wrong', async () => {
    const readings = await open(3)
    for (const day of [0, 1, 2, 3, 4]) {
      readings.add(AIR, row(day, null, NOON + day * DAY_MS))
      await readings.flush()
    }
    const kept = ['air-2026-02-02.csv', 'air-2026-02-03.csv', 'air-2026-02-04.csv']
    expect(readdirSync(join(dir, 'readings'))).toEqual(kept)
    readings.add(AIR, row(9, null, Date.UTC(2099, 0, 1)))
    await readings.close()
    expect(readdirSync(join(dir, 'readings'))).toEqual([...kept.slice(1), 'air-2099-01-01.csv'])
  })

  it('are whole again after a power cut tore the last line, wherever it did', async () => {
    const whole = `time,temperature [Cel],state\r\n${csvLine(row(1, 'a,"\r\n"'), AIR)}`
    const next = csvLine(row(2, 'b\r\n"c"'), AIR)
    for (let cut = 0; cut < next.length; cut++) {
      dir = join(root, String(count++))
      mkdirSync(join(dir, 'readings'), { recursive: true })
      writeFileSync(file('air-2026-01-31.csv'), whole + next.slice(0, cut))
      const readings = await open()
      expect(text('air-2026-01-31.csv')).toBe(whole)
      readings.add(AIR, row(3, 'd'))
      await readings.close()
      expect(text('air-2026-01-31.csv')).toBe(whole + csvLine(row(3, 'd'), AIR))
    }
  })

  it.each([
    ['with other line ends', (text: string) => text.replaceAll('\r\n', '\n')],
    ['with a quote too many', (text: string) => text.replace('Z,0.02', 'Z,"0.02')],
    ['with text in its middle', (text: string) => text.replace('Z,0.02', 'Z,about 2" 0.02')],
  ])('are left as they are when a person saved them %s: rows go on in a new part', async (_, edit) => {
    const before = await open()
    for (const value of [1, 2, 3]) before.add(AIR, row(value, 'ok'))
    await before.close()
    const edited = edit(text('air-2026-01-31.csv'))
    writeFileSync(file('air-2026-01-31.csv'), edited)
    const readings = await open()
    readings.add(AIR, row(4, 'ok'))
    await readings.close()
    expect(text('air-2026-01-31.csv').startsWith(edited)).toBe(true)
    expect((await readAll()).map(({ values }) => values['temperature'])).toContain(0.04)
  })

  it('have a header also when the power was cut in it', async () => {
    mkdirSync(join(dir, 'readings'), { recursive: true })
    writeFileSync(file('air-2026-01-31.csv'), 'time,temp')
    const readings = await open()
    readings.add(AIR, row(3))
    await readings.close()
    expect(await readAll()).toMatchObject([{ values: { temperature: 0.03 } }])
  })

  it('report what the disk did not take, and go on', async () => {
    const readings = await open()
    mkdirSync(file('air-2026-01-31.csv'))
    readings.add(AIR, row(1))
    readings.add(AIR, row(2))
    await readings.flush()
    expect(lost).toEqual([expect.stringMatching(/^2 .*EISDIR/)])
    rmSync(file('air-2026-01-31.csv'), { recursive: true })
    readings.add(AIR, row(3))
    await readings.close()
    expect((await readAll()).length).toBe(1)
  })
})

describe('the reader of the files', () => {
  it('gives each row once, and none that is only half written', async () => {
    const readings = await open()
    readings.add(AIR, row(1, 'é'))
    await readings.flush()
    const reader = rowReader(dir)
    const next = async (): Promise<LocalRow['values'][]> => {
      const rows: LocalRow[] = []
      for await (const one of reader.next()) rows.push(one)
      return rows.map(({ values }) => values)
    }
    expect(await next()).toEqual([{ temperature: 0.01, state: 'é' }])
    expect(await next()).toEqual([])
    const line = csvLine(row(2, 'x'), AIR)
    appendFileSync(file('air-2026-01-31.csv'), line.slice(0, 20))
    expect(await next()).toEqual([])
    appendFileSync(file('air-2026-01-31.csv'), line.slice(20))
    expect(await next()).toEqual([{ temperature: 0.02, state: 'x' }])
    readings.add(AIR, row(3, null, NOON + DAY_MS))
    await readings.close()
    expect(await next()).toEqual([{ temperature: 0.03, state: null }])
  })

  it('reads what an editor made of a file, but for the line that is no CSV', async () => {
    const readings = await open()
    for (const value of [1, 2, 3]) readings.add(AIR, row(value, 'ok'))
    await readings.close()
    const edited = text('air-2026-01-31.csv').replaceAll('\r\n', '\n').replace('Z,0.02', 'Z,2" 0.02')
    writeFileSync(file('air-2026-01-31.csv'), edited)
    expect((await readAll()).map(({ values }) => values['temperature'])).toEqual([0.01, 0.03])
  })

  it('survives megabytes behind a quote that never closes', () => {
    expect(readCsv(`"${'a'.repeat(30_000_000)}`)).toEqual({ records: [], endsAt: 0 })
  })

  it('leaves out what is older, and other streams', async () => {
    const readings = await open()
    readings.add(AIR, row(1))
    readings.add(AIR, row(2, null, NOON + 1))
    readings.add({ ...AIR, name: 'other' }, row(3, null, NOON + 2))
    await readings.close()
    const rows: LocalRow[] = []
    for await (const one of rowReader(dir, { stream: 'air', sinceMs: NOON + 1 }).next()) rows.push(one)
    expect(rows.map(({ values }) => values['temperature'])).toEqual([0.02])
  })

  it('has nothing to say of a station that has measured nothing', async () => {
    expect(await readAll()).toEqual([])
  })
})

describe('a line of CSV', () => {
  const SEED = { seed: 20_260_131, numRuns: 300 }
  const values = fc.tuple(fc.option(fc.integer()), fc.option(fc.string({ unit: 'grapheme' })))

  it('says the same when it is read back', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (rows) => {
        const lines = rows.map(([n, s]) => csvLine({ time: NOON, values: [n, s] }, AIR)).join('')
        const { records, endsAt } = readCsv(lines)
        expect(endsAt).toBe(lines.length)
        expect(records.map(([, n, s]) => [n?.text, s?.text, s?.isQuoted])).toEqual(
          rows.map(([n, s]) => [n === null ? '' : decimal(n, -2), s ?? '', s !== null]),
        )
      }),
      SEED,
    )
  })

  it('has the decimal digits of an integer and its power of ten', () => {
    const cases = [
      [0, -2, '0.00'],
      [5, -2, '0.05'],
      [-5, -2, '-0.05'],
      [2130, -2, '21.30'],
      [7, 0, '7'],
      [7, 3, '7000'],
      [0, 3, '0'],
    ] as const
    for (const [value, exponent, want] of cases) expect(decimal(value, exponent)).toBe(want)
  })
})
