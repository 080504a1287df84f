/** The chip is reset while its port stays open: by its button, and by a supply that sags. What it had counted is gone. */
import type { ResetCause } from '../avr/index.ts'
import { calm, type Scenario } from './scenario.ts'

function resetBy(name: string, cause: Exclude<ResetCause, 'watchdog'>, what: string, summary: string): Scenario {
  return {
    name,
    summary,
    station: 'weather-station',
    setup: { bootloader: true }, // so opening the port resets the board once more, as on a real Uno
    play: async (lab, dice) => {
      for (let times = 0; times < 2; times++) {
        await calm(lab, dice, 9_000)
        lab.note(what)
        lab.bench.uno.reset(cause)
        lab.mended()
      }
      await lab.pass(15_000)
    },
    expect: {
      faults: [{ subject: 'board', code: 'board-restarted' }],
      mayAlso: [
        { subject: 'board', code: 'board-silent' },
        { subject: 'line', code: 'board-silent' },
        { subject: 'line', code: 'board-garbled' },
        { subject: 'air', code: 'sensor-silent' },
        { subject: 'vane', code: 'sensor-silent' },
        { subject: 'rain', code: 'board-silent' },
        { subject: 'wind', code: 'board-silent' },
      ],
      recoverMs: 8_000,
      rows: 12,
    },
  }
}

/** Somebody presses the button. */
export const reset: Scenario = resetBy(
  'reset',
  'external',
  'somebody presses the reset button',
  'The reset button is pressed twice; Optiboot waits, and opening the port resets once more.',
)

/** The supply sags. */
export const brownOut: Scenario = resetBy(
  'brown-out',
  'brown-out',
  'the supply sags: brown-out reset',
  'The supply sags twice, as when a pump starts: brown-out resets behind Optiboot.',
)
