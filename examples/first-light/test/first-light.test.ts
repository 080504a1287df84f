/** `npm start`, `npx fieldproof verify` and the README's ten-line station, as their users run them. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_FORMAT } from '../src/memory.ts'
import { type Child, startChild } from './child.ts'

const repository = new URL('../../../', import.meta.url).pathname
const demo = join(repository, 'examples/first-light/bin/first-light.js')
const station = join(repository, 'examples/ten-line-station/station.js')
const cli = join(repository, 'sdk/bin/fieldproof.js')

let dir: string
let running: Child
let ready: { http: string; rpc: string }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fieldproof-demo-'))
})
afterAll(async () => {
  await running?.end('SIGTERM')
  await rm(dir, { recursive: true, force: true })
})

const at = (file: string): string => join(dir, 'demo', file)

/** Exit code and output of a `fieldproof` command. */
function fieldproof(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: dir, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out: stdout + stderr })
    })
  })
}

describe('npm start -- --once --json', () => {
  it('exits 0 after the first verified proof, with stable event names', { timeout: 120_000 }, async () => {
    const child = startChild(demo, ['--once', '--json', '--dir', at('')])
    const verified = await child.waitFor((e) => e.event === 'proof-verified')
    expect((verified['report'] as { verdict: string }).verdict).toBe('pass')
    await child.waitFor((e) => e.event === 'stopped' && e['from'] === undefined)
    expect(await child.end('SIGCONT')).toBe(0)
    const names = new Set(child.events.map((e) => e.event))
    for (const name of [
      'chain-ready',
      'station-ready',
      'ready',
      'board-up',
      'rows-journalled',
      'batch-signed',
      'anchored',
      'proof-written',
    ]) {
      expect(names).toContain(name)
    }
    const registry = child.events.find((e) => e.event === 'chain-ready')?.['registry']
    expect(JSON.parse(await readFile(at('demo.json'), 'utf8'))).toMatchObject({ format: DEMO_FORMAT, registry })
    expect((await stat(at('stations/ballard/machine.key'))).mode & 0o077).toBe(0)
  })

  it('exits 1 and says why when there is no proof in time', { timeout: 60_000 }, async () => {
    const child = startChild(demo, ['--once', '--json', '--deadline', '1', '--dir', join(dir, 'late')])
    const failed = await child.waitFor((e) => e.event === 'failed')
    expect(failed['code']).toBe('deadline-passed')
    expect(await child.end('SIGCONT')).toBe(1)
  })

  it('resumes the same log, chain and keys', { timeout: 60_000 }, async () => {
    const keys = await readFile(at('stations/ballard/machine.key'), 'utf8')
    running = startChild(demo, ['--json', '--dir', at('')])
    const chain = await running.waitFor((e) => e.event === 'chain-ready')
    expect(chain['resumed']).toBe(true)
    const listening = await running.waitFor((e) => e.event === 'listening')
    expect(Number(listening['logSize'])).toBeGreaterThan(1)
    ready = (await running.waitFor((e) => e.event === 'ready')) as unknown as typeof ready
    await running.waitFor((e) => e.event === 'proof-verified')
    expect(await readFile(at('stations/ballard/machine.key'), 'utf8')).toBe(keys)
  })
})

/** Checks of a report with their reasons; hashes, machine ids and numbers are of one run and left out. */
function checksOf(text: string): readonly string[] {
  const checks = text.match(/^✓ .*\n {4}.*$/gm) ?? []
  return checks.map((check) => check.replace(/0x[0-9a-f]+|\b[0-9a-f]{64}\b|\b[a-z2-7]{26}\b|\b[0-9]+\b/g, '#'))
}

