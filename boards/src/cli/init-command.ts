/** `fieldproof init` for a station with a board; `fieldproof init` of the SDK leads here. */
import { join, resolve } from 'node:path'
import { errorLine } from '@fieldproof/sdk/base'
import { parseOptions, printable, printableJson, usageError } from '@fieldproof/sdk/cli'
import { accountAddress, checksumAddress } from '@fieldproof/sdk/evm'
import { type InitResult, initStation } from '@fieldproof/sdk/node'
import { configPath, readConfig, type StationConfig } from '../config/index.ts'
import { askForGateway, askForPort, askForStation } from './station/questions.ts'
import { addGateway, isThere, type MadeFolder, makeFolder } from './station/station-folder.ts'
import type { StationCommand, Surroundings } from './surroundings.ts'

/** The command. */
export const initCommand: StationCommand = {
  name: 'init',
  summary: "make a station's folder",
  help: `fieldproof init DIR --station NAME [--port PORT] [--gateway URL] [--owner 0x…] [--json]

Makes DIR with everything that a station needs: a machine key (readable by you alone), an empty outbox, station.yaml with every
setting explained, wiring.svg, and fieldproof.service for systemd. NAME is weather-station or irrigation-station. In a terminal it asks for
what is not given. Again on the same folder it changes nothing that exists; a gateway may be added later.

  --port PORT    serial port of the board, as \`fieldproof ports\` lists it
  --gateway URL  pins this gateway and enrols the machine where the gateway offers that; without one everything stays here
  --owner 0x…    address or public key of the account that the machine obeys; a gateway that enrols for another one is refused

  fieldproof init porch --station weather-station --port /dev/serial/by-id/usb-Arduino-if00
  fieldproof init porch --gateway http://127.0.0.1:8787`,
  async run(args, surroundings) {
    const { values, positionals } = parseOptions(args, OPTIONS, 1)
    const dir = String(positionals[0])
    const given = {
      station: textOf(values['station']),
      port: absolutePort(textOf(values['port'])),
      gateway: textOf(values['gateway']),
      owner: textOf(values['owner']),
    }
    const before = (await isThere(configPath(dir))) ? await readConfig(dir, surroundings.profiles) : null
    const made =
      before === null ? await create(dir, given, surroundings) : await again(dir, before, given, surroundings)
    if (values['json'] === true) surroundings.print(printableJson({ dir, ...made }))
    else surroundings.print(describe(dir, made))
    return 0
  },
}

const OPTIONS = {
  station: { type: 'string' },
  port: { type: 'string' },
  gateway: { type: 'string' },
  owner: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** A service, and whoever calls from another folder, must find it too. Windows' COM3 is no path. */
function absolutePort(port: string | null): string | null {
  return port === null || /^COM\d+$/i.test(port) ? port : resolve(port)
}

type Given = Readonly<Record<'station' | 'port' | 'gateway' | 'owner', string | null>>

/** What a program is told; names are stable. */
interface Made extends MadeFolder {
  readonly station: string
  readonly gateway: string | null
  readonly enrolment: InitResult['enrolment'] | null
  /** Who the gateway enrols for. */
  readonly enrolledFor: string | null
}

async function create(dir: string, given: Given, surroundings: Surroundings): Promise<Made> {
  const { profiles, isInteractive } = surroundings
  if (given.owner !== null) ownerOf(given.owner)
  if (given.station === null && !isInteractive) {
    throw usageError(`want --station NAME: ${Object.keys(profiles).join(' or ')}`)
  }
  const isAsking = given.station === null
  const station = given.station ?? (await askForStation(surroundings))
  const profile = Object.hasOwn(profiles, station) ? profiles[station] : undefined
  if (profile === undefined) {
    throw usageError(`--station: no ${JSON.stringify(station)}, want ${Object.keys(profiles).join(' or ')}`)
  }
  const port = given.port ?? (isAsking ? await askForPort(surroundings) : null)
  const gateway = given.gateway ?? (isAsking ? await askForGateway(surroundings) : null)
  const joined = gateway === null ? null : await joinGateway(dir, gateway, given.owner, surroundings)
  const folder = await makeFolder(dir, profile, { port, gateway, owner: given.owner })
  const created = folder.created || (joined?.created ?? false)
  return { ...folder, created, ...facts(station, gateway, joined) }
}

async function again(dir: string, before: StationConfig, given: Given, surroundings: Surroundings): Promise<Made> {
  const { profile, port, gateway, owner } = before
  expectSame('station', profile.name, given.station)
  expectSame('port', port, given.port)
  expectSame('owner', owner, given.owner)
  if (gateway !== null) expectSame('gateway', gateway, given.gateway)
  const url = gateway ?? given.gateway
  const joined = url === null ? null : await joinGateway(dir, url, owner, surroundings)
  if (gateway === null && given.gateway !== null) await addGateway(dir, given.gateway, surroundings.profiles)
  const folder = await makeFolder(dir, profile, { port, gateway: url, owner })
  return { ...folder, ...facts(profile.name, url, joined) }
}

function facts(
  station: string,
  gateway: string | null,
  joined: InitResult | null,
): Pick<Made, 'station' | 'gateway' | 'enrolment' | 'enrolledFor'> {
  const enrolledFor = joined?.owner == null ? null : checksumAddress(joined.owner)
  return { station, gateway, enrolment: joined?.enrolment ?? null, enrolledFor }
}

async function joinGateway(dir: string, url: string, owner: string | null, { now }: Surroundings): Promise<InitResult> {
  return await initStation(dir, url, now(), owner === null ? null : ownerOf(owner))
}

function ownerOf(text: string): Uint8Array {
  try {
    return accountAddress(text)
  } catch (error) {
    throw usageError(`--${errorLine(error).replace(/^out-of-range: /, '')}`)
  }
}

/** What is given again must be what stands there: init does not change it, and must not seem to. */
function expectSame(name: string, is: string | null, given: string | null): void {
  if (given === null || given === is) return
  throw usageError(`--${name}: station.yaml says ${is ?? 'none'}; change it there`)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function describe(dir: string, made: Made): string {
  const { machine, created, files, station, gateway, enrolment, enrolledFor } = made
  const lines = [
    `${dir}: ${created ? 'new' : 'existing'} machine ${machine}, ${station}`,
    files.length === 0 ? '  nothing new' : `  made    ${files.join(', ')}`,
    gateway === null ? '  gateway none: rows are signed and kept here' : `  gateway ${gateway}`,
    ...(enrolment === null ? [] : [`  ${enrolment}${enrolledFor === null ? '' : `, owner ${enrolledFor}`}`]),
    `Next: wire it (${join(dir, 'wiring.svg')}), then: fieldproof doctor ${dir}; fieldproof run ${dir}`,
  ]
  return lines.map((line) => printable(line)).join('\n')
}
