/** A soil probe is unplugged: its pin floats and picks up anything, often what a probe might say. */
import { calm, type Scenario } from './scenario.ts'

/** See the file's head. */
export const probeUnplugged: Scenario = {
  name: 'probe-unplugged',
  summary: 'The shallow soil probe is unplugged for a minute; its floating pin must not become a wetness.',
  station: 'irrigation-station',
  play: async (lab, dice) => {
    await calm(lab, dice, 9_000)
    lab.note('the shallow probe is unplugged: its pin floats')
    lab.bench.irrigation?.shallow.fail('floating')
    await calm(lab, dice, 60_000)
    lab.note('the shallow probe is plugged in again')
    lab.bench.irrigation?.shallow.fail(undefined)
    lab.mended()
    await calm(lab, dice, 9_000)
  },
  expect: {
    faults: [{ subject: 'shallow', code: 'sensor-invalid' }],
    recoverMs: 4_000,
    recoverColumn: 'shallowWetness',
    rows: 30,
    also: ({ rows }) =>
      rows.some(({ stream, values }) => stream === 'irrigation' && values['deepWetness'] === null)
        ? ['the deep probe did not go on']
        : [],
  },
}
