/** `fieldproof X` -> `fieldproof-X`, as git does: other packages bring their commands without this one knowing them. */
import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { usageError } from './command.ts'

/** Runs `fieldproof-<name>` from beside this program or from the PATH, and returns its exit code. @throws FieldproofError `usage` */
export async function delegate(name: string, args: readonly string[]): Promise<number> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw usageError(`no command ${JSON.stringify(name)}`)
  return await new Promise((resolve, reject) => {
    const child = spawn(`fieldproof-${name}`, args, { stdio: 'inherit', env: { ...process.env, PATH: searchPath() } })
    child.once('error', () =>
      reject(
        usageError(
          `no command ${name} here, and no program fieldproof-${name} is installed (gateway: @fieldproof/gateway)`,
        ),
      ),
    )
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** npm puts the programs of one project side by side, on nobody's PATH unless `npx` runs them. */
function searchPath(): string {
  const beside = process.argv[1] === undefined ? [] : [dirname(process.argv[1])]
  return [...beside, ...(process.env['PATH']?.split(delimiter) ?? [])].join(delimiter)
}
