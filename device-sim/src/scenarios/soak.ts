/** Faults at random, one after the other or two at once, on the model of the board, which is fast enough for many of them. */
import type { StationLab } from '../lab/station-lab.ts'
import { calm, type Dice, EVERYTHING_MAY_FAIL, type Scenario } from './scenario.ts'

const FAULTS = 25
const HOUR_MS = 3_600_000

type Trouble = (lab: StationLab, dice: Dice) => Promise<void>

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'the cable is pulled for a while': async ({ bench, dark, light, pass }, dice) => {
    dark()
    bench.line.unplug()
    await pass(Math.floor(dice.between(5, 6_000)))
    bench.line.plug()
    light()
  },
  'the chip is reset': async ({ bench }) => bench.uno.reset('external'),
  'the supply sags': async ({ bench }) => bench.uno.reset('brown-out'),
  'the chip hangs': async ({ bench, dark, light, until }) => {
    const before = bench.interruptions.length
    bench.uno.hang()
    dark()
    await until(() => bench.interruptions.length > before, 60_000)
    light()
  },
  'the cable is bad for a while': async ({ bench, pass }, dice) => {
    const share = 10 ** dice.between(-4, -2)
    const { toHost, toBoard } = bench.cable
    const rates = { dropPerByte: share, changePerByte: share, garbagePerByte: share, cutPerMessage: share }
    for (const direction of [toHost, toBoard]) direction.setRates(rates)
    await pass(Math.floor(dice.between(1_000, 15_000)))
    for (const direction of [toHost, toBoard]) direction.setRates({})
  },
  'the BME280 is silent for a while': async ({ bench, pass }, dice) => {
    const ways = ['absent', 'holds', 'zeros', 'frozen', { silentAfterBytes: Math.floor(dice.between(0, 60)) }] as const
    bench.weather?.climate.fail(ways[Math.floor(dice.between(0, ways.length))])
    await pass(Math.floor(dice.between(100, 5_000)))
    bench.weather?.climate.fail(undefined)
  },
  'the wind vane is unplugged for a while': async ({ bench, pass }, dice) => {
    bench.weather?.vane.fail('unplugged')
    await pass(Math.floor(dice.between(100, 5_000)))
    bench.weather?.vane.fail(undefined)
  },
  'the wall clock steps': async ({ stepWallClock }, dice) => {
    // Back and forth by turns, so that the day stays the same.
    stepWallClock(dice.between(0, 1) < 0.5 ? -HOUR_MS / 2 : HOUR_MS / 4)
  },
}

/** See the file's head. */
export const soak: Scenario = {
  name: 'soak',
  summary: `${FAULTS} faults at random, chosen by the seed, on the model of the board.`,
  station: 'weather-station',
  setup: { firmware: 'model', bootloader: true },
  play: async (lab, dice) => {
    const names = Object.keys(TROUBLES)
    for (let i = 0; i < FAULTS; i++) {
      await calm(lab, dice, Math.floor(dice.between(500, 9_000)))
      const name = names[Math.floor(dice.between(0, names.length))] ?? ''
      lab.note(name)
      await TROUBLES[name]?.(lab, dice)
    }
    lab.note('everything is well')
    lab.mended()
    await lab.pass(45_000)
  },
  expect: { faults: [], mayAlso: EVERYTHING_MAY_FAIL, recoverMs: 43_000, rows: 30 },
}
