/**
 * Runs every bench and prints one table. `--json FILE` writes the rows, `--gate` exits 1 when a gate is missed, `--only NAME`
 * runs one file.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const BENCHES = [
  'sdk/bench/bytes.mjs',
  'sdk/bench/merkle.mjs',
  'sdk/bench/verify.mjs',
  'sdk/bench/proof.mjs',
  'scripts/bench/browser-size.mjs',
  'sdk/bench/device.mjs',
  'boards/bench/station.mjs',
  'boards/bench/card.mjs',
  'gateway/bench/gas.mjs',
  'gateway/bench/ingest.mjs',
]

const { values } = parseArgs({
  options: { json: { type: 'string' }, gate: { type: 'boolean' }, only: { type: 'string' } },
})
const rows = []
for (const file of BENCHES.filter((name) => values.only === undefined || name.includes(values.only))) {
  process.stderr.write(`bench ${file}\n`)
  const bench = await import(new URL(`../${file}`, import.meta.url).href)
  rows.push(...(await bench.rows()))
}

const format = (number) => (Math.abs(number) >= 100 ? Math.round(number).toString() : number.toPrecision(3))
console.log('| what | value | limit | ratio | target | gate | |\n|---|---|---|---|---|---|---|')
for (const row of rows) {
  const mark = row.targetMet ? 'target met' : row.met ? 'gate met' : 'MISSED'
  const cells = [
    row.name,
    `${format(row.value)} ${row.unit}`,
    format(row.limit),
    format(row.ratio),
    format(row.target),
    format(row.gate),
    mark,
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
const missed = rows.filter((row) => !row.met)
if (missed.length > 0) console.error(`missed: ${missed.map((row) => row.name).join(', ')}`)
process.exit(values.gate && missed.length > 0 ? 1 : 0)
