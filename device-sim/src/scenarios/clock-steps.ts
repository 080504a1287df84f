/** The wall clock steps, as it does on a Pi without a battery when the time service first hears from its servers. */
import { calm, type Scenario } from './scenario.ts'

const HOUR_MS = 3_600_000

/** See the file's head. */
export const clockSteps: Scenario = {
  name: 'clock-steps',
  summary: 'The wall clock jumps back an hour, and forth again: rows go on at their pace, nothing is counted twice.',
  station: 'weather-station',
  play: async (lab, dice) => {
    for (const byMs of [-HOUR_MS, HOUR_MS]) {
      await calm(lab, dice)
      lab.note(`the wall clock jumps ${byMs < 0 ? 'back' : 'forth'} an hour`)
      lab.stepWallClock(byMs)
      lab.mended()
    }
    await calm(lab, dice)
  },
  expect: {
    faults: [],
    recoverMs: 2_500,
    rows: 18,
    also: ({ rows }) => {
      const times = rows.flatMap(({ stream, time }) => (stream === 'weather' ? [time] : []))
      const steps = times.slice(1).filter((time, i) => Math.abs(time - (times[i] ?? time)) > HOUR_MS / 2)
      return steps.length === 2 ? [] : [`${steps.length} steps of the clock stand in the rows, want 2`]
    },
  },
}
