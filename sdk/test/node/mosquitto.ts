/** Mosquitto on a free port, as a child process with a configuration of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Mosquitto {
  readonly port: number
  readonly dir: string
  close(): Promise<void>
}

/** @param config lines after the listener's, which may name files of `dir` */
export async function startMosquitto(
  config: readonly string[],
  prepare: (dir: string) => Promise<void> | void = () => {},
): Promise<Mosquitto> {
  const binary = findMosquitto()
  const dir = await mkdtemp(join(tmpdir(), 'mosquitto-'))
  await prepare(dir)
  const port = await freePort()
  const lines = [`listener ${port} 127.0.0.1`, 'persistence false', 'user root', ...config]
  await writeFile(join(dir, 'mosquitto.conf'), `${lines.join('\n')}\n`)
  const child = spawn(binary, ['-c', 'mosquitto.conf'], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const exited = once(child, 'exit').then(() => {
    throw new Error(`mosquitto exited: ${said}`)
  })
  await Promise.race([listening(port), exited])
  exited.catch(() => {}) // from here on it ends when it is told to
  return {
    port,
    dir,
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      await rm(dir, { recursive: true })
    },
  }
}

function findMosquitto(): string {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const found = dirs.map((dir) => join(dir, 'mosquitto')).find((path) => existsSync(path))
  if (found === undefined) {
    throw new Error(
      'no mosquitto on PATH or in /usr/sbin: install it (Debian: apt-get install mosquitto) and run again',
    )
  }
  return found
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const [up] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'error').then(() => [false]),
    ]).catch(() => [false])
    socket.destroy()
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 10)) // until the child listens: there is no event for it
  }
}

/** Runs openssl in `dir`; certificates are the one thing that Node cannot make. */
export function openssl(dir: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' })
  if (error) throw new Error('no openssl on PATH: install it (Debian: apt-get install openssl) and run again')
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
}
