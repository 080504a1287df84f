/** `fieldproof X` -> `fieldproof-X`, as git does: other packages bring their commands without this one knowing them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'
import { usageError } from './command.ts'

/** Runs `fieldproof-<name>` from beside this program or from the PATH, and returns its exit code. @throws FieldproofError `usage` */
export async function delegate(name: string, args: readonly string[]): Promise<number> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw usageError(`no command ${JSON.stringify(name)}`)
  return await new Promise((resolve, reject) => {
    const child = spawn(`fieldproof-${name}`, args, { stdio: 'inherit', env: { ...process.env, PATH: searchPath() } })
    const stopPassing = passSignals(child)
    child.once('error', () => {
      stopPassing()
      const where = '(a station: @fieldproof/boards, gateway: @fieldproof/gateway, sim: @fieldproof/device-sim)'
      reject(usageError(`no command ${name} here, and no program fieldproof-${name} is installed ${where}`))
    })
    child.once('exit', (code, signal) => {
      stopPassing()
      resolve(code ?? EXIT_BY_SIGNAL + (signal === null ? 1 : constants.signals[signal]))
    })
  })
}

/** What a shell says of a program that a signal ended, less the signal's number. */
const EXIT_BY_SIGNAL = 128

/**
 * Whoever ends this program means the other one, which may have a valve to close: it is told, and waited for. A terminal sends its Ctrl-C
 * to both by itself.
 */
function passSignals(child: ChildProcess): () => void {
  const listeners = (['SIGTERM', 'SIGHUP', 'SIGINT'] as const).map((signal) => {
    const pass = (): void => {
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal)
    }
    process.on(signal, pass)
    return () => process.off(signal, pass)
  })
  return () => {
    for (const stop of listeners) stop()
  }
}

/** npm puts the programs of one project side by side, on nobody's PATH unless `npx` runs them. */
function searchPath(): string {
  const beside = process.argv[1] === undefined ? [] : [dirname(process.argv[1])]
  return [...beside, ...(process.env['PATH']?.split(delimiter) ?? [])].join(delimiter)
}
