/** A thousand connections leave nothing behind. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { describe, expect, it, vi } from 'vitest'
import { superviseBoard } from '../../src/index.ts'
import { createRig, isDone } from './rig.ts'
import { createScriptedBoard } from './scripted-board.ts'

const RECONNECTS = 1_000
const MB = 1024 * 1024

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc') as () => void

async function heapMb(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed / MB
}

describe('a thousand connections', () => {
  it('leave no timers and no memory behind', async () => {
    const rig = createRig({ record: async () => undefined })
    const rows = rig.events as unknown as unknown[]
    const cycle = async (): Promise<void> => {
      while (rig.station.board.session === null) await rig.clock.advance(100)
      await rig.clock.advance(10_100) // so that the next attempt comes soon
      rig.board.unplug()
      await rig.clock.advance(0)
      rows.length = 0
    }
    for (let i = 0; i < 20; i++) await cycle()
    const timers = rig.clock.timers
    const before = await heapMb()
    for (let i = 0; i < RECONNECTS; i++) {
      await cycle()
      expect(rig.clock.timers).toBeLessThanOrEqual(timers + 2)
    }
    expect((await heapMb()) - before).toBeLessThan(8)
    expect(await rig.end()).toBe(true)
    expect(rig.clock.timers).toBe(0)
  })

  it('that all fail leave no timers and no memory behind', async () => {
    const clock = createVirtualClock()
    const board = createScriptedBoard(clock)
    board.carries = () => new Uint8Array(0)
    const supervisor = superviseBoard({ open: board.open, clock, onSession: async () => undefined })
    const before = await heapMb()
    while (board.openings() < RECONNECTS / 2) await clock.advance(60_000)
    expect(clock.timers).toBeLessThan(10)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
    expect(clock.timers).toBe(0)
    expect((await heapMb()) - before).toBeLessThan(8)
  })

  it('that fail leave no timer of firmata-io, which would keep the process alive', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    const clock = createVirtualClock()
    const board = createScriptedBoard(clock)
    board.carries = () => new Uint8Array(0)
    const supervisor = superviseBoard({ open: board.open, clock, onSession: async () => undefined })
    await clock.advance(60_000)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
    const ids = set.mock.calls.flatMap(([, ms], i) => (ms === 20_000 ? [set.mock.results[i]?.value] : []))
    const gone = new Set(cleared.mock.calls.map(([id]) => id))
    set.mockRestore()
    cleared.mockRestore()
    expect(ids.length).toBeGreaterThan(2)
    expect(ids.filter((id) => !gone.has(id))).toEqual([])
  })

  it('with Johnny-Five on each leave no board in its list', async () => {
    const clock = createVirtualClock()
    const board = createScriptedBoard(clock)
    const supervisor = superviseBoard({ open: board.open, clock, onSession: async () => undefined })
    const five = (await import('johnny-five' as string)) as { default: { Board: { cache: unknown[] } } }
    for (let i = 0; i < 10; i++) {
      while (supervisor.session === null) await clock.advance(100)
      expect(await isDone(supervisor.session.johnnyFive(), clock)).toBe(true)
      expect(five.default.Board.cache.length).toBe(1)
      board.unplug()
      await clock.advance(0)
    }
    expect(five.default.Board.cache.length).toBe(0)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })
})
