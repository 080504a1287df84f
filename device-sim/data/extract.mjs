/**
 * Cuts the Seattle rows out of `data/weather.csv` of the npm package vega-datasets 3.2.1:
 *
 *   node data/extract.mjs path/to/weather.csv > data/seattle-daily-2012-2015.csv
 *
 * Rows of any other place are skipped unread, and asking for another place is refused: those rows are kept apart for
 * evaluation, so nothing that is built here may have seen them.
 */
import { readFileSync } from 'node:fs'

const PLACE = 'Seattle'
const SOURCE_HEADER = 'location,date,precipitation,temp_max,temp_min,wind,weather'
const EXTRACT_HEADER = 'date,precipitation,temp_max,temp_min,wind'
const DAYS = 1461
const FIRST_DATE = '2012-01-01'
const LAST_DATE = '2015-12-31'

function refuse(reason) {
  process.stderr.write(`extract: ${reason}\n`)
  process.exit(1)
}

const [path, place = PLACE, ...rest] = process.argv.slice(2)
if (path === undefined || rest.length > 0) refuse('usage: node extract.mjs path/to/weather.csv')
if (place !== PLACE) refuse(`only ${PLACE} may be extracted, not ${JSON.stringify(place)}`)

const lines = readFileSync(path, 'utf8').split('\n')
if (lines[0] !== SOURCE_HEADER) refuse(`the first line is not ${SOURCE_HEADER}`)

const rows = []
for (const line of lines) {
  if (!line.startsWith(`${PLACE},`)) continue
  const fields = line.split(',')
  if (fields.length !== 7) refuse(`a row has ${fields.length} fields, want 7: ${line}`)
  rows.push(fields.slice(1, 6).join(','))
}
if (rows.length !== DAYS) refuse(`${rows.length} rows for ${PLACE}, want ${DAYS}`)
if (!rows[0].startsWith(`${FIRST_DATE},`)) refuse(`the first row is not of ${FIRST_DATE}`)
if (!rows[DAYS - 1].startsWith(`${LAST_DATE},`)) refuse(`the last row is not of ${LAST_DATE}`)

process.stdout.write(`${EXTRACT_HEADER}\n${rows.join('\n')}\n`)
