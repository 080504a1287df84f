import { describe, expect, it } from 'vitest'
import { anemometer } from '../../src/drivers/index.ts'
import { type CountingBoard, countingSession } from './fake-session.ts'

/** Closures in each second; a row every ten, sampled in between. */
async function rows(seconds: readonly number[], sampledMs = 1000) {
  const board: CountingBoard = { boardMs: 777, pulses: [0, 50, 0] }
  const sensor = await anemometer({ metresPerSecondPerHz: 1 }).driver.start(countingSession(board))
  const made = []
  for (const [i, pulses] of seconds.entries()) {
    board.boardMs += 1000
    board.pulses[1] += pulses
    if ((i + 1) % 10 === 0) {
      const { values, commit } = await sensor.read()
      commit?.()
      made.push(values)
    } else if (((i + 1) * 1000) % sampledMs === 0) (await sensor.sample?.())?.()
  }
  return made
}
const still = (n: number): number[] => Array.from({ length: n }, () => 0)

describe('an anemometer', () => {
  it('gives the mean since the row before, and the highest mean over 3 s', async () => {
    const [row] = await rows([1, 1, 1, 6, 6, 6, 1, 1, 1, 1])
    expect(row).toEqual({ pulses: 25, speed: 2.5, gust: 6 })
  })

  it('does not take one second for a gust', async () => {
    const [row] = await rows([0, 0, 0, 0, 9, 0, 0, 0, 0, 0])
    expect(row?.gust).toBe(3)
  })

  it('takes no closure in the first moments of a session for a storm', async () => {
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    const sensor = await anemometer().driver.start(countingSession(board))
    board.boardMs = 25
    board.pulses[1] = 1
    expect((await sensor.read()).values).toEqual({ pulses: 1, speed: null, gust: null })
  })

  it('sees a gust that began before the row', async () => {
    const [, second] = await rows([...still(8), 6, 6, 6, ...still(9)])
    expect(second?.gust).toBe(6)
    expect(second?.speed).toBe(0.6)
  })

  it('does not tell a gust again in the row after it', async () => {
    const [, second] = await rows([...still(4), 9, 9, 9, ...still(13)])
    expect(second?.gust).toBe(0)
  })

  it('has no gust unless it is sampled often enough', async () => {
    const [row] = await rows([1, 1, 1, 6, 6, 6, 1, 1, 1, 1], 5000)
    expect(row).toMatchObject({ speed: 2.5, gust: null })
  })

  it('keeps no sample that the line check has not passed', async () => {
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    const sensor = await anemometer({ metresPerSecondPerHz: 1 }).driver.start(countingSession(board))
    for (let second = 1; second < 10; second++) {
      board.boardMs = second * 1000
      board.pulses[1] = second === 5 ? 400 : second // a garbled one
      const commit = await sensor.sample?.()
      if (second !== 5) commit?.()
    }
    board.boardMs = 10_000
    board.pulses[1] = 10
    expect((await sensor.read()).values).toEqual({ pulses: 10, speed: 1, gust: 1 })
  })

  it('takes the time since the last row that was kept, when one was not', async () => {
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    const sensor = await anemometer({ metresPerSecondPerHz: 1 }).driver.start(countingSession(board))
    board.boardMs = 10_000
    board.pulses[1] = 100
    await sensor.read()
    board.boardMs = 20_000
    expect((await sensor.read()).values).toMatchObject({ pulses: 100, speed: 5 })
  })

  it('knows nothing of the wind before its session', async () => {
    const { driver } = anemometer({ metresPerSecondPerHz: 1 })
    const board: CountingBoard = { boardMs: 0, pulses: [0, 0, 0] }
    await driver.start(countingSession(board))
    board.boardMs = 3_600_000
    board.pulses[1] = 36_000
    const sensor = await driver.start(countingSession(board))
    board.boardMs += 10_000
    expect((await sensor.read()).values).toMatchObject({ pulses: 0, speed: 0 })
  })

  it('refuses a counter that went back', async () => {
    const board: CountingBoard = { boardMs: 5_000, pulses: [0, 9, 0] }
    const sensor = await anemometer().driver.start(countingSession(board))
    board.boardMs = 4_000
    await expect(sensor.read()).rejects.toMatchObject({ code: 'sensor-invalid' })
  })

  it('goes on over the end of the counter and of the clock of the board', async () => {
    const board: CountingBoard = { boardMs: 2 ** 35 - 1000, pulses: [0, 2 ** 32 - 5, 0] }
    const sensor = await anemometer({ metresPerSecondPerHz: 1 }).driver.start(countingSession(board))
    board.boardMs = 9_000
    board.pulses[1] = 15
    expect((await sensor.read()).values).toMatchObject({ pulses: 20, speed: 2 })
  })
})
