/** Somebody sets the port to another rate (`stty`), and back. */
import { calm, type Scenario } from './scenario.ts'

const [WRONG_BPS, RIGHT_BPS] = [9_600, 57_600]

/** See the file's head. */
export const wrongBaud: Scenario = {
  name: 'wrong-baud',
  summary: 'The port is set to 9600 bit/s for 20 s: noise in both directions, and no row of it.',
  station: 'weather-station',
  play: async (lab, dice) => {
    await calm(lab, dice)
    lab.note(`the port has ${WRONG_BPS} bit/s`)
    lab.bench.line.setBaudRate(WRONG_BPS)
    lab.dark()
    await lab.pass(20_000)
    lab.note(`the port has ${RIGHT_BPS} bit/s again`)
    lab.bench.line.setBaudRate(RIGHT_BPS)
    lab.light()
    lab.mended()
    await lab.pass(25_000)
  },
  expect: {
    faults: [{ subject: 'board', code: 'board-silent' }],
    mayAlso: [
      { subject: 'line', code: 'board-silent' },
      { subject: 'line', code: 'board-garbled' },
      ...(['air', 'wind', 'vane', 'rain'] as const).flatMap((subject) =>
        (['sensor-silent', 'board-silent', 'board-garbled'] as const).map((code) => ({ subject, code })),
      ),
    ],
    recoverMs: 20_000,
    rows: 9,
  },
}
