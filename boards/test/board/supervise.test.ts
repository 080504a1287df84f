import { FieldproofError } from '@fieldproof/sdk/base'
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { describe, expect, it } from 'vitest'
import { type BoardEvent, superviseBoard } from '../../src/index.ts'
import type { OpenLine } from '../../src/line/index.ts'

const unavailable =
  (reason: string): OpenLine =>
  () =>
    Promise.reject(new FieldproofError('port-unavailable', reason, { facts: { reason } }))

function supervised(open: OpenLine) {
  const clock = createVirtualClock()
  const events: BoardEvent[] = []
  const board = superviseBoard({
    open,
    clock,
    onSession: async () => undefined,
    onEvent: (event) => events.push(event),
  })
  return { clock, events, board }
}

describe('a supervised board', () => {
  it('tries again after half a second, twice as long each time, and at most half a minute', async () => {
    const { clock, events, board } = supervised(unavailable('taken'))
    await clock.advance(120_000)
    const waits = events.flatMap((event) => (event.event === 'board-unreachable' ? [event.retryMs] : []))
    expect(waits.slice(0, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(new Set(events.map(({ epoch }) => epoch))).toEqual(new Set([1])) // no connection has come about
    expect(board.session).toBe(null)
    await board.stop()
    expect(clock.timers).toBe(0)
  })

  it('looks for a port that is missing every two seconds', async () => {
    const { clock, events, board } = supervised(unavailable('missing'))
    await clock.advance(20_000)
    const waits = events.flatMap((event) => (event.event === 'board-unreachable' ? [event.retryMs] : []))
    expect(waits.slice(0, 5)).toEqual([500, 1000, 2000, 2000, 2000])
    await board.stop()
  })

  it('gives a line that says nothing up after the handshake, closes it, and says why', async () => {
    let closed = 0
    const silent: OpenLine = async () => ({ write: async () => undefined, close: async () => void closed++ })
    const { clock, events, board } = supervised(silent)
    await clock.advance(10_400)
    expect(events).toMatchObject([{ event: 'board-unreachable', code: 'board-silent' }])
    expect(closed).toBeGreaterThan(0)
    await board.stop()
  })

  it('survives a line that shouts anything at all', async () => {
    const loud: OpenLine = async ({ onData }) => {
      const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff)
      setImmediate(() => onData(bytes))
      return { write: async () => undefined, close: async () => undefined }
    }
    const { clock, events, board } = supervised(loud)
    await clock.advance(11_000)
    expect(events[0]).toMatchObject({ event: 'board-unreachable' })
    await board.stop()
  })

  it('stops at once while it is connecting', async () => {
    let close = (): void => undefined
    const slow: OpenLine = ({ onClose }) =>
      new Promise((resolve) => {
        close = () => onClose('late')
        setImmediate(() => resolve({ write: async () => undefined, close: async () => close() }))
      })
    const { clock, board } = supervised(slow)
    await clock.advance(3_000)
    await board.stop()
    expect(clock.timers).toBe(0)
  })
})
