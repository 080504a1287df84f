/**
 * The commands of a station: `fieldproof X` of the SDK runs `fieldproof-X`, and each file in bin/ calls this. Exit codes: 0 done,
 * 1 refused or failed, 2 could not be tried. With --json an error is one JSON object, too.
 */
import { errorLine, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { exitCodeOf, printableJson, printableLines } from '@fieldproof/sdk/cli'
import { realSurroundings, type StationCommand, type Surroundings } from './surroundings.ts'

/** Every command by name. Only the one that is wanted is loaded: a station runs for years on what it keeps in memory. */
export const COMMANDS: Readonly<Record<string, () => Promise<StationCommand>>> = Object.freeze({
  init: async () => (await import('./init-command.ts')).initCommand,
  run: async () => (await import('./run-command.ts')).runCommand,
  rows: async () => (await import('./rows-command.ts')).rowsCommand,
  ports: async () => (await import('./ports-command.ts')).portsCommand,
  sensors: async () => (await import('./sensors-command.ts')).sensorsCommand,
  doctor: async () => (await import('./doctor/doctor-command.ts')).doctorCommand,
  flash: async () => (await import('./flash-command.ts')).flashCommand,
  valve: async () => (await import('./valve-command.ts')).valveCommand,
  wiring: async () => (await import('./wiring-command.ts')).wiringCommand,
})

/** Runs one command and returns its exit code; prints, and never throws. */
export async function main(
  name: string,
  args: readonly string[],
  surroundings: Surroundings = realSurroundings(),
): Promise<number> {
  try {
    const command = await COMMANDS[name]?.()
    if (command === undefined) throw new Error(`no command ${name}`)
    if (args.includes('--help') || args.includes('-h')) {
      surroundings.print(command.help)
      return 0
    }
    return await command.run(args, surroundings)
  } catch (error) {
    tell(error, name, args.includes('--json'), surroundings)
    return exitCodeOf(error)
  }
}

function tell(error: unknown, name: string, json: boolean, surroundings: Surroundings): void {
  const known = fieldproofErrorOf(error)
  if (json) {
    const { code = 'internal', retry = 'final', docs = null } = known ?? {}
    surroundings.error(printableJson({ error: { code, message: errorLine(error), retry, docs } }))
    return
  }
  surroundings.error(`fieldproof ${name}: ${printableLines(errorLine(error))}`)
  if (known?.code === 'usage') surroundings.error(`Try: fieldproof ${name} --help`)
}
