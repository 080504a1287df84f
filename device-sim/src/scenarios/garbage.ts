/** Minutes of a bad cable: a little at first, then so much that no connection lasts, then a little again. */
import type { FaultRates } from '../line/byte-faults.ts'
import { calm, EVERYTHING_MAY_FAIL, type Scenario } from './scenario.ts'

/** Of a thousand bytes so many are hit, for how long. */
const PHASES: readonly (readonly [perMille: number, ms: number])[] = [
  [0.5, 60_000],
  [3, 45_000],
  [40, 20_000],
  [1, 45_000],
]

function ratesOf(perMille: number): FaultRates {
  const share = perMille / 1000 / 4
  return { dropPerByte: share, changePerByte: share, garbagePerByte: share, cutPerMessage: 10 * share }
}

/** See the file's head. */
export const garbage: Scenario = {
  name: 'garbage',
  summary: 'Three minutes of lost, changed and made-up bytes and cut messages, in both directions.',
  station: 'weather-station',
  play: async (lab, dice) => {
    await calm(lab, dice, 5_000)
    const { toHost, toBoard } = lab.bench.cable
    for (const [perMille, ms] of PHASES) {
      lab.note(`of a thousand bytes ${perMille} are hit`)
      for (const direction of [toHost, toBoard]) direction.setRates(ratesOf(perMille))
      await lab.pass(ms)
    }
    const { dropped, changed, inserted, cut } = toHost.counts()
    lab.note(`the cable is good again; to us ${dropped} lost, ${changed} changed, ${inserted} made up, ${cut} cut`)
    for (const direction of [toHost, toBoard]) direction.setRates({})
    lab.mended()
    await lab.pass(45_000)
  },
  expect: {
    faults: [{ subject: 'line', code: 'board-garbled' }],
    mayAlso: EVERYTHING_MAY_FAIL,
    recoverMs: 43_000,
    rows: 40,
  },
}
