import { describe, expect, it } from 'vitest'
import { beaconSource } from '../../src/anchor/beacon.ts'
import { digest, FakeTimer } from './fake-chain.ts'

function chainAt(...numbers: (number | Error)[]): { finalised: () => Promise<never> } {
  const answers = [...numbers]
  return {
    finalised: async () => {
      const next = answers.length > 1 ? answers.shift() : answers[0]
      if (typeof next !== 'number') throw next
      return { chainId: 5, number: next, hash: digest(`block ${next} ${answers.length}`), timestamp: next } as never
    },
  }
}

describe('a beacon', () => {
  it('is the newest final block (WIRE-20)', async () => {
    const source = beaconSource(chainAt(7))
    expect(source.current()).toBeNull()
    expect(await source.poll()).toMatchObject({ chainId: 5, blockNumber: 7 })
    expect(source.current()).toMatchObject({ blockNumber: 7 })
  })

  it('never goes back and never changes at one number', async () => {
    const source = beaconSource(chainAt(7, 6, 7, 8))
    const first = await source.poll()
    expect(await source.poll()).toBeNull()
    expect(await source.poll()).toBeNull()
    expect(source.current()).toBe(first)
    expect(await source.poll()).toMatchObject({ blockNumber: 8 })
  })

  it('is polled until stopped, through failures', async () => {
    const timer = new FakeTimer()
    const source = beaconSource(chainAt(1, new Error('down'), 1, 2, 3))
    const seen: number[] = []
    const errors: unknown[] = []
    const loop = source.start(
      timer,
      1000,
      (beacon) => seen.push(beacon.blockNumber),
      (error) => errors.push(error),
    )
    for (let i = 0; i < 4; i++) {
      await new Promise((done) => setImmediate(done))
      timer.advance(2000)
    }
    await new Promise((done) => setImmediate(done))
    expect(seen).toEqual([1, 2, 3])
    expect(errors).toHaveLength(1)
    await loop.stop()
    expect(timer.nextDelayMs()).toBeNull()
  })
})
