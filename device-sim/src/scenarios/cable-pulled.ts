/** Somebody pulls the USB cable while a batch is half full, and puts it back. */
import { calm, type Scenario } from './scenario.ts'

/** See the file's head. */
export const cablePulled: Scenario = {
  name: 'cable-pulled',
  summary: 'The USB cable is pulled in mid-batch and plugged back after 20 s.',
  station: 'weather-station',
  play: async (lab, dice) => {
    await calm(lab, dice)
    lab.note('the cable is pulled')
    lab.bench.line.unplug()
    lab.dark()
    await lab.pass(20_000)
    lab.note('the cable is plugged back')
    lab.bench.line.plug()
    lab.light()
    lab.mended()
    await lab.pass(22_000)
  },
  expect: {
    faults: [{ subject: 'board', code: 'port-unavailable' }],
    mayAlso: [{ subject: 'board', code: 'board-disconnected' }],
    recoverMs: 6_000,
    rows: 10,
  },
}
