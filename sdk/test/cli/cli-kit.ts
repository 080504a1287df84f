/** Runs one command line in this process. */
import type { Context } from '../../src/cli/command.ts'
import { main } from '../../src/cli/main.ts'

/** What a command did. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `fieldproof ARGS`. */
export async function run(...args: string[]): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const context: Context = {
    print: (text) => out.push(text),
    error: (text) => err.push(text),
    colours: false,
    now: () => 1_790_000_000_000,
  }
  const code = await main(args, context)
  return { code, out: out.join('\n'), err: err.join('\n') }
}
