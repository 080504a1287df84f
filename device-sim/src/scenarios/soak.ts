/** Faults at random, one after the other or two at once, on the model of the board, which is fast enough for many of them. */
import type { StationName } from '../lab/bench.ts'
import type { StationLab } from '../lab/station-lab.ts'
import { calm, type Dice, EVERYTHING_MAY_FAIL, type Scenario } from './scenario.ts'

const FAULTS = 25
const HOUR_MS = 3_600_000

type Trouble = (lab: StationLab, dice: Dice) => Promise<void>
type Troubles = Readonly<Record<string, Trouble>>

const ANYWHERE: Troubles = {
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
  // Back and forth by turns, so that the day stays the same.
  'the wall clock steps': async ({ stepWallClock }, dice) =>
    stepWallClock(dice.between(0, 1) < 0.5 ? -HOUR_MS / 2 : HOUR_MS / 4),
}

/** Breaks something for a while. */
function broken<Fault>(
  part: (lab: StationLab) => { readonly fail: (fault: Fault | undefined) => void } | undefined,
  ways: readonly Fault[],
): Trouble {
  return async (lab, dice) => {
    part(lab)?.fail(ways[Math.floor(dice.between(0, ways.length))])
    await lab.pass(Math.floor(dice.between(100, 5_000)))
    part(lab)?.fail(undefined)
  }
}

const WEATHER: Troubles = {
  'the BME280 is broken for a while': broken(
    ({ bench }) => bench.weather?.climate,
    ['absent', 'holds', 'zeros', 'frozen', { silentAfterBytes: 5 }, { silentAfterBytes: 40 }],
  ),
  'the wind vane is unplugged for a while': broken(({ bench }) => bench.weather?.vane, ['unplugged']),
}

const IRRIGATION: Troubles = {
  'somebody waters': async ({ running, pass }, dice) => {
    const failed = (): void => undefined // it says so in a row
    running.valve?.open(Math.floor(dice.between(200, 9_000))).catch(failed)
    await pass(Math.floor(dice.between(100, 3_000)))
    if (dice.between(0, 1) < 0.3) running.valve?.close().catch(failed)
  },
  'the thermometer is broken for a while': broken(
    ({ bench }) => bench.irrigation?.soil,
    ['absent', 'shorted', 'corrupt'],
  ),
  'a soil probe is broken for a while': broken(
    ({ bench }) => bench.irrigation?.shallow,
    ['floating', 'rail', 'ground', 'frozen'],
  ),
  'the water is shut off for a while': broken(({ bench }) => bench.irrigation?.flow, ['no-pressure', 'leak']),
}

function soaked(name: string, station: StationName, troubles: Troubles): Scenario {
  return {
    name,
    summary: `${FAULTS} faults at random, chosen by the seed, on the model of the board: ${station}.`,
    station,
    setup: { firmware: 'model', bootloader: true },
    play: async (lab, dice) => {
      const names = Object.keys(troubles)
      for (let i = 0; i < FAULTS; i++) {
        await calm(lab, dice, Math.floor(dice.between(500, 9_000)))
        const trouble = names[Math.floor(dice.between(0, names.length))] ?? ''
        lab.note(trouble)
        await troubles[trouble]?.(lab, dice)
      }
      lab.note('everything is well')
      lab.mended()
      await lab.pass(45_000)
    },
    expect: { faults: [], mayAlso: EVERYTHING_MAY_FAIL, recoverMs: 43_000, rows: 30 },
  }
}

/** The weather station among faults. */
export const soak: Scenario = soaked('soak', 'weather-station', { ...ANYWHERE, ...WEATHER })
/** The irrigation station among faults, while it waters. */
export const soakIrrigation: Scenario = soaked('soak-irrigation', 'irrigation-station', { ...ANYWHERE, ...IRRIGATION })
