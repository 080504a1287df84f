import { describe, expect, it } from 'vitest'
import { type AnchorPolicy, checkPolicy, isDue, patienceMs, type Situation } from '../../src/anchor/anchor-policy.ts'

const policy: AnchorPolicy = { everyMs: 60_000, maxDelayMs: 600_000, minBatches: 5, maxFeePerGas: 10n }
const calm: Situation = { waitingLeaves: 5, waitedMs: 0, sinceLastMs: 60_000 }
const cheap = async (): Promise<bigint> => 10n
const dear = async (): Promise<bigint> => 11n

describe('the anchoring policy', () => {
  it('anchors when enough leaves wait, long enough after the last time, at a price under the limit', async () => {
    expect(await isDue(policy, calm, cheap)).toBe(true)
  })

  it.each([
    ['no leaf waits', { waitingLeaves: 0, waitedMs: 10_000_000 }],
    ['the last anchor is too recent, however long a leaf waited', { sinceLastMs: 59_999, waitedMs: 10_000_000 }],
    ['too few leaves wait', { waitingLeaves: 4, waitedMs: 599_999 }],
  ])('does not anchor when %s', async (_why, change) => {
    expect(await isDue(policy, { ...calm, ...change }, cheap)).toBe(false)
  })

  it('waits for a better price, but never longer than the longest delay', async () => {
    expect(await isDue(policy, { ...calm, waitedMs: 599_999 }, dear)).toBe(false)
    expect(await isDue(policy, { ...calm, waitedMs: 600_000 }, dear)).toBe(true)
    expect(await isDue(policy, { ...calm, waitedMs: 600_000, waitingLeaves: 1 }, dear)).toBe(true)
  })

  it('does not ask for the price when no limit is set', async () => {
    const { maxFeePerGas: _limit, ...unlimited } = policy
    const asked = async (): Promise<bigint> => {
      throw new Error('asked')
    }
    expect(await isDue(unlimited, calm, asked)).toBe(true)
  })

  it('replaces at most twelve times in a day', () => {
    let sent = 1
    for (let at = patienceMs(policy, sent); at <= 86_400_000; at += patienceMs(policy, sent)) sent++
    expect(sent - 1).toBeLessThanOrEqual(12)
  })

  it.each([{ everyMs: -1 }, { everyMs: 0.5 }, { maxDelayMs: Number.NaN }, { minBatches: 0 }, { bumpAfterMs: 0 }])(
    'refuses %o',
    (change) => {
      expect(() => checkPolicy({ ...policy, ...change })).toThrow(expect.objectContaining({ code: 'config-invalid' }))
    },
  )
})
