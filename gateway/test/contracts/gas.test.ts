import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/gas.mjs', import.meta.url))
let rows: { name: string; gas: number; floor: number }[]

beforeAll(() => {
  const output = execFileSync(process.execPath, [bench], { encoding: 'utf8' })
  rows = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
})

/** The dearest transaction whose name begins so. */
function dearest(name: string): number {
  const found = rows.filter((row) => row.name.startsWith(name))
  expect(found, name).not.toEqual([])
  return Math.max(...found.map(({ gas }) => gas))
}

describe('gas of a whole transaction', () => {
  it.each([
    ['append 1 leaf, to 1000 ', 50_000],
    ['append 100 leaves, to 1000 ', 50_000],
    ['append 1 leaf, to 1000000', 60_000],
    ['append 100 leaves, to 1000000', 60_000],
    ['append 100 leaves, mean', 60_000],
    ['append worst case', 64_000],
    ['create a log', 120_000],
    ['enrol', 175_000],
    ['rotate', 102_000],
    ['revoke', 35_000],
    ['move home', 72_000],
  ])('of "%s" is at most %i', (name, budget) => {
    expect(dearest(name)).toBeLessThanOrEqual(budget)
  })

  it('is never below the floor of its calldata', () => {
    for (const { name, gas, floor } of rows) expect(gas, name).toBeGreaterThanOrEqual(floor)
  })
})
