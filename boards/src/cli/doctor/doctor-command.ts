/** `fieldproof doctor`: what is wrong here, and what to do about it. */
import { parseOptions, printable, printableJson } from '@fieldproof/sdk/cli'
import { environmentOverrides, readConfig, type StationConfig } from '../../config/index.ts'
import type { StationCommand, Surroundings } from '../surroundings.ts'
import { boardFindings } from './board-checks.ts'
import { clockCheck, diskCheck, nodeCheck, rootCheck, supplyCheck } from './computer-checks.ts'
import { type Check, type Finding, findingsOf, ok, type Patient } from './finding.ts'
import { configFinding, keyCheck, outboxCheck, wearCheck } from './folder-checks.ts'
import { brokerCheck, gatewayCheck } from './gateway-checks.ts'
import { holderCheck, portCheck, takersCheck, twinsCheck } from './serial-checks.ts'

/** The command. */
export const doctorCommand: StationCommand = {
  name: 'doctor',
  summary: 'find out what is wrong',
  help: `fieldproof doctor [DIR] [--port PORT] [--json]

Examines this computer and, with DIR, a station: Node, serial port and who holds it, clock, disk, supply, key, outbox, gateway and broker, the
firmware of the board, every sensor. Each finding is ok, warn, fail or skipped, with what to do. A board that a running station holds is
not touched. Exit code 1 when something fails. With --json one document: {"findings": [{"check", "status", "detail", "remedy"}]}.

  fieldproof doctor porch`,
  async run(args, surroundings) {
    const options = { port: { type: 'string' }, json: { type: 'boolean' } } as const
    const { values, positionals } = parseOptions(args, options, args.some((arg) => isFolder(arg, args)) ? 1 : 0)
    const dir = positionals[0] ?? null
    const findings = await examine(dir, typeof values['port'] === 'string' ? values['port'] : null, surroundings)
    if (values['json'] === true) surroundings.print(printableJson({ findings }))
    else surroundings.print([...findings.map(findingText), summary(findings)].join('\n'))
    return findings.some(({ status }) => status === 'fail') ? 1 : 0
  },
}

/** Whether an argument is the folder: no option, and not the value of one. */
function isFolder(arg: string, args: readonly string[]): boolean {
  return !arg.startsWith('-') && args[args.indexOf(arg) - 1] !== '--port'
}

const CHECKS: readonly Check[] = [
  nodeCheck,
  clockCheck,
  diskCheck,
  rootCheck,
  supplyCheck,
  portCheck,
  holderCheck,
  takersCheck,
  twinsCheck,
  keyCheck,
  outboxCheck,
  wearCheck,
  gatewayCheck,
  brokerCheck,
]

async function examine(
  dir: string | null,
  port: string | null,
  surroundings: Surroundings,
): Promise<readonly Finding[]> {
  const { config, finding } = await configOf(dir, surroundings)
  const patient: Patient = { surroundings, dir, config, port: port ?? config?.port ?? null }
  const findings: Finding[] = finding === null ? [] : [finding]
  for (const check of CHECKS) findings.push(...(await findingsOf(check, patient)))
  return [...findings, ...(await boardFindings(patient))]
}

async function configOf(
  dir: string | null,
  { profiles, env }: Surroundings,
): Promise<{ readonly config: StationConfig | null; readonly finding: Finding | null }> {
  if (dir === null) return { config: null, finding: null }
  try {
    const config = await readConfig(dir, profiles, environmentOverrides(env))
    return { config, finding: { check: 'settings', ...ok(`${config.profile.title}, station.yaml is valid`) } }
  } catch (error) {
    return { config: null, finding: { check: 'settings', ...configFinding(error) } }
  }
}

function findingText({ check, status, detail, remedy }: Finding): string {
  const line = `${status.padEnd(8)} ${check.padEnd(9)} ${detail}`
  return [line, ...(remedy === null ? [] : [`                   -> ${remedy}`])].map((one) => printable(one)).join('\n')
}

function summary(findings: readonly Finding[]): string {
  const count = (status: Finding['status']): number => findings.filter((one) => one.status === status).length
  return `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed, ${count('skipped')} skipped`
}
