import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_VALUE } from '../../src/base/index.ts'
import { type Flag, MAX_PACKED_FLAGS, packFlags, unpackFlags, worstFlag } from '../../src/quality/index.ts'
import { expectCode } from '../merkle/expect-code.ts'

const FLAGS: readonly Flag[] = [1, 2, 3, 4, 9]

describe('packed flags', () => {
  it('read as the flags, the first column first', () => {
    expect(packFlags([1, 1, 1, 9, 1, 1])).toBe(111911)
    expect(unpackFlags(111911)).toEqual([1, 1, 1, 9, 1, 1])
  })

  it('come back as they were, and fit a row', () => {
    const flags = fc.array(fc.constantFrom(...FLAGS), { minLength: 1, maxLength: MAX_PACKED_FLAGS })
    fc.assert(
      fc.property(flags, (list) => {
        expect(packFlags(list)).toBeLessThanOrEqual(MAX_VALUE)
        expect(unpackFlags(packFlags(list))).toEqual(list)
      }),
      { seed: 41, numRuns: 500 },
    )
  })

  it('are refused when there are none or more than 15', () => {
    expectCode(() => packFlags([]), 'out-of-range')
    expectCode(() => packFlags(Array<Flag>(16).fill(1)), 'out-of-range')
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e15, 105, 15, 6, 7, 8])(
    'are refused when %s is read',
    (n) => {
      expectCode(() => unpackFlags(n), 'out-of-range')
    },
  )
})

it('takes the worst of two flags: fail, suspect, pass, not evaluated', () => {
  const order: readonly Flag[] = [4, 3, 1, 2]
  for (const [i, worse] of order.entries()) {
    for (const better of order.slice(i)) {
      expect(worstFlag(worse, better)).toBe(worse)
      expect(worstFlag(better, worse)).toBe(worse)
    }
  }
})
