/** A whole gateway process and its disk: what is on it before a batch is acknowledged, and what becomes of a disk that fails. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLibsqlStore } from '../../src/ledger/index.ts'
import { TestMachine } from './machine-kit.ts'
import { TestLink } from './mqtt-kit.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/fieldproof-gateway.js', import.meta.url))
const BATCHES = 20
/** As strace shows it: four bytes to the machine, in one call. */
const PUBACK = / writev?\(\d+<TCP[^>]*>[^>]*>, (\[\{iov_base="@", iov_len=1\}, \{iov_base="\\2"|"@\\2)/

let folder: string
let config: string
let running: GatewayProcess | null = null

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fieldproof-disk-'))
  config = join(folder, 'config.json')
  const ports = { mqtt: { port: 0 }, http: { port: 0 } }
  writeFileSync(config, JSON.stringify({ origin: 'example.org/disk', dataDir: join(folder, 'data'), ...ports }))
  const [code] = await once(spawn(process.execPath, [PROGRAM, 'init', '--config', config]), 'exit')
  expect(code).toBe(0)
})
afterEach(() => {
  running?.kill()
  rmSync(folder, { recursive: true })
})

type Event = Readonly<Record<string, unknown>>

/** A running gateway under strace. */
class GatewayProcess {
  readonly events: Event[] = []
  readonly exited: Promise<number | null>
  pid = 0
  readonly #strace: ChildProcess
  #wake: () => void = () => undefined

  /** @param args of strace */
  constructor(args: readonly string[]) {
    // The shell says which process the gateway is, and becomes it.
    const command = ['sh', '-c', 'echo $$ && exec "$@"', 'sh', process.execPath, PROGRAM]
    const rest = ['run', '--json', '--config', config]
    this.#strace = spawn('strace', ['-f', '-yy', ...args, ...command, ...rest], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.exited = new Promise((resolve, reject) => {
      this.#strace.once('error', () => {
        reject(new Error('no strace on PATH: install it (Debian: apt-get install strace) and run again'))
      })
      this.#strace.once('close', (code) => {
        this.#wake()
        resolve(code)
      })
    })
    if (this.#strace.stdout === null) throw new Error('strace has no output')
    createInterface(this.#strace.stdout).on('line', (line) => {
      if (this.pid === 0) this.pid = Number(line)
      else this.events.push(JSON.parse(line) as Event)
      this.#wake()
    })
  }

  /** The first event of that name; fails when the process ends without it. */
  async first(name: string): Promise<Event> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name)
      if (found !== undefined) return found
      if (this.#strace.exitCode !== null) throw new Error(`the gateway ended without ${name}`)
      await Promise.race([
        this.exited,
        new Promise<void>((resolve) => {
          this.#wake = resolve
        }),
      ])
    }
  }

  stop(): void {
    process.kill(this.pid, 'SIGTERM')
  }

  kill(): void {
    if (this.#strace.exitCode === null && this.pid > 0) process.kill(this.pid, 'SIGKILL')
  }
}

async function connect(gateway: GatewayProcess, machine: TestMachine): Promise<TestLink> {
  const { mqttUrl } = await gateway.first('listening')
  const link = await TestLink.connect(String(mqttUrl), machine.id)
  link.client.on('error', () => undefined) // the gateway may go at any time
  await link.publish('birth', machine.birth())
  return link
}

it('has a batch, and a refusal, on the disk before it acknowledges it (WIRE-8, LOG-5)', async () => {
  const trace = join(folder, 'trace')
  const calls = 'trace=fsync,fdatasync,pwrite64,write,writev,sendmsg,sendto'
  running = new GatewayProcess(['-s', '16', '-e', calls, '-o', trace])
  const machine = new TestMachine()
  const link = await connect(running, machine)
  for (let n = 0; n < BATCHES; n++) {
    await link.publish('batch', machine.next().message)
    await link.publish('batch', Uint8Array.of(0xff, n))
  }
  await link.close()
  running.stop()
  expect(await running.exited).toBe(0)

  let unsynced = false
  let syncs = 0
  const atAcknowledgement: number[] = []
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    if (/pwrite64\(\d+<[^>]*gateway\.db-wal>/.test(line)) unsynced = true
    if (/f(data)?sync\(\d+<[^>]*gateway\.db-wal>\) += 0/.test(line)) {
      unsynced = false
      syncs++
    }
    if (!PUBACK.test(line)) continue
    expect(unsynced, line).toBe(false)
    atAcknowledgement.push(syncs)
  }
  expect(atAcknowledgement).toHaveLength(1 + 2 * BATCHES)
  const [birth = 0, ...others] = atAcknowledgement
  expect(birth).toBeGreaterThan(0)
  for (const [n, count] of others.entries()) {
    // A batch is one commit before its acknowledgement and two after it, for the head; a refusal is one.
    const before = Math.floor(n / 2) * 4 + (n % 2) * 3
    expect(count - birth, `message ${n}`).toBeGreaterThanOrEqual(before + 1)
  }
})

it('stops when a sync of its disk fails, and starts again from what the disk holds (ANCHOR-24)', async () => {
  const failing = ['-o', join(folder, 'trace'), '-e', 'trace=fdatasync,fsync']
  running = new GatewayProcess([...failing, '-e', 'inject=fdatasync,fsync:error=EIO:when=20+'])
  const machine = new TestMachine()
  const link = await connect(running, machine)
  const gone = new Promise<void>((resolve) => link.client.once('close', () => resolve()))
  const sent = [...Array(BATCHES)].map(() => machine.next())
  let acknowledged = 0
  const publishing = (async () => {
    for (const { message } of sent) {
      await link.publish('batch', message)
      acknowledged++
    }
  })().catch(() => undefined)
  await gone
  expect(await running.exited).toBe(1)
  expect(running.events).toContainEqual(expect.objectContaining({ event: 'fatal', code: 'store-corrupt' }))
  await link.close()
  await publishing
  expect(acknowledged).toBeGreaterThan(0)
  expect(acknowledged).toBeLessThan(BATCHES)

  const store = openLibsqlStore(join(folder, 'data', 'gateway.db'))
  expect(await store.leafCount()).toBeGreaterThan(acknowledged)
  await store.close()
  running = new GatewayProcess(['-o', join(folder, 'trace'), '-e', 'trace=none'])
  const again = await connect(running, machine)
  for (const { message } of sent) await again.publish('batch', message)
  await again.close()
  running.stop()
  expect(await running.exited).toBe(0)
  const whole = openLibsqlStore(join(folder, 'data', 'gateway.db'))
  expect((await whole.leaves(1, 99)).map(({ sequence }) => sequence)).toEqual(sent.map((_, i) => i + 1))
  await whole.close()
})
