/**
 * The commands of a station: `fieldproof X` of the SDK runs `fieldproof-X`, and each file in bin/ calls this. Exit codes: 0 done,
 * 1 refused or failed, 2 could not be tried. With --json an error is one JSON object, too.
 */
import { errorLine, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { exitCodeOf, printableJson, printableLines } from '@fieldproof/sdk/cli'
import { doctorCommand } from './doctor/doctor-command.ts'
import { flashCommand } from './flash-command.ts'
import { initCommand } from './init-command.ts'
import { portsCommand } from './ports-command.ts'
import { rowsCommand } from './rows-command.ts'
import { runCommand } from './run-command.ts'
import { sensorsCommand } from './sensors-command.ts'
import { realSurroundings, type StationCommand, type Surroundings } from './surroundings.ts'
import { wiringCommand } from './wiring-command.ts'

/** Every command by name. */
export const COMMANDS: Readonly<Record<string, StationCommand>> = Object.freeze(
  Object.fromEntries(
    [
      initCommand,
      runCommand,
      rowsCommand,
      portsCommand,
      sensorsCommand,
      doctorCommand,
      flashCommand,
      wiringCommand,
    ].map((command) => [command.name, command]),
  ),
)

/** Runs one command and returns its exit code; prints, and never throws. */
export async function main(
  name: string,
  args: readonly string[],
  surroundings: Surroundings = realSurroundings(),
): Promise<number> {
  const command = COMMANDS[name]
  try {
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
