import { FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StartedSensor } from '../../src/board/ports.ts'
import { flowMeter, rainGauge } from '../../src/drivers/index.ts'
import { type CountingBoard, countingSession } from './fake-session.ts'

const SEED = 20260102

async function row(sensor: StartedSensor): Promise<Readonly<Record<string, number | null>>> {
  const { values, commit } = await sensor.read()
  commit?.()
  return values
}

describe('a rain gauge', () => {
  it('counts from the first look at a board, whatever its counter says', async () => {
    const board: CountingBoard = { boardMs: 5_000, pulses: [1234, 0, 0] }
    const sensor = await rainGauge().driver.start(countingSession(board))
    expect(await row(sensor)).toEqual({ tips: 0, rain: 0 })
    board.boardMs += 10_000
    board.pulses[0] += 3
    expect(await row(sensor)).toEqual({ tips: 3, rain: 3 * 0.2794 })
    expect(await row(sensor)).toMatchObject({ tips: 0 })
  })

  it('counts what fell while nobody was connected to a board that ran on', async () => {
    const { driver } = rainGauge()
    const board: CountingBoard = { boardMs: 1_000, pulses: [10, 0, 0] }
    await row(await driver.start(countingSession(board)))
    board.boardMs += 3_600_000
    board.pulses[0] = 17
    expect(await row(await driver.start(countingSession(board)))).toMatchObject({ tips: 7 })
  })

  it('takes the count since a reset as it is, and never a negative one', async () => {
    const { driver } = rainGauge()
    await row(await driver.start(countingSession({ boardMs: 60_000, pulses: [100, 0, 0] }, 7)))
    const sensor = await driver.start(countingSession({ boardMs: 2_000, pulses: [4, 0, 0] }, 8))
    expect(await row(sensor)).toMatchObject({ tips: 4 })
  })

  it('knows nothing of a board that it has not seen before, and counts on from there', async () => {
    for (const boots of [3, 6, 10]) {
      const { driver } = rainGauge()
      await row(await driver.start(countingSession({ boardMs: 60_000, pulses: [100, 0, 0] }, 7)))
      const board: CountingBoard = { boardMs: 90_000, pulses: [300, 0, 0] }
      const sensor = await driver.start(countingSession(board, boots))
      expect(await row(sensor)).toEqual({ tips: null, rain: null })
      board.boardMs += 1_000
      board.pulses[0] += 1
      expect(await row(sensor)).toMatchObject({ tips: 1 })
    }
  })

  it('counts again what was not committed', async () => {
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    const sensor = await rainGauge().driver.start(countingSession(board))
    board.boardMs = 10_000
    board.pulses[0] = 2
    await sensor.read() // the line check fails, so nobody commits
    board.boardMs = 20_000
    board.pulses[0] = 5
    expect(await row(sensor)).toMatchObject({ tips: 5 })
  })

  it('takes no first count from a line that fails its check', async () => {
    const { driver } = rainGauge()
    const garbled = new FieldproofError('board-garbled', 'a byte was lost')
    const bad = countingSession({ boardMs: 0, pulses: [4_000_000, 0, 0] }, 1, { check: () => Promise.reject(garbled) })
    await expect(driver.start(bad)).rejects.toBe(garbled)
    const board: CountingBoard = { boardMs: 10_000, pulses: [5, 0, 0] }
    expect(await row(await driver.start(countingSession(board)))).toMatchObject({ tips: 0 })
  })

  it('sets the debounce time on every session', async () => {
    const set: unknown[] = []
    const setDebounce = async (...of: unknown[]): Promise<void> => void set.push(of)
    const { driver } = rainGauge({ debounceUs: 120_000 })
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    await driver.start(countingSession(board, 1, { setDebounce }))
    await driver.start(countingSession(board, 1, { setDebounce }))
    expect(set).toEqual([
      [0, 120_000],
      [0, 120_000],
    ])
  })

  it('never says more rain than the board counted, however sessions, resets and lost rows fall', async () => {
    const step = fc.record({
      what: fc.constantFrom('row', 'lost row', 'reconnect', 'reset', 'two resets'),
      tips: fc.nat({ max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { driver } = rainGauge()
        const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
        let boots = 1
        let fell = 0
        let said = 0
        let sensor = await driver.start(countingSession(board, boots))
        for (const { what, tips } of steps) {
          board.boardMs += 10_000
          board.pulses[0] += tips
          fell += tips
          if (what === 'reset' || what === 'two resets') {
            boots += what === 'reset' ? 1 : 2
            board.pulses = [0, 0, 0]
            board.boardMs = 0
          }
          if (what === 'lost row') await sensor.read()
          else if (what === 'row') {
            const { tips: now } = await row(sensor)
            expect(now === null || (now ?? -1) >= 0).toBe(true)
            said += now ?? 0
          } else sensor = await driver.start(countingSession(board, boots))
        }
        expect(said).toBeLessThanOrEqual(fell)
      }),
      { seed: SEED, numRuns: 200 },
    )
  })
})

describe('a flow meter', () => {
  it('gives pulses, litres, and the mean flow since the row before by the clock of the board', async () => {
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    const sensor = await flowMeter({ pulsesPerLitre: 450 }).driver.start(countingSession(board))
    board.boardMs = 10_000
    board.pulses[2] = 900
    expect(await row(sensor)).toEqual({ pulses: 900, volume: 2, rate: 0.2 })
  })

  it('has no rate over less than a second, when one pulse would be a flood', async () => {
    const board: CountingBoard = { boardMs: 500, pulses: [0, 0, 0] }
    const sensor = await flowMeter({ pulsesPerLitre: 450 }).driver.start(countingSession(board))
    board.boardMs += 20
    board.pulses[2] = 1
    expect(await row(sensor)).toEqual({ pulses: 1, volume: 1 / 450, rate: null })
  })

  it('has no rate over no time', async () => {
    const board: CountingBoard = { boardMs: 500, pulses: [0, 0, 8] }
    const sensor = await flowMeter({ pulsesPerLitre: 450 }).driver.start(countingSession(board))
    expect(await row(sensor)).toEqual({ pulses: 0, volume: 0, rate: null })
  })

  it('is not there on a board without counters', async () => {
    const foreign = new FieldproofError('board-firmware', 'StandardFirmata')
    const session = countingSession({ boardMs: 0, pulses: [0, 0, 0] }, 1, {
      setDebounce: () => Promise.reject(foreign),
    })
    const code = await flowMeter({ pulsesPerLitre: 450 })
      .driver.start(session)
      .catch((error) => fieldproofErrorOf(error)?.code)
    expect(code).toBe('board-firmware')
  })
})
