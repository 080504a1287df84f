/** `fieldproof valve`: commands the valve of a station that runs. The station has the port; nobody else opens it. */
import { fieldproofErrorOf } from '@fieldproof/sdk/base'
import { integerOption, parseOptions, printableJson, usageError } from '@fieldproof/sdk/cli'
import type { ValveReading } from '../board/ports.ts'
import { readConfig } from '../config/index.ts'
import { askStation } from './control/ask.ts'
import { noValve } from './control/commands.ts'
import type { ControlRequest } from './control/messages.ts'
import type { StationCommand, Surroundings } from './surroundings.ts'

/** The command. */
export const valveCommand: StationCommand = {
  name: 'valve',
  summary: 'open or close the valve of a running station',
  help: `fieldproof valve DIR open --for SECONDS [--json]
fieldproof valve DIR close [--json]
fieldproof valve DIR status [--json]

Commands the valve of the station that runs in DIR, over a socket there that only the station's own user may use, and prints what the board
read back. The station records it in the stream actuations. The board closes the valve when the time is over, whatever happens to this
computer; opening an open valve sets its time anew. With --json one document: {"valve": {"isOpen", "remainingMs", "state"}}.

  --for SECONDS  never without it; at most settings.valve.maxMs of station.yaml

  fieldproof valve garden open --for 300`,
  async run(args, surroundings) {
    const { values, positionals } = parseOptions(args, { for: { type: 'string' }, json: { type: 'boolean' } }, 2)
    const [dir = '', action = ''] = positionals
    const request = requestOf(action, values['for'])
    const reading = await askStation(dir, request, surroundings.clock).catch((error: unknown) =>
      explain(error, dir, surroundings),
    )
    surroundings.print(values['json'] === true ? printableJson({ valve: reading }) : valveText(reading))
    return 0
  },
}

function requestOf(action: string, time: unknown): ControlRequest {
  if (action === 'open') {
    if (typeof time !== 'string') throw usageError('a valve is opened for a time only: give --for SECONDS')
    const forSeconds = integerOption(time, 'for')
    if (forSeconds === 0) throw usageError('--for: want 1 or more seconds; `close` closes it')
    return { command: 'open', forSeconds }
  }
  if (action !== 'close' && action !== 'status') throw usageError(`want open, close or status, got ${action}`)
  if (time !== undefined) throw usageError(`--for goes with open, not with ${action}`)
  return { command: action }
}

/** Where no station runs: whether there is one at all, and whether starting it would help. */
async function explain(error: unknown, dir: string, { profiles }: Surroundings): Promise<never> {
  if (fieldproofErrorOf(error)?.code !== 'station-not-running') throw error
  const { definition } = await readConfig(dir, profiles)
  throw definition.valve === undefined ? noValve(definition) : error
}

const CLOSED: Readonly<Record<ValveReading['state'], string>> = {
  'never-opened': 'it was not opened since the board started',
  'closed-by-host': 'it was told to',
  'time-over': 'its time was over',
  'closed-by-reset': 'the board was told to begin again',
  open: 'although the board takes it for open',
}

/** For people, one line. */
function valveText({ isOpen, remainingMs, state }: ValveReading): string {
  if (!isOpen) return `valve closed (${CLOSED[state]})`
  if (state !== 'open') return `valve open, although the board takes it for closed (${state}): look at its wiring`
  return `valve open, closes by itself in ${Math.ceil(remainingMs / 1000)} s at the latest`
}
