import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, test } from 'vitest'
import { DAY_MS, loadSeattle, parseDaily, SEATTLE_SHA256 } from '../../src/world/index.ts'

const HEADER = 'date,precipitation,temp_max,temp_min,wind'
const FIRST = '2012-02-28,0.0,12.8,5.0,4.7'
const SECOND = '2012-02-29,10.9,10.6,-2.8,4.5'

/** The coded error that parsing throws, or undefined. */
function refusal(...lines: string[]): FieldproofError | undefined {
  try {
    parseDaily(lines.join('\n'))
  } catch (error) {
    if (error instanceof FieldproofError) return error
    throw error
  }
  return undefined
}

describe('the shipped record', () => {
  const records = loadSeattle()

  test('has the 1461 days of 2012 to 2015 without a gap', () => {
    expect(records).toHaveLength(1461)
    expect(records[0]?.date).toBe('2012-01-01')
    expect(records.at(-1)?.date).toBe('2015-12-31')
    records.forEach((record, i) => {
      expect(record.startMs).toBe(Date.UTC(2012, 0, 1) + i * DAY_MS)
    })
  })

  test('has the values of the source on the first, the wettest and the last day', () => {
    expect(records[0]).toEqual({
      date: '2012-01-01',
      startMs: Date.UTC(2012, 0, 1),
      precipitationMm: 0,
      temperatureMaxCel: 12.8,
      temperatureMinCel: 5,
      windSpeedMps: 4.7,
    })
    expect(Math.max(...records.map((record) => record.precipitationMm))).toBe(55.9)
    expect(records.at(-1)).toMatchObject({ precipitationMm: 0, temperatureMaxCel: 5.6, temperatureMinCel: -2.1 })
  })

  test('is the file whose digest data/README.md states', () => {
    const data = new URL('../../data/', import.meta.url)
    const digest = createHash('sha256')
      .update(readFileSync(new URL('seattle-daily-2012-2015.csv', data)))
      .digest('hex')
    expect(digest).toBe(SEATTLE_SHA256)
    expect(readFileSync(new URL('README.md', data), 'utf8')).toContain(digest)
  })

  test('cannot be changed by whoever loads it', () => {
    expect(Object.isFrozen(records)).toBe(true)
    expect(records.every((record) => Object.isFrozen(record))).toBe(true)
  })
})

describe('the parser', () => {
  test('takes days that follow each other, leap day included', () => {
    expect(parseDaily(`${HEADER}\n${FIRST}\n${SECOND}\n`).map((record) => record.date)).toEqual([
      '2012-02-28',
      '2012-02-29',
    ])
  })

  test.each([
    ['an empty file', 1, ['']],
    ['another header', 1, ['date,rain', FIRST, '']],
    ['a header with a location', 1, [`location,${HEADER}`, `Seattle,${FIRST}`, '']],
    ['a file without a day', 2, [HEADER, '']],
    ['a last line without line end', 2, [HEADER, FIRST]],
    ['an empty line', 3, [HEADER, FIRST, '', '']],
    ['a row with a location', 2, [HEADER, `Seattle,${FIRST}`, '']],
    ['a carriage return', 2, [HEADER, `${FIRST}\r`, '']],
    ['a missing value', 2, [HEADER, '2012-02-28,0.0,12.8,,4.7', '']],
    ['a value without its decimal place', 2, [HEADER, '2012-02-28,0,12.8,5.0,4.7', '']],
    ['a negative amount of rain', 2, [HEADER, '2012-02-28,-0.1,12.8,5.0,4.7', '']],
    ['a day that the calendar does not have', 2, [HEADER, '2013-02-29,0.0,12.8,5.0,4.7', '']],
    ['a lowest temperature above the highest', 2, [HEADER, '2012-02-28,0.0,5.0,12.8,4.7', '']],
    ['a missing day', 3, [HEADER, '2012-02-27,0.0,12.8,5.0,4.7', SECOND, '']],
    ['a day that comes twice', 3, [HEADER, FIRST, FIRST, '']],
    ['days in the wrong order', 3, [HEADER, SECOND, FIRST, '']],
  ])('refuses %s and names line %i', (_, line, lines) => {
    const error = refusal(...lines)
    expect(error?.code).toBe('file-unreadable')
    expect(error?.facts.line).toBe(line)
  })
})
