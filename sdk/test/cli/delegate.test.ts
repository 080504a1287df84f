import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const CLI = new URL('../../bin/fieldproof.js', import.meta.url).pathname
/** Says that it runs, and how it was told to end. */
const PROGRAM = `#!${process.execPath}
const timer = setInterval(() => undefined, 1000)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {
  console.log('told', signal)
  clearInterval(timer)
  process.exitCode = 3
})
if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL')
console.log('runs')
`

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fieldproof-delegate-'))
  await writeFile(join(dir, 'fieldproof-porch'), PROGRAM)
  await chmod(join(dir, 'fieldproof-porch'), 0o755)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

function start(...args: string[]): { child: ChildProcess; out: () => string; ended: Promise<number | null> } {
  const PATH = [dir, process.env['PATH']].join(delimiter)
  const child = spawn(process.execPath, [CLI, 'porch', ...args], {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  return { child, out: () => out, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))) }
}

describe('a command of another package', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is told %s, waited for, and answers with its own exit code',
    async (signal) => {
      const { child, out, ended } = start()
      await expect.poll(out, { timeout: 10_000 }).toContain('runs')
      child.kill(signal)
      expect(await ended).toBe(3)
      expect(out()).toBe(`runs\ntold ${signal}\n`)
    },
  )

  it('that was killed is told apart from one that failed', async () => {
    expect(await start('die').ended).toBe(137)
  })
})
