/** Another program has the port when the board comes back: a serial monitor, or ModemManager. */
import { calm, type Scenario } from './scenario.ts'

/** See the file's head. */
export const portTaken: Scenario = {
  name: 'port-taken',
  summary: 'The cable is pulled, and another program has the port for 15 s when it is plugged back.',
  station: 'weather-station',
  play: async (lab, dice) => {
    await calm(lab, dice)
    lab.note('the cable is pulled')
    lab.bench.line.unplug()
    lab.dark()
    await lab.pass(2_000)
    lab.note('it is plugged back, and a serial monitor opens the port first')
    const release = lab.bench.line.take()
    lab.bench.line.plug()
    await lab.pass(15_000)
    lab.note('the serial monitor is closed')
    release()
    lab.light()
    lab.mended()
    await lab.pass(22_000)
  },
  expect: {
    faults: [{ subject: 'board', code: 'port-unavailable' }],
    mayAlso: [{ subject: 'board', code: 'board-disconnected' }],
    recoverMs: 18_000,
    rows: 9,
  },
}
