import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes } from '../../src/base/index.ts'
import {
  clockContract,
  createVirtualClock,
  namedSigner,
  seededEntropy,
  signerContract,
} from '../../src/testing/index.ts'

signerContract({ describe, it, expect }, 'memory P-256', async () => namedSigner('a machine'))
signerContract({ describe, it, expect }, 'memory Ed25519', async () => namedSigner('a machine', -19))

clockContract({ describe, it, expect }, 'virtual', () => {
  const clock = createVirtualClock()
  return { clock, pass: (ms) => clock.advance(ms) }
})

describe('virtual clock', () => {
  it('runs what falls due in order of time and then of creation, each at its own time', async () => {
    const clock = createVirtualClock({ nowMs: 1_000_000_000_000 })
    const ran: string[] = []
    for (const [name, delayMs] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['d', 31],
    ] as const) {
      clock.after(delayMs, () => ran.push(`${name} at ${clock.now() - 1_000_000_000_000}`))
    }
    await clock.advance(30)
    expect(ran).toEqual(['a at 10', 'b at 10', 'c at 30'])
    expect([clock.monotonicMs(), clock.timers]).toEqual([30, 1])
  })

  it('runs timers that promises of earlier timers set, within one advance', async () => {
    const clock = createVirtualClock()
    const ran: number[] = []
    const tick = async (): Promise<void> => {
      await Promise.resolve().then(() => undefined)
      ran.push(clock.monotonicMs())
      clock.after(10, () => void tick())
    }
    clock.after(10, () => void tick())
    await clock.advance(45)
    expect(ran).toEqual([10, 20, 30, 40])
  })

  it('steps the wall clock without touching timers or monotonic time', async () => {
    const clock = createVirtualClock({ nowMs: 1_000_000_000_000 })
    let ran = 0
    clock.after(10, () => ran++)
    clock.step(-5_000)
    expect([clock.now(), clock.monotonicMs()]).toEqual([999_999_995_000, 0])
    await clock.advance(10)
    expect([ran, clock.now()]).toEqual([1, 999_999_995_010])
  })

  it('moves to the next timer, and says when there is none', async () => {
    const clock = createVirtualClock({ quality: 1 })
    clock.after(86_400_000, () => {})
    expect(await clock.advanceToNext()).toBe(true)
    expect(clock.monotonicMs()).toBe(86_400_000)
    expect(await clock.advanceToNext()).toBe(false)
    expect(clock.quality()).toBe(1)
    clock.setQuality(0)
    expect(clock.quality()).toBe(0)
  })

  it('tells whole milliseconds whatever fractions pass', async () => {
    const clock = createVirtualClock()
    await clock.advance(0.4)
    expect(Number.isInteger(clock.now())).toBe(true)
  })
})

describe('seeded entropy', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 8 }), (seed, lengths) => {
        const [parts, whole] = [seededEntropy(seed), seededEntropy(seed)]
        const joined = lengths.flatMap((length) => [...parts(length)])
        expect(joined).toEqual([...whole(joined.length)])
      }),
      { seed: 1 },
    )
  })

  it('gives other bytes for another seed and at the next call', () => {
    const entropy = seededEntropy(1)
    const first = entropy(32)
    expect(equalBytes(first, entropy(32))).toBe(false)
    expect(equalBytes(first, seededEntropy(2)(32))).toBe(false)
  })
})
