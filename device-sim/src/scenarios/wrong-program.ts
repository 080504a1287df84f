/** The chip has no program, or somebody else's, until ours is flashed. The port is away while that is done. */
import { type FirmwareChoice, firmwareHex } from '../lab/firmware.ts'
import type { Scenario } from './scenario.ts'

const FLASHING_MS = 3_000

function untilFlashed(
  firmware: () => FirmwareChoice,
  waitMs: number,
  about: Pick<Scenario, 'name' | 'summary' | 'expect'>,
): Scenario {
  return {
    ...about,
    station: 'weather-station',
    setup: { firmware: firmware(), bootloader: true },
    play: async (lab) => {
      lab.note(`the chip holds: ${lab.bench.firmware}`)
      lab.dark()
      await lab.pass(waitMs)
      lab.note('our firmware is flashed')
      lab.bench.line.unplug()
      await lab.pass(FLASHING_MS)
      lab.bench.flash('fieldproof')
      lab.light()
      lab.mended()
      await lab.pass(16_000)
    },
  }
}

const FLASHING = { subject: 'board', code: 'port-unavailable' } as const
const AWAY = { subject: 'board', code: 'board-disconnected' } as const

/** Nobody ever answers. */
export const neverAnswers: Scenario = untilFlashed(() => 'erased', 11_000, {
  name: 'never-answers',
  summary: 'The chip is empty but for its bootloader: no connection, no row, until a program is flashed.',
  expect: {
    faults: [{ subject: 'board', code: 'board-silent' }],
    mayAlso: [FLASHING, AWAY],
    recoverMs: 12_000,
    rows: 3,
  },
})

/** A stranger answers. */
export const wrongFirmware: Scenario = untilFlashed(stranger, 8_000, {
  name: 'wrong-firmware',
  summary: 'The chip runs a program that speaks Firmata and is not ours: refused, until ours is flashed.',
  expect: {
    faults: [{ subject: 'board', code: 'board-firmware' }],
    mayAlso: [FLASHING, AWAY, { subject: 'board', code: 'board-silent' }],
    recoverMs: 12_000,
    rows: 3,
    also: ({ rows }) => {
      const well = rows.filter(({ values }) => values['subject'] === 'board' && values['state'] === 'ok')
      return well.length === 1 ? [] : [`the board was called well ${well.length} times, want once`]
    },
  },
})

/** StandardFirmata as somebody else built it, where npm's avrgirl-arduino is installed; otherwise one that is shipped. */
function stranger(): FirmwareChoice {
  try {
    firmwareHex('standard-firmata')
    return 'standard-firmata'
  } catch {
    return 'stranger'
  }
}
