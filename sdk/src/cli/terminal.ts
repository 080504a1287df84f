/** The real terminal. Colours only where somebody looks at them: a TTY, and no NO_COLOR. */
import type { Context } from './command.ts'

/**
 * Context on the process's own streams.
 * @param onLost told when they take nothing any more. By default the process ends at once: a verdict that nobody could be told is none, and a
 * closed pipe or a full disk is "could not be tried", without a trace
 */
export function terminal(onLost: () => void = () => process.exit(2)): Context {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onLost)
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    colours: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    now: () => Date.now(),
  }
}
