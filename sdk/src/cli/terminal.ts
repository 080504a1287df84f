/** The real terminal. Colours only where somebody looks at them: a TTY, and no NO_COLOR. */
import type { Context } from './command.ts'

/** Context on the process's own streams. */
export function terminal(): Context {
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    colours: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    now: () => Date.now(),
  }
}
