/** Programs that the check of packages runs: their output is kept, and shown only when they did not do what they should. */
import { spawnSync } from 'node:child_process'

const TIMEOUT_MS = 300_000
const SHOWN_LINES = 30

/** Runs a program to its end. @returns its exit code and both outputs; the code is null when it did not start or end */
export function run(program, args, { cwd, env = process.env } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 26,
  })
  return { status, stdout: stdout ?? '', stderr: error === undefined ? stderr : `${stderr ?? ''}${error.message}` }
}

/** Runs a program that must succeed. @returns its standard output */
export function mustRun(program, args, options) {
  const { status, stdout, stderr } = run(program, args, options)
  if (status === 0) return stdout
  throw new Error(`${[program, ...args].join(' ')}: exit code ${status}\n${lastLines(stdout + stderr)}`)
}

/** The end of an output, for a finding. */
export function lastLines(text) {
  return text.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')
}
