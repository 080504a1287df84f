import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/gas.mjs', import.meta.url))
let rows: { name: string; value: number; limit: number; ratio: number; target: number; met: boolean }[]

beforeAll(() => {
  const output = execFileSync(process.execPath, [bench], { encoding: 'utf8' })
  rows = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
})

const BUDGETS: readonly (readonly [RegExp, number])[] = [
  [/^append (1 leaf|100 leaves), to 1000 /, 50_000],
  [/^append (1 leaf|100 leaves), to 100000 /, 60_000],
  [/^append (1 leaf|100 leaves), to 1000000 /, 60_000],
  [/^append 100 leaves, mean/, 60_000],
  [/^append worst case, \d+ to 1000 /, 64_000],
  [/^append worst case, \d+ to 100000 /, 64_000],
  [/^append worst case, \d+ to 1000000 /, 64_000],
  [/^append worst case, \d+ to 1048576 /, 64_000],
  [/^create a log/, 120_000],
  [/^enrol/, 175_000],
  [/^rotate/, 102_000],
  [/^retire a key/, 35_000],
  [/^revoke/, 35_000],
  [/^move home/, 72_000],
  [/^retire a log/, 58_000],
]

describe('gas of a whole transaction', () => {
  it.each(BUDGETS)('of %s is at most %i', (name, budget) => {
    const found = rows.filter((row) => name.test(row.name))
    expect(found).not.toEqual([])
    expect(Math.max(...found.map(({ value }) => value))).toBeLessThanOrEqual(budget)
  })

  it('is shown beside the floor of its calldata, and is never below it', () => {
    for (const { name, value, limit, ratio } of rows) {
      expect(value, name).toBeGreaterThanOrEqual(limit)
      expect(ratio).toBe(value / limit)
    }
  })

  it('meets the gate of the bench table', () => {
    expect(rows.filter(({ met }) => !met)).toEqual([])
  })
})
