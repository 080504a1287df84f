/**
 * Recorded daily weather, the only measured thing in the simulated world (data/README.md: source, licence, units). The
 * parser takes one spelling of the file and nothing else: a day that is missing or doubled would shift every later day.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { FieldproofError } from '@fieldproof/sdk/base'

/** Milliseconds of a recorded day. The record knows no daylight-saving time, so every day has 24 hours. */
export const DAY_MS = 86_400_000

/** SHA-256 of the shipped extract, in hex; also named by every stream that replays it. */
export const SEATTLE_SHA256 = 'f5ae7dee19d689a4e5294ef3d56d8ba04a58afdde756779b35f671d5ba635e80'

/** One recorded day of one place. */
export interface DailyRecord {
  /** Calendar day at the station, `YYYY-MM-DD`. */
  readonly date: string
  /** Local midnight that begins the day, in recorded time: local clock time spelled as if it were UTC, in ms. */
  readonly startMs: number
  /** Precipitation of the day, mm. */
  readonly precipitationMm: number
  /** Highest air temperature of the day, Cel. */
  readonly temperatureMaxCel: number
  /** Lowest air temperature of the day, Cel. */
  readonly temperatureMinCel: number
  /** Mean wind speed of the day, m/s. */
  readonly windSpeedMps: number
}

const HEADER = 'date,precipitation,temp_max,temp_min,wind'
const ROW = /^(\d{4}-\d{2}-\d{2}),(\d{1,4}\.\d),(-?\d{1,2}\.\d),(-?\d{1,2}\.\d),(\d{1,3}\.\d)$/

/**
 * Days of a file in the form of `data/seattle-daily-2012-2015.csv`: header, LF line ends, one row a day without a gap.
 * @throws FieldproofError `file-unreadable` with the line number in `facts.line`
 */
export function parseDaily(text: string): readonly DailyRecord[] {
  const lines = text.split('\n')
  if (lines[0] !== HEADER) throw malformed(1, `the header is not ${HEADER}`)
  if (lines.pop() !== '') throw malformed(lines.length + 1, 'the last line has no line end')
  if (lines.length < 2) throw malformed(2, 'there is no day in it')
  const records: DailyRecord[] = []
  for (let i = 1; i < lines.length; i++) {
    const record = parseRow(lines[i] ?? '', i + 1)
    const before = records.at(-1)
    if (before !== undefined && record.startMs !== before.startMs + DAY_MS) {
      throw malformed(i + 1, `${record.date} does not follow ${before.date}`)
    }
    records.push(record)
  }
  return Object.freeze(records)
}

/**
 * The shipped record: Seattle, 2012-01-01 to 2015-12-31, 1461 days.
 * @throws FieldproofError `file-unreadable` when the file is missing or is not the one that data/README.md describes
 */
export function loadSeattle(): readonly DailyRecord[] {
  const url = new URL('../../data/seattle-daily-2012-2015.csv', import.meta.url)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(url)
  } catch (cause) {
    throw new FieldproofError('file-unreadable', 'the recorded weather cannot be read', { cause })
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (digest !== SEATTLE_SHA256) {
    throw new FieldproofError('file-unreadable', `the recorded weather has SHA-256 ${digest}, want ${SEATTLE_SHA256}`)
  }
  return parseDaily(new TextDecoder().decode(bytes))
}

function parseRow(line: string, number: number): DailyRecord {
  const [, date = '', rain, max, min, wind] = ROW.exec(line) ?? []
  const startMs = Date.parse(`${date}T00:00:00Z`)
  // Date.parse takes 30 February and makes it 1 March, so the date must also come back as it went in.
  if (Number.isNaN(startMs) || new Date(startMs).toISOString().slice(0, 10) !== date) {
    throw malformed(number, 'it is not a day with four values of one decimal place')
  }
  const record: DailyRecord = {
    date,
    startMs,
    precipitationMm: Number(rain),
    temperatureMaxCel: Number(max),
    temperatureMinCel: Number(min),
    windSpeedMps: Number(wind),
  }
  if (record.temperatureMinCel > record.temperatureMaxCel) {
    throw malformed(number, 'the lowest temperature is above the highest')
  }
  return Object.freeze(record)
}

function malformed(line: number, detail: string): FieldproofError {
  return new FieldproofError('file-unreadable', `line ${line} of the recorded weather: ${detail}`, { facts: { line } })
}
