import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../data/extract.mjs', import.meta.url))
const EXTRACT = readFileSync(new URL('../../data/seattle-daily-2012-2015.csv', import.meta.url), 'utf8')
const HEADER = 'location,date,precipitation,temp_max,temp_min,wind,weather'
const ROWS = EXTRACT.trimEnd().split('\n').slice(1)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'extract-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A file in the form of the source, from the lines after its header. */
function source(lines: readonly string[], header: string = HEADER): string {
  const path = join(folder, 'weather.csv')
  writeFileSync(path, [header, ...lines, ''].join('\n'))
  return path
}

const seattle = ROWS.map((row) => `Seattle,${row},sun`)

test('gives the shipped extract byte for byte, whatever rows of other places stand between', () => {
  const mixed = seattle.flatMap((row, i) => [row, `Elsewhere,not read,${i}`])
  expect(execFileSync(process.execPath, [SCRIPT, source(mixed)], { encoding: 'utf8' })).toBe(EXTRACT)
})

test.each([
  ['another place than Seattle', () => [source(seattle), 'Elsewhere']],
  ['a name that only begins like Seattle', () => [source(seattle.map((row) => row.replace('Seattle', 'Seattle2')))]],
  ['a third argument', () => [source(seattle), 'Seattle', 'Elsewhere']],
  ['no file', () => []],
  ['a source with a missing day', () => [source(seattle.slice(1))]],
  ['a source of other years', () => [source(seattle.map((row) => row.replace(',201', ',202')))]],
  ['a source with another header', () => [source(seattle, HEADER.replace('wind', 'gust'))]],
  ['a row with a field too many', () => [source(seattle.map((row) => `${row},`))]],
])('refuses %s and writes nothing', (_, args) => {
  const run = spawnSync(process.execPath, [SCRIPT, ...args()], { encoding: 'utf8' })
  expect(run.status).toBe(1)
  expect(run.stdout).toBe('')
  expect(run.stderr).toMatch(/^extract: /)
})
