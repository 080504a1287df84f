/** The README's station with an emulated Arduino, command by command, as somebody types it. Needs python3. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = new URL('../../../', import.meta.url).pathname
const PATH = [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter)

let dir: string
let board: ChildProcess | undefined

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fieldproof-readme-'))
})
afterAll(async () => {
  board?.kill('SIGTERM')
  await rm(dir, { recursive: true, force: true })
})

/** Commands of the section, without `npx` and comments. */
async function commands(): Promise<string[][]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const [, section = ''] = readme.split('## A station with an Arduino')
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? []
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
}

function start([program = '', ...args]: readonly string[]): {
  child: ChildProcess
  out: () => string
  done: Promise<number | null>
} {
  const child = spawn(program, args, { cwd: dir, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      out += String(chunk)
    })
  }
  return { child, out: () => out, done: new Promise((resolve) => child.once('exit', (code) => resolve(code))) }
}

it('measures, signs and keeps rows that its owner can read', { timeout: 60_000 }, async () => {
  const [sim, init, doctor, run, rows, ...more] = await commands()
  expect(more).toEqual([])
  const served = start(sim ?? [])
  board = served.child
  await expect.poll(served.out, { timeout: 10_000 }).toContain('is an emulated Arduino')

  const made = start(init ?? [])
  expect([await made.done, made.out()]).toEqual([0, expect.stringContaining('new machine')])
  const looked = start(doctor ?? [])
  expect([await looked.done, looked.out()]).toEqual([0, expect.stringContaining('firmware  fieldproof 1.0')])

  const running = start(run ?? [])
  await expect.poll(running.out, { timeout: 30_000 }).toMatch(/ row stream=weather.*\n.* row stream=weather/s)
  running.child.kill('SIGTERM')
  expect([await running.done, running.out()]).toEqual([0, expect.stringContaining('stopped')])
  const read = start(rows ?? [])
  expect([await read.done, read.out()]).toEqual([0, expect.stringMatching(/weather {2}airTemperature=\d/)])
})
