/** What the commands touch of this computer: everything that a test wants to have in its own hands. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import type { Context } from '@fieldproof/sdk/cli'
import { terminal } from '@fieldproof/sdk/cli'
import type { Clock } from '@fieldproof/sdk/machine'
import { systemClock } from '@fieldproof/sdk/node'
import type { Profiles } from '../config/index.ts'
import { type OpenLine, serialPortLine } from '../line/index.ts'
import { STATIONS } from '../stations/index.ts'

/** See the file's head. */
export interface Surroundings extends Context {
  readonly profiles: Profiles
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Folder that stands for `/` when the computer itself is looked at; empty for the real one. */
  readonly root: string
  /** Whether a person sits there who can be asked. */
  readonly isInteractive: boolean
  /** Asks a person for a line. */
  ask(question: string): Promise<string>
  openLine(path: string): OpenLine
  /** Calls `listener` for each request to stop: SIGTERM, SIGINT, and once for a terminal or a pipe that is gone. Returns what ends it. */
  onStop(listener: () => void): () => void
  /** Runs a program on this terminal; resolves with its exit code. */
  runProgram(program: string, args: readonly string[]): Promise<number>
  /** Ends the process at once. */
  exit(code: number): void
}

/** A command of this package. */
export interface StationCommand {
  readonly name: string
  readonly summary: string
  /** Whole help text, with an example. */
  readonly help: string
  /** Exit code. @throws FieldproofError */
  run(args: readonly string[], surroundings: Surroundings): Promise<number>
}

/** This computer. */
export function realSurroundings(): Surroundings {
  const stops = new Set<() => void>()
  const stop = (): void => {
    for (const listener of stops) listener()
  }
  // A terminal that hangs up says so to each process of it, to some twice, and then takes no output: together they ask once.
  let isHungUp = false
  const hangUp = (): void => {
    if (isHungUp) return
    if (stops.size === 0) process.exit(2)
    isHungUp = true
    stop()
  }
  const signals = [
    ['SIGTERM', stop],
    ['SIGINT', stop],
    ['SIGHUP', hangUp],
  ] as const
  return {
    ...terminal(hangUp),
    profiles: STATIONS,
    env: process.env,
    clock: systemClock(),
    root: '',
    isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stdout })
      try {
        return (await lines.question(question)).trim()
      } finally {
        lines.close()
      }
    },
    openLine: serialPortLine,
    onStop(listener) {
      if (stops.size === 0) for (const [signal, end] of signals) process.on(signal, end)
      stops.add(listener)
      return () => {
        stops.delete(listener)
        if (stops.size === 0) for (const [signal, end] of signals) process.off(signal, end)
      }
    },
    runProgram: (program, args) =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: 'inherit' })
        child.once('error', reject)
        child.once('exit', (code) => resolve(code ?? 1))
      }),
    exit: (code) => process.exit(code),
  }
}
