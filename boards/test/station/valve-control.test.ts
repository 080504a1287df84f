import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, it } from 'vitest'
import type { BoardSession, ValveReading } from '../../src/index.ts'
import { ValveControl } from '../../src/station/valve-control.ts'
import { fakeSession } from '../drivers/fake-session.ts'

const OPEN: ValveReading = { isOpen: true, remainingMs: 5000, state: 'open' }
const CLOSED: ValveReading = { isOpen: false, remainingMs: 0, state: 'closed-by-host' }

function control(session: BoardSession | null, maxMs = 10_000) {
  const rows: Record<string, unknown>[] = []
  const recorder = { record: async (_: string, reading: object) => void rows.push({ ...reading }) }
  return {
    rows,
    valve: new ValveControl(
      recorder,
      maxMs,
      () => session,
      () => undefined,
    ),
  }
}

describe('the valve of a station', () => {
  it('records what the board read back', async () => {
    const { valve, rows } = control(fakeSession({ openValve: async () => OPEN, closeValve: async () => CLOSED }))
    expect(await valve.open(5000)).toEqual(OPEN)
    expect(await valve.close()).toEqual(CLOSED)
    expect(rows).toMatchObject([
      { actuator: 'valve', command: 'open', requested: 5, outcome: 'open' },
      { command: 'close', requested: null, outcome: 'closed' },
    ])
  })

  it('reports a command without a board as failed, and records that', async () => {
    const { valve, rows } = control(null)
    await expect(valve.open(5000)).rejects.toMatchObject({ code: 'command-failed' })
    await expect(valve.close()).rejects.toMatchObject({ code: 'command-failed' })
    expect(rows.map(({ outcome }) => outcome)).toEqual(['command-failed', 'command-failed'])
  })

  it('reports a command that the board did not confirm as failed', async () => {
    const failed = (): Promise<never> => Promise.reject(new FieldproofError('command-failed', 'pin is low'))
    const { valve, rows } = control(fakeSession({ openValve: failed }))
    await expect(valve.open(5000)).rejects.toMatchObject({ code: 'command-failed' })
    expect(rows).toMatchObject([{ command: 'open', outcome: 'command-failed' }])
  })

  it.each([0, -1, 10_001, 1.5, Number.NaN])('refuses %d ms before the board hears of it', async (ms) => {
    const { valve, rows } = control(fakeSession())
    await expect(valve.open(ms)).rejects.toMatchObject({ code: 'out-of-range' })
    expect(rows).toEqual([])
  })

  it('is closed on every new connection, and says so when it was open', async () => {
    for (const [before, expected] of [
      [OPEN, 1],
      [CLOSED, 0],
    ] as const) {
      let closes = 0
      const closeValve = async (): Promise<ValveReading> => {
        closes++
        return CLOSED
      }
      const session = fakeSession({ valve: async () => before, closeValve })
      const { valve, rows } = control(session)
      await valve.begin(session)
      expect([closes, rows.length]).toEqual([1, expected])
    }
  })

  it('records that its time was over', async () => {
    let tell: (reading: ValveReading) => void = () => undefined
    const session = fakeSession({
      valve: async () => CLOSED,
      closeValve: async () => CLOSED,
      onValve: (listener) => {
        tell = listener
        return () => undefined
      },
    })
    const { valve, rows } = control(session)
    await valve.begin(session)
    tell({ isOpen: false, remainingMs: 0, state: 'time-over' })
    expect(rows).toMatchObject([{ command: null, outcome: 'time-over', boardEpoch: 1 }])
  })
})
