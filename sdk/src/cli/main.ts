/**
 * The `fieldproof` command. `fieldproof X` runs the command X of this package, or else the program `fieldproof-X` of an
 * installed package, as git does. Exit codes: 0 done, 1 refused or failed, 2 could not be tried.
 */
import { type Code, errorLine, fieldproofErrorOf } from '../base/index.ts'
import { type Command, type Context, usageError } from './command.ts'
import { delegate } from './delegate.ts'
import { initCommand } from './init-command.ts'
import { keyCommand } from './key-command.ts'
import { printableLines } from './printable.ts'
import { proofCommand } from './proof-command.ts'
import { terminal } from './terminal.ts'
import { verifyCommand } from './verify-command.ts'
import { versionOf } from './version.ts'

const COMMANDS: readonly Command[] = [verifyCommand, proofCommand, initCommand, keyCommand]

/** What other packages bring; each answers --help. */
const OTHERS = `Of a station with a board (@fieldproof/boards):
  init, run, rows, ports, valve, sensors, doctor, flash, wiring
Of other packages: sim (@fieldproof/device-sim), gateway (@fieldproof/gateway)`

/** Errors from before the work itself began. */
const NOT_TRIED: readonly Code[] = [
  'usage',
  'file-unreadable',
  'trust-invalid',
  'config-invalid',
  'station-not-running',
]

/** Runs one command line and returns the exit code; prints, and never throws. */
export async function main(argv: readonly string[], context: Context = terminal()): Promise<number> {
  const [name = '--help', ...rest] = argv
  try {
    if (name === '--help' || name === '-h' || name === 'help') return help(rest[0], context)
    if (name === '--version' || name === '-v') return print(context, await versionOf())
    const command = COMMANDS.find((c) => c.name === name)
    if (command === undefined) return await delegate(name, rest)
    // Only by itself: a file of that name, given by a stranger, must not turn a verification into exit code 0.
    if (rest.length === 1 && (rest[0] === '--help' || rest[0] === '-h')) return print(context, command.help)
    return await command.run(rest, context)
  } catch (error) {
    context.error(`fieldproof: ${printableLines(errorLine(error))}`)
    const isCommand = COMMANDS.some((c) => c.name === name)
    if (fieldproofErrorOf(error)?.code === 'usage')
      context.error(`Try: fieldproof ${isCommand ? `${name} ` : ''}--help`)
    return exitCodeOf(error)
  }
}

/** Exit code for what a command threw: 2 when the work itself was never begun, else 1. */
export function exitCodeOf(error: unknown): 1 | 2 {
  const known = fieldproofErrorOf(error)
  return known === undefined || NOT_TRIED.includes(known.code) ? 2 : 1
}

function help(name: string | undefined, context: Context): number {
  const command = COMMANDS.find((c) => c.name === name)
  if (command !== undefined) return print(context, command.help)
  if (name !== undefined) throw usageError(`no command ${name}`)
  const lines = COMMANDS.map((c) => `  ${c.name.padEnd(8)} ${c.summary}`)
  return print(
    context,
    `fieldproof <command> [options]\n\n${lines.join('\n')}\n\n${OTHERS}\n\nfieldproof <command> --help says more.`,
  )
}

function print(context: Context, text: string): number {
  context.print(text)
  return 0
}
