/** `fieldproof init`: makes a station's folder, with its key, its pinned gateway and its enrolment. */
import { type InitResult, initStation } from '../node/station-files.ts'
import { type Command, parseOptions, usageError } from './command.ts'

const ENROLMENT: Readonly<Record<InitResult['enrolment'], string>> = {
  enrolled: 'enrolled in the registry',
  'already-enrolled': 'enrolled before',
  'not-offered': 'not enrolled: this gateway relays no enrolments, so its owner must enrol the machine',
}

/** The command. */
export const initCommand: Command = {
  name: 'init',
  summary: "make a station's folder: key, pinned gateway, enrolment",
  help: `fieldproof init DIR --gateway URL

Creates DIR with a new machine key (P-256, readable by you alone), pins the gateway's log key, and enrols the machine when
the gateway offers that. Running it again changes nothing that exists.

  fieldproof init porch --gateway http://127.0.0.1:8787`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, { gateway: { type: 'string' } }, 1)
    if (typeof values['gateway'] !== 'string') throw usageError('want --gateway URL')
    const dir = String(positionals[0])
    const { machine, created, gateway, enrolment } = await initStation(dir, values['gateway'], context.now())
    const enrolled = ENROLMENT[enrolment]
    context.print(
      `${dir}: ${created ? 'new' : 'existing'} machine ${machine}\n  pinned  ${gateway.vkey}\n  ${enrolled}`,
    )
    return 0
  },
}
