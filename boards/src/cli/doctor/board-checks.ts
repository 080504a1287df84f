/** Checks that talk to the board. Opening its port resets it: they are skipped when anybody has it. */
import { fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { ConnectedBoard } from '../../board/connect.ts'
import { openBoard, othersAt } from '../host/board-access.ts'
import { packagedFirmware } from '../host/firmware.ts'
import { checkSensors, type SensorFinding } from '../host/sensor-check.ts'
import { type Finding, fail, findingsOf, ok, type Patient, skipped, warn } from './finding.ts'
import { isRunning } from './folder-checks.ts'

type Found = Omit<Finding, 'check'>

const FLASH = 'fieldproof flash --run'

/** Findings on firmware and sensors, with one connection for both. */
export async function boardFindings(patient: Patient): Promise<readonly Finding[]> {
  const why = await reasonToLeaveAlone(patient)
  if (why !== null || patient.port === null) {
    return ['firmware', 'sensors'].map((check) => ({ check, ...skipped(why ?? 'no port is set') }))
  }
  let board: ConnectedBoard
  try {
    board = await openBoard(patient.surroundings, patient.port)
  } catch (error) {
    return [
      { check: 'firmware', ...unreachable(error) },
      { check: 'sensors', ...skipped('the board does not answer') },
    ]
  }
  try {
    const firmware = await findingsOf({ name: 'firmware', run: async () => [await firmwareFinding(board)] }, patient)
    const sensors = await findingsOf({ name: 'sensors', run: () => sensorFindings(patient, board) }, patient)
    return [...firmware, ...sensors]
  } finally {
    await board.close()
  }
}

async function reasonToLeaveAlone({ surroundings: { root }, dir, port }: Patient): Promise<string | null> {
  if (port === null) return 'no port is set'
  if (await isRunning(dir)) return 'a running station holds the board: it is not reset'
  const [holder] = await othersAt(root, port)
  return holder === undefined ? null : `${holder.command} (${holder.pid}) holds the port: its board is not reset`
}

function unreachable(error: unknown): Found {
  const known = fieldproofErrorOf(error)
  if (known === undefined) throw error
  const detail = known.message.replace(`${known.code}: `, '')
  if (known.code !== 'port-unavailable') return fail(detail, `is it an Arduino Uno with our firmware? ${FLASH}`)
  if (known.facts['reason'] === 'taken') return skipped('another program holds the port: its board is not reset')
  return fail(detail, 'see the check "port"')
}

async function firmwareFinding({ session }: ConnectedBoard): Promise<Found> {
  const { firmware, identity } = session
  const ours = await packagedFirmware()
  const name = `${firmware.name} ${firmware.major}.${firmware.minor}`
  if (identity === null) return fail(`the board runs ${name}`, FLASH)
  if (identity.buildId === ours.buildId) return ok(`${name}, build ${identity.buildId}`)
  return warn(`${name}, build ${identity.buildId}; this package has ${ours.buildId}`, FLASH)
}

async function sensorFindings({ config, surroundings }: Patient, { session }: ConnectedBoard): Promise<Found[]> {
  if (config === null) return [skipped('no folder of a station was given')]
  if (session.identity === null) return [skipped('they want our firmware')]
  return (await checkSensors(config.definition, session, surroundings.clock)).map(sensorFinding)
}

function sensorFinding({ sensor, values, fault, remedy }: SensorFinding): Found {
  if (fault !== null) return fail(`${sensor}: ${fault.detail}`, remedy ?? 'check its wires')
  const shown = values
    .filter(({ value }) => value !== null)
    .map(({ quantity, value, unit }) => `${quantity} ${value} ${unit}`.trim())
  const text = `${sensor}: ${shown.join(', ') || 'answers, without a value yet'}`
  return remedy === null ? ok(text) : warn(text, remedy)
}
