/**
 * `fieldproof init`: makes a station's folder, with its key, its pinned gateway and its enrolment. A station with a board is the other
 * package's: with --station, or where a person can be asked, `fieldproof-init` does the work.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checksumAddress } from '../evm/index.ts'
import { type InitResult, initStation } from '../node/station-files.ts'
import { type Command, parseOptions, usageError } from './command.ts'
import { delegate } from './delegate.ts'

const ENROLMENT: Readonly<Record<InitResult['enrolment'], string>> = {
  enrolled: 'enrolled in the registry',
  'already-enrolled': 'enrolled before',
  'not-offered': 'not enrolled: this gateway relays no enrolments, so its owner must enrol the machine',
}

/** The command. */
export const initCommand: Command = {
  name: 'init',
  summary: "make a station's folder: key, pinned gateway, enrolment; or a station with a board",
  help: `fieldproof init DIR --gateway URL [--json]
fieldproof init DIR --station NAME [--port PORT] [--gateway URL] [--owner 0x…] [--json]

Creates DIR with a new machine key (P-256, readable by you alone), pins the gateway's log key, and enrols the machine when
the gateway offers that. Running it again changes nothing that exists.

With --station (weather-station, irrigation-station) it makes a station with a board: its settings in station.yaml, its wiring, and a
service for systemd. It needs @fieldproof/boards, and no gateway. In a terminal it asks for what is not given.

  fieldproof init porch --gateway http://127.0.0.1:8787
  fieldproof init garden --station irrigation-station --port /dev/serial/by-id/usb-Arduino-if00`,
  async run(args, context) {
    if (isForBoards(args)) return await delegate('init', args)
    const { values, positionals } = parseOptions(args, { gateway: { type: 'string' }, json: { type: 'boolean' } }, 1)
    const dir = String(positionals[0])
    if (existsSync(join(dir, 'station.yaml'))) return await delegate('init', args)
    if (typeof values['gateway'] !== 'string') throw usageError('want --gateway URL, or --station NAME')
    const { machine, created, gateway, enrolment, owner } = await initStation(dir, values['gateway'], context.now())
    const owned = owner === null ? null : checksumAddress(owner)
    if (values['json'] === true) {
      context.print(JSON.stringify({ dir, machine, created, vkey: gateway.vkey, enrolment, owner: owned }))
      return 0
    }
    const enrolled = `${ENROLMENT[enrolment]}${owned === null ? '' : `, owner ${owned}`}`
    context.print(
      `${dir}: ${created ? 'new' : 'existing'} machine ${machine}\n  pinned  ${gateway.vkey}\n  ${enrolled}`,
    )
    return 0
  },
}

/** Whether the arguments ask for a station with a board: by name, by what only such a station has, or by leaving all open to a person. */
function isForBoards(args: readonly string[]): boolean {
  const names = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=')[0])
  if (names.some((name) => name === '--station' || name === '--port' || name === '--owner')) return true
  return process.stdin.isTTY === true && args.length === 1 && names.length === 0
}
