/** Whatever hangs or fails, the station goes on as soon as the world does, and ends when it is told to. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { describe, expect, it } from 'vitest'
import { type BoardEvent, superviseBoard } from '../../src/index.ts'
import type { OpenLine } from '../../src/line/index.ts'
import { createRig, isDone, sensorOf, THERMOMETER } from './rig.ts'
import { createScriptedBoard } from './scripted-board.ts'

const never = (): Promise<never> => new Promise(() => undefined)

function supervised(
  wrap: (open: OpenLine, attempt: number) => OpenLine,
  onSession = async (): Promise<void> => undefined,
) {
  const clock = createVirtualClock()
  const board = createScriptedBoard(clock)
  const events: BoardEvent[] = []
  let attempt = 0
  const supervisor = superviseBoard({
    open: (handlers) => wrap(board.open, ++attempt)(handlers),
    clock,
    onSession,
    onEvent: (event) => events.push(event),
  })
  return { clock, board, events, supervisor }
}

describe('a line', () => {
  it('that never opens is given up, and the next one is used', async () => {
    const { clock, supervisor } = supervised((open, attempt) => (attempt === 1 ? never : open))
    await clock.advance(30_000)
    expect(supervisor.session).not.toBe(null)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })

  it('that never opens does not keep the station from ending', async () => {
    const { clock, supervisor } = supervised(() => never)
    await clock.advance(1_000)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('that opens after it was given up is closed', async () => {
    let closed = 0
    let opened: () => void = () => undefined
    const late: OpenLine = () =>
      new Promise((resolve) => {
        opened = () => resolve({ write: async () => undefined, close: async () => void closed++ })
      })
    const { clock, supervisor } = supervised((open, attempt) => (attempt === 1 ? late : open))
    await clock.advance(30_000)
    opened()
    await clock.advance(0)
    expect(closed).toBeGreaterThan(0)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })

  it('that never closes keeps nobody from connecting again, nor from ending', async () => {
    const stuck: OpenLine = async () => ({ write: async () => undefined, close: never })
    const { clock, supervisor } = supervised((open, attempt) => (attempt <= 2 ? stuck : open))
    await clock.advance(60_000)
    expect(supervisor.session).not.toBe(null)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
    const other = supervised(() => stuck)
    await other.clock.advance(1_000)
    expect(await isDone(other.supervisor.stop(), other.clock)).toBe(true)
  })

  it('whose writes never end is given up by its silence', async () => {
    const deaf: OpenLine = async () => ({ write: never, close: async () => undefined })
    const { clock, supervisor } = supervised((open, attempt) => (attempt === 1 ? deaf : open))
    await clock.advance(30_000)
    expect(supervisor.session).not.toBe(null)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })

  it('that fails without a code is an attempt that failed', async () => {
    const broken: OpenLine = () => Promise.reject(new TypeError('native code is missing'))
    const { clock, supervisor, events } = supervised((open, attempt) => (attempt === 1 ? broken : open))
    await clock.advance(5_000)
    expect(events[0]).toMatchObject({ event: 'board-unreachable', detail: /native code/ })
    expect(supervisor.session).not.toBe(null)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })
})

describe("a board's user", () => {
  it('that never comes back from a session that has ended gets the next one', async () => {
    let sessions = 0
    const { clock, board, supervisor } = supervised(
      (open) => open,
      () => (++sessions === 1 ? never() : Promise.resolve()),
    )
    await clock.advance(2_000)
    board.unplug()
    await clock.advance(5_000)
    expect(sessions).toBe(2)
    expect(supervisor.session).not.toBe(null)
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })

  it('that fails without a code ends the session, and the board is connected anew', async () => {
    let sessions = 0
    const { clock, supervisor, events } = supervised(
      (open) => open,
      () => (++sessions === 1 ? Promise.reject(new TypeError('a bug')) : Promise.resolve()),
    )
    await clock.advance(5_000)
    expect(sessions).toBe(2)
    expect(events[1]).toMatchObject({ event: 'board-down', detail: expect.stringContaining('a bug') })
    expect(await isDone(supervisor.stop(), clock)).toBe(true)
  })

  it('that stops in the middle of an event is not kept waiting, and no timer is left', async () => {
    const clock = createVirtualClock()
    const stops: Promise<void>[] = []
    const missing: OpenLine = () => Promise.reject(new FieldproofError('port-unavailable', 'gone'))
    const supervisor = superviseBoard({
      open: missing,
      clock,
      onSession: async () => undefined,
      onEvent: () => stops.push(supervisor.stop()),
    })
    await clock.advance(0)
    expect(stops.length).toBe(1)
    expect(await isDone(Promise.all(stops), clock)).toBe(true)
    expect(clock.timers).toBe(0)
  })

  it('that stops when a board has come up leaves no timer', async () => {
    const rig = createRig()
    let stopped: Promise<void> | undefined
    while (!rig.events.some(({ event }) => event === 'board-up')) {
      await rig.clock.advance(1)
      const isUp = rig.events.some(({ event }) => event === 'board-up')
      if (isUp) stopped = rig.station.stop()
    }
    await rig.clock.advance(10_000)
    await stopped
    expect(rig.clock.timers).toBe(0)
  })
})

describe('a driver', () => {
  it('that never comes back loses its own values, and not the rows of the others', async () => {
    const stuck = sensorOf({ start: async () => ({ read: never }) }, ['x'])
    const rig = createRig({ sensors: { ...THERMOMETER, stuck } })
    await rig.clock.advance(60_000)
    expect(rig.station.faults.get('stuck')).toBe('sensor-silent')
    expect(rig.measured().length).toBeGreaterThan(5)
    expect(rig.measured().at(-1)?.reading).toMatchObject({ air_raw: 200, stuck_x: null })
    expect(await rig.end()).toBe(true)
  })

  it('that never comes back from a session that has ended keeps nobody from the next one', async () => {
    let starts = 0
    const stuck = sensorOf(
      { start: () => (++starts === 1 ? never() : Promise.resolve({ read: async () => ({ values: { x: starts } }) })) },
      ['x'],
    )
    const rig = createRig({ sensors: { stuck } })
    await rig.clock.advance(2_000)
    rig.board.unplug()
    await rig.clock.advance(5_000)
    expect(rig.measured().at(-1)?.reading).toMatchObject({ stuck_x: 2, boardEpoch: 2 })
    expect(await rig.end()).toBe(true)
  })

  it('that never comes back keeps nobody from ending the station', async () => {
    const stuck = sensorOf({ start: never }, ['x'])
    const rig = createRig({ sensors: { stuck } })
    await rig.clock.advance(2_000)
    expect(await rig.end()).toBe(true)
    expect(rig.clock.timers).toBe(0)
  })
})

describe('samples', () => {
  it('that take longer than their time do not take the turn of every row', async () => {
    const slow = sensorOf(
      {
        start: async () => ({
          read: async () => ({ values: { x: 1 } }),
          sample: () =>
            new Promise<() => void>((resolve) => {
              rig.host.after(1_200, () => resolve(() => undefined))
            }),
        }),
      },
      ['x'],
    )
    const rig = createRig({ sensors: { slow }, everyMs: 10_000, sampleMs: 1_000 })
    await rig.clock.advance(65_000)
    expect(rig.measured().length).toBeGreaterThanOrEqual(6)
    expect(await rig.end()).toBe(true)
  })
})

describe("a driver's bug", () => {
  it('is told as a fault of its sensor, and costs no row of the others', async () => {
    const read = (): never => {
      throw new TypeError('undefined is not a function')
    }
    const buggy = sensorOf({ start: async () => ({ read: async () => read() }) }, ['x'])
    const rig = createRig({ sensors: { ...THERMOMETER, buggy } })
    await rig.clock.advance(10_000)
    expect(rig.station.faults.get('buggy')).toBe('sensor-invalid')
    expect(rig.measured().at(-1)?.reading).toMatchObject({ air_raw: 200, buggy_x: null })
    expect(await rig.end()).toBe(true)
  })
})

describe('a recorder', () => {
  it('that never comes back keeps nobody from ending the station', async () => {
    const rig = createRig({ record: never })
    await rig.clock.advance(5_000)
    expect(await rig.end()).toBe(true)
  })
})

describe('a command that the board has never heard', () => {
  it('to report an analog pin is sent again', async () => {
    const rig = createRig()
    let lost = 0
    rig.board.hears = (message) => message[0] !== 0xc0 || lost++ > 0
    await rig.clock.advance(20_000)
    expect(rig.board.openings()).toBe(1)
    expect(rig.measured().at(-1)?.reading).toMatchObject({ air_raw: 200 })
    expect(await rig.end()).toBe(true)
  })

  it('to turn I2C on is sent again', async () => {
    let configs = 0
    const i2c = sensorOf(
      {
        start: async () => ({
          read: async () => ({
            values: { id: (await rig.station.board.session?.i2cRead(0x76, 0xd0, 1))?.[0] ?? null },
          }),
        }),
      },
      ['id'],
    )
    const rig = createRig({ sensors: { i2c } })
    rig.board.hears = (message) => {
      if (message[1] === 0x78) configs++
      return message[1] !== 0x78
    }
    await rig.clock.advance(10_000)
    expect(configs).toBeGreaterThan(2)
    expect(await rig.end()).toBe(true)
  })
})
