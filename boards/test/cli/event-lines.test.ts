/** Events as lines. */
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { describe, expect, it } from 'vitest'
import { eventLines } from '../../src/cli/station/event-lines.ts'
import type { AnyEvent } from '../../src/cli/station/station-process.ts'

const UNREACHABLE: AnyEvent = {
  event: 'board-unreachable',
  epoch: 1,
  code: 'port-unavailable',
  detail: 'no such file',
  retryMs: 500,
}

function lines(json = true, verbose = false) {
  const clock = createVirtualClock()
  const out: string[] = []
  return { clock, out, tell: eventLines({ json, verbose, clock, print: (line) => out.push(line) }) }
}

describe('an event', () => {
  it('is one JSON object, or one line for people', () => {
    const json = lines()
    json.tell(UNREACHABLE)
    expect(JSON.parse(json.out[0] ?? '')).toEqual({ time: '2026-01-01T00:00:00.000Z', level: 'warn', ...UNREACHABLE })
    const text = lines(false)
    text.tell(UNREACHABLE)
    const rest = 'board-unreachable epoch=1 code=port-unavailable detail="no such file" retryMs=500'
    expect(text.out).toEqual([`2026-01-01T00:00:00.000Z ${rest}`])
  })

  it('that repeats is said once an hour, with its count', async () => {
    const at = lines()
    for (let tries = 0; tries < 130; tries++) {
      at.tell({ ...UNREACHABLE, epoch: tries })
      await at.clock.advance(30_000)
    }
    expect(at.out.map((line) => JSON.parse(line).repeats)).toEqual([undefined, 119])
  })

  it('is said at once when its reason is another', () => {
    const at = lines()
    at.tell(UNREACHABLE)
    at.tell({ ...UNREACHABLE, code: 'board-silent' })
    at.tell(UNREACHABLE)
    expect(at.out.length).toBe(2)
  })

  it('of everyday life is shown only on request', () => {
    const row: AnyEvent = { event: 'row', stream: 'air', time: 0, epoch: 1, reading: { t: 1 }, quality: null }
    const quiet = lines()
    quiet.tell(row)
    expect(quiet.out).toEqual([])
    const verbose = lines(true, true)
    verbose.tell(row)
    expect(JSON.parse(verbose.out[0] ?? '')).toMatchObject({ event: 'row', rowTime: '1970-01-01T00:00:00.000Z' })
  })

  it.each(['a\u001b[2Jb', 'a\nfake line', 'a\u202eb', 'a\u2028b'])('cannot draw on a terminal, %j', (detail) => {
    for (const json of [true, false]) {
      const at = lines(json)
      at.tell({ event: 'link-down', reason: detail })
      expect(at.out[0]).toMatch(/^[\x20-\x7e]+$/)
    }
  })
})
