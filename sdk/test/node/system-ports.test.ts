import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SYNCED_FOR_MS, systemClock, systemEntropy } from '../../src/node/index.ts'
import { clockContract } from '../../src/testing/index.ts'

clockContract({ describe, it, expect }, 'system', () => ({
  clock: systemClock(),
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 1)), // the one clock that nobody can advance
}))

describe('system clock quality', () => {
  it('is unsynced without a marker, synced with a fresh one, holdover with an old one', () => {
    const dir = mkdtempSync(join(tmpdir(), 'clock-'))
    const [absent, marker] = [join(dir, 'absent'), join(dir, 'synchronized')]
    const clock = systemClock({ markers: [absent, marker] })
    expect(clock.quality()).toBe(0)
    writeFileSync(marker, '')
    expect(clock.quality()).toBe(2)
    for (const [agoMs, quality] of [
      [SYNCED_FOR_MS - 60_000, 2],
      [SYNCED_FOR_MS + 60_000, 1],
      [-SYNCED_FOR_MS - 60_000, 1],
    ] as const) {
      const touched = (Date.now() - agoMs) / 1000
      utimesSync(marker, touched, touched)
      expect(clock.quality()).toBe(quality)
    }
    rmSync(dir, { recursive: true })
    expect(clock.quality()).toBe(0)
  })

  it('is unsynced when the marker cannot be looked at', () => {
    expect(systemClock({ markers: ['/dev/null/marker'] }).quality()).toBe(0)
  })

  it('is what the caller says when it knows better', () => {
    expect(systemClock({ quality: () => 1 }).quality()).toBe(1)
  })
})

describe('system entropy', () => {
  it('gives as many bytes as asked for, in memory of their own, other ones each time', () => {
    for (const length of [0, 1, 16, 32, 100_000]) {
      const bytes = systemEntropy(length)
      expect([bytes.length, bytes.byteOffset, bytes.buffer.byteLength]).toEqual([length, 0, length])
    }
    expect(systemEntropy(32)).not.toEqual(systemEntropy(32))
    expect(Buffer.isBuffer(systemEntropy(1))).toBe(false)
  })
})
