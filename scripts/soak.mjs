/**
 * What takes too long for every run: `npm run soak -- [--minutes N] [--seed N]`. Fuzzes every decoder with a new seed again and again,
 * a million inputs at a time, until the time is over. Prints each round's table; exits 1 at the first finding, with its seed, and
 * 2 when an option is not understood.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { positiveNumber, wholeNumber } from './number-option.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string' } } })
const end = Date.now() + positiveNumber('minutes', values.minutes) * 60_000
let seed = wholeNumber('seed', values.seed ?? String(Math.floor(Date.now() / 1000) % 2 ** 31), 0)
do {
  console.log(`round with seed ${seed}`)
  const fuzz = fileURLToPath(new URL('fuzz.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [fuzz, '--seed', String(seed)], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
  seed++
} while (Date.now() < end)
