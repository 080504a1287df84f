/** The command line of `fieldproof sim`, read strictly. */
import { integerOption, parseOptions, usageError } from '@fieldproof/sdk/cli'
import { PLAYABLE } from '../scenarios/index.ts'
import type { ServedBoard } from './serve-pty.ts'

/** What is asked for. */
export type SimRequest =
  | { readonly what: 'help' | 'list'; readonly json: boolean }
  | { readonly what: 'scenarios'; readonly names: readonly string[]; readonly seed: number; readonly json: boolean }
  | {
      readonly what: 'station'
      readonly station: string
      readonly seed: number
      readonly forMs: number
      readonly json: boolean
    }
  | ({ readonly what: 'pty'; readonly json: boolean } & ServedBoard)

/** Text of `--help`. */
export const HELP = `fieldproof sim: emulated boards, and what goes wrong with them

  fieldproof sim --list                                 what there is
  fieldproof sim --scenario NAME [--seed N] [--json]    plays one; it is ok if no false row was signed
  fieldproof sim --all [--seed N] [--json]              plays all of them, some at a time
  fieldproof sim --station NAME [--for SECONDS] [--seed N] [--json]
                                                        rows of a station (weather-station, irrigation-station)
  fieldproof sim --pty NAME [--link PATH] [--seed N]    an emulated board that any program can open (real time)

Our firmware is executed instruction by instruction, in virtual time; only valve-kill and --pty take real time. The same seed gives the same run.
With --json each result, or row, is one JSON document in a line. Exit codes: 0 ok, 1 not ok, 2 could not be tried.

Example: fieldproof sim --scenario cable-pulled --json`

const STATIONS = ['weather-station', 'irrigation-station'] as const
const DEFAULT_SECONDS = '60'
const MAX_SECONDS = 86_400

/** @throws FieldproofError `usage` */
export function parseRequest(args: readonly string[]): SimRequest {
  const { values } = parseOptions(
    args,
    {
      help: { type: 'boolean', short: 'h' },
      list: { type: 'boolean' },
      all: { type: 'boolean' },
      json: { type: 'boolean' },
      scenario: { type: 'string' },
      station: { type: 'string' },
      seed: { type: 'string' },
      for: { type: 'string' },
      pty: { type: 'string' },
      link: { type: 'string' },
    },
    0,
  )
  const json = values['json'] === true
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const [scenario, station, pty] = [text('scenario'), text('station'), text('pty')]
  const asked = [values['help'], values['list'], values['all'], scenario, station, pty].filter(
    (one) => one !== undefined,
  )
  if (asked.length === 0) return { what: 'help', json }
  if (asked.length > 1) throw usageError('want one of --list, --scenario, --all, --station, --pty')
  if (text('for') !== undefined && station === undefined) throw usageError('--for belongs to --station')
  const linkPath = text('link')
  if (linkPath !== undefined && pty === undefined) throw usageError('--link belongs to --pty')
  const seed = integerOption(text('seed') ?? '1', 'seed')
  if (pty !== undefined)
    return { what: 'pty', station: stationOf(pty), seed, json, ...(linkPath !== undefined && { linkPath }) }
  if (station !== undefined) {
    stationOf(station)
    const seconds = integerOption(text('for') ?? DEFAULT_SECONDS, 'for')
    if (seconds < 1 || seconds > MAX_SECONDS) throw usageError(`--for: want 1 to ${MAX_SECONDS} seconds`)
    return { what: 'station', station, seed, forMs: seconds * 1000, json }
  }
  const known = PLAYABLE.map(({ name }) => name)
  if (scenario !== undefined && !known.includes(scenario)) {
    throw usageError(`no scenario ${scenario}: there are ${known.join(', ')}`)
  }
  if (values['help'] === true) return { what: 'help', json }
  if (values['list'] === true) return { what: 'list', json }
  return { what: 'scenarios', names: scenario === undefined ? known : [scenario], seed, json }
}

function stationOf(name: string): ServedBoard['station'] {
  const station = STATIONS.find((one) => one === name)
  if (station === undefined) throw usageError(`no station ${name}: want ${STATIONS.join(' or ')}`)
  return station
}