describe('fieldproof verify', () => {
  const trustArgs = async (): Promise<{ rpc: string; registry: string }> =>
    JSON.parse(await readFile(at('trust.json'), 'utf8'))

  it('exits 0 for a good proof, with text and with JSON', async () => {
    const text = await fieldproof('verify', at('proof.fpproof'), '--trust', at('trust.json'))
    expect(text).toMatchObject({ code: 0 })
    expect(text.out).toContain('VERIFIED')
    const readme = await readFile(join(repository, 'README.md'), 'utf8')
    expect(checksOf(readme)).toEqual(checksOf(text.out))
    const json = await fieldproof('verify', at('proof.fpproof'), '--trust', at('trust.json'), '--json')
    const report = JSON.parse(json.out) as {
      verdict: string
      checks: unknown[]
      window: { notBefore: number; notAfter: number }
    }
    expect(report.verdict).toBe('pass')
    expect(report.checks).toHaveLength(13)
    expect(report.window.notAfter).toBeGreaterThanOrEqual(report.window.notBefore)
  })

  it('takes --rpc and --registry instead of a trust file', async () => {
    const { rpc, registry } = await trustArgs()
    expect((await fieldproof('verify', at('proof.fpproof'), '--rpc', rpc, '--registry', registry)).code).toBe(0)
  })

  it('exits 1 for a flipped byte, a wrong registry and another chain', async () => {
    const { rpc, registry } = await trustArgs()
    const bytes = await readFile(at('proof.fpproof'))
    bytes[700] = (bytes[700] ?? 0) ^ 1
    await writeFile(join(dir, 'flipped.fpproof'), bytes)
    expect((await fieldproof('verify', join(dir, 'flipped.fpproof'), '--trust', at('trust.json'))).code).toBe(1)
    const wrong = `0x${'12'.repeat(20)}`
    expect((await fieldproof('verify', at('proof.fpproof'), '--rpc', rpc, '--registry', wrong)).code).toBe(1)
    const chain = ['--rpc', rpc, '--registry', registry, '--chain-id', '1']
    expect((await fieldproof('verify', at('proof.fpproof'), ...chain)).code).toBe(1)
  })

  it('exits 2 when it could not check', async () => {
    const { registry } = await trustArgs()
    const nobody = ['--rpc', 'http://127.0.0.1:1', '--registry', registry]
    expect((await fieldproof('verify', at('proof.fpproof'), ...nobody)).code).toBe(2)
    expect((await fieldproof('verify', join(dir, 'missing'), '--trust', at('trust.json'))).code).toBe(2)
    expect((await fieldproof('verify', at('proof.fpproof'))).code).toBe(2)
    expect((await fieldproof('verify', at('proof.fpproof'), '--trust', at('proof.fpproof'))).code).toBe(2)
    expect((await fieldproof('verify', at('proof.fpproof'), '--trust', at('trust.json'), '--unknown')).code).toBe(2)
    expect((await fieldproof('nonsense')).code).toBe(2)
  })
})

describe('the ten-line station', () => {
  it('is the one that the README shows', async () => {
    const readme = await readFile(join(repository, 'README.md'), 'utf8')
    expect(readme).toContain(`\`\`\`js\n${await readFile(station, 'utf8')}\`\`\``)
  })

  it('measures, signs, is anchored, and its reading can be proven', { timeout: 120_000 }, async () => {
    const refused = startChild(station, [], { cwd: dir })
    const told = await refused.waitFor((e) => e.event === 'text' && String(e['line']).includes('fieldproof init'))
    expect(told['line']).toContain('key-missing')
    await refused.end('SIGKILL')

    expect((await fieldproof('init', 'porch', '--gateway', ready.http)).out).toContain('enrolled in the registry')
    expect((await fieldproof('init', 'porch', '--gateway', ready.http)).out).toContain('enrolled before')
    process.env['GATEWAY'] = ready.http
    const child = startChild(station, [], { cwd: dir })
    await child.waitFor((e) => e.event === 'batch-anchored')
    await child.end('SIGKILL')
    const id = (await fieldproof('key', 'porch/machine.key')).out.match(/machine {5}(\w{26})/)?.[1]
    const fetched = await fieldproof(
      'proof',
      '--gateway',
      ready.http,
      '--machine',
      String(id),
      '--output',
      'mine.fpproof',
    )
    expect(fetched).toMatchObject({ code: 0 })
    const verified = await fieldproof('verify', 'mine.fpproof', '--trust', at('trust.json'))
    expect(verified).toMatchObject({ code: 0 })
    expect(verified.out).toContain('porch of machine')
    const proof = [
      'proof',
      '--gateway',
      ready.http,
      '--machine',
      String(id),
      '--offline',
      '--output',
      'offline.fpproof',
    ]
    expect(await fieldproof(...proof)).toMatchObject({ code: 0 })
  })
})

describe('a proof that brings the state', () => {
  it('verifies by the hash of its block when demo, chain and gateway are gone', { timeout: 60_000 }, async () => {
    const { rpc } = JSON.parse(await readFile(at('trust.json'), 'utf8')) as { rpc: string }
    const check = (...how: string[]) => fieldproof('verify', 'offline.fpproof', '--trust', at('trust.json'), ...how)
    const online = await check()
    expect(online.out).toContain('VERIFIED')
    const number = Number(/shown by the state of block ([0-9]+)/.exec(online.out)?.[1])
    const hash = await hashOfBlock(rpc, number)
    await running.end('SIGTERM')
    expect((await check()).code).toBe(2)

    const offline = await check('--block-hash', hash)
    expect(offline).toMatchObject({ code: 0 })
    expect(offline.out).toMatch(/Signed after {2}[0-9]{4}-/)
    expect((await check('--block-hash', `0x${'12'.repeat(32)}`)).code).toBe(1)
    const bytes = await readFile(join(dir, 'offline.fpproof'))
    expect(bytes.length).toBeLessThan(5000)
  })
})

async function hashOfBlock(rpc: string, number: number): Promise<string> {
  const params = [`0x${number.toString(16)}`, false]
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params })
  const answer = await fetch(rpc, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  return ((await answer.json()) as { result: { hash: string } }).result.hash
}
