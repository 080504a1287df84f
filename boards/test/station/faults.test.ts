import { FieldproofError } from '@fieldproof/sdk/base'
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { describe, expect, it } from 'vitest'
import { type FaultEvent, Faults } from '../../src/station/faults.ts'

const SILENT = new FieldproofError('sensor-silent', 'no answer')
const INVALID = new FieldproofError('sensor-invalid', 'bad check digit')

function book() {
  const clock = createVirtualClock()
  const rows: unknown[] = []
  const events: FaultEvent[] = []
  const recorder = { record: async (stream: string, reading: object) => void rows.push([stream, reading]) }
  const faults = new Faults(
    recorder,
    clock,
    (event) => events.push(event),
    () => undefined,
  )
  return { clock, rows, events, faults }
}

describe('faults', () => {
  it('are rows of health when they begin and when they end', () => {
    const { faults, rows } = book()
    faults.begin('air', SILENT, 3)
    faults.end('air', 4)
    expect(rows).toEqual([
      ['health', { subject: 'air', state: 'sensor-silent', boardEpoch: 3 }],
      ['health', { subject: 'air', state: 'ok', boardEpoch: 4 }],
    ])
  })

  it('are said once, however often they are seen, and again after an hour', async () => {
    const { faults, rows, clock, events } = book()
    for (let minute = 0; minute < 61; minute++) {
      faults.begin('air', SILENT, 1)
      await clock.advance(60_000)
    }
    expect(rows.length).toBe(2)
    expect(events.map(({ event }) => event)).toEqual(['fault-begins', 'fault-goes-on'])
  })

  it('are said anew when they become another', () => {
    const { faults, rows } = book()
    faults.begin('air', SILENT, 1)
    faults.begin('air', INVALID, 1)
    expect(rows.length).toBe(2)
    expect([...faults.standing]).toEqual([['air', 'sensor-invalid']])
  })

  it('do not end twice, nor when there was none', () => {
    const { faults, rows } = book()
    faults.end('air', 1)
    expect(rows).toEqual([])
  })

  it('that could not be recorded are told', async () => {
    const lost: unknown[] = []
    const recorder = { record: () => Promise.reject(new Error('disk')) }
    const faults = new Faults(
      recorder,
      createVirtualClock(),
      () => undefined,
      (error) => lost.push(error),
    )
    faults.begin('air', SILENT, 1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(lost).toMatchObject([{ message: 'disk' }])
  })
})
