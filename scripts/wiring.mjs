/**
 * Draws boards/wiring/*.svg, one for each station that is shipped, from the station's own data: `node scripts/wiring.mjs [--check]`.
 * It runs what `npm run build` has compiled. `--check` writes nothing and exits with 1 when a file is not what it would write.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const compiled = (path) => new URL(`../boards/dist/${path}`, import.meta.url)
const folder = new URL('../boards/wiring/', import.meta.url)
const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

if (!existsSync(compiled('stations/index.js'))) {
  console.error('boards/dist is missing: npm run build')
  process.exit(1)
}
const { STATIONS } = await import(compiled('stations/index.js'))
const { wiringSvg } = await import(compiled('wiring/index.js'))

for (const { name, define } of Object.values(STATIONS)) {
  const file = new URL(`${name}.svg`, folder)
  const svg = wiringSvg(define({}))
  if (existsSync(file) && readFileSync(file, 'utf8') === svg) continue
  if (options.check) {
    console.error(`boards/wiring/${name}.svg is not current: npm run build && node scripts/wiring.mjs`)
    process.exitCode = 1
  } else {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, svg)
  }
}
