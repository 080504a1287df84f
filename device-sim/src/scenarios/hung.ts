/** The chip stops. Its line stays open and its outputs stay as they are, so only that nobody answers tells it. */
import { calm, type Scenario } from './scenario.ts'

/** See the file's head. */
export const hung: Scenario = {
  name: 'hung',
  summary: 'The microcontroller stops; the reset when its port is opened anew revives it.',
  station: 'weather-station',
  setup: { bootloader: true },
  play: async (lab, dice) => {
    await calm(lab, dice)
    lab.note('the chip stops')
    const before = lab.bench.interruptions.length
    lab.bench.uno.hang()
    lab.dark()
    await lab.until(() => lab.bench.interruptions.length > before, 20_000)
    lab.note('opening the port has reset it')
    lab.light()
    lab.mended()
    await lab.pass(15_000)
  },
  expect: {
    faults: [{ subject: 'board', code: 'board-silent' }],
    mayAlso: [
      { subject: 'line', code: 'board-silent' },
      { subject: 'air', code: 'sensor-silent' },
      { subject: 'vane', code: 'sensor-silent' },
      { subject: 'rain', code: 'board-silent' },
      { subject: 'wind', code: 'board-silent' },
    ],
    recoverMs: 6_000,
    rows: 10,
  },
}
