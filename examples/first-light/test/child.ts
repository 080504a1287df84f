/** A child process that prints one JSON event a line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** An event that a child printed. */
export interface ChildEvent {
  readonly event: string
  readonly [field: string]: unknown
}

/** A running child. */
export interface Child {
  readonly process: ChildProcess
  readonly events: ChildEvent[]
  /** The first event, past or future, that matches; fails when the child ends before it. */
  waitFor(matches: (event: ChildEvent) => boolean): Promise<ChildEvent>
  /** Ends it with a signal; resolves with its exit code when it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts a Node script; lines that are not JSON are kept as events of the name `text`. */
export function startChild(script: string, args: readonly string[], options: { cwd?: string } = {}): Child {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const events: ChildEvent[] = []
  const waiting = new Set<() => void>()
  let code: number | null | undefined
  const exited = new Promise<number | null>((resolve) => child.once('exit', (c) => resolve(c)))
  const see = (line: string): void => {
    events.push(line.startsWith('{') ? (JSON.parse(line) as ChildEvent) : { event: 'text', line })
    for (const check of waiting) check()
  }
  createInterface({ input: child.stdout }).on('line', see)
  createInterface({ input: child.stderr }).on('line', see)
  void exited.then((c) => {
    code = c
    for (const check of waiting) check()
  })
  return {
    process: child,
    events,
    waitFor(matches) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          const found = events.find(matches)
          if (found === undefined && code === undefined) return
          waiting.delete(check)
          if (found !== undefined) resolve(found)
          else reject(new Error(`ended with ${code} before that: ${JSON.stringify(events.slice(-5))}`))
        }
        waiting.add(check)
        check()
      })
    },
    async end(signal) {
      child.kill(signal)
      return await exited
    },
  }
}
