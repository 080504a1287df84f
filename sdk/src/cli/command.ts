/** What a command is, and how all of them read their options. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { FieldproofError } from '../base/index.ts'

/** Where a command prints. */
export interface Context {
  print(text: string): void
  error(text: string): void
  /** Whether standard output is a terminal that shows colours. */
  readonly colours: boolean
  /** Wall clock, milliseconds since 1970. */
  now(): number
}

/** One command of `fieldproof`. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Whole help text, with an example. */
  readonly help: string
  /** Exit code. @throws FieldproofError for what main prints */
  run(args: readonly string[], context: Context): Promise<number>
}

/** Values of the options of a command line. */
export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

/**
 * Reads options strictly: an unknown one is an error.
 * @throws FieldproofError `usage`
 */
export function parseOptions(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  positionals: number,
): Parsed {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    if (parsed.positionals.length !== positionals) {
      throw usageError(`want ${positionals} argument(s), got ${parsed.positionals.length}`)
    }
    return { values: parsed.values as Parsed['values'], positionals: parsed.positionals }
  } catch (cause) {
    if (cause instanceof FieldproofError) throw cause
    throw usageError(cause instanceof Error ? cause.message : String(cause))
  }
}

/** A whole number from an option's text. @throws FieldproofError `usage` */
export function integerOption(text: string, name: string): number {
  const value = Number(text)
  if (!/^[0-9]{1,15}$/.test(text)) throw usageError(`--${name}: want a whole number, got ${JSON.stringify(text)}`)
  return value
}

/** A mistake in the command line. */
export function usageError(detail: string): FieldproofError {
  return new FieldproofError('usage', detail)
}
