/** A demo folder of another version is left as it was: no chain is started on it and no contract deployed. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { contractAddresses, deployContracts, devPrivateKey, startLocalChain } from '@fieldproof/gateway/anchor'
import { afterAll, describe, expect, it } from 'vitest'
import type { DemoEvent } from '../src/events.ts'
import { startGround } from '../src/ground.ts'
import { DEMO_FORMAT, readMemory, writeMemory } from '../src/memory.ts'
import { parseDemoOptions } from '../src/options.ts'
import { startChild } from './child.ts'

const root = mkdtempSync(join(tmpdir(), 'fieldproof-version-'))
afterAll(() => rmSync(root, { recursive: true }))

let folders = 0

/** A folder with what a demo leaves, whose memory has these fields. */
function folderOf(memory: object): string {
  const dir = join(root, String(folders++))
  const files = { 'demo.json': JSON.stringify(memory), 'chain.json': '{}', 'stations/ballard/gateway.json': '{}' }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}

/** Every file below a folder: its content, and when it was last written. */
function stateOf(dir: string): readonly string[] {
  const names = readdirSync(dir, { recursive: true }).map(String).sort()
  return names.map((name) => {
    const stat = statSync(join(dir, name))
    return `${name} ${stat.mtimeMs} ${stat.isFile() ? readFileSync(join(dir, name), 'utf8') : 'folder'}`
  })
}

/** Tries to start on a folder; whatever would be told is kept. */
function start(dir: string, told: DemoEvent[]): Promise<unknown> {
  const options = parseDemoOptions(['--dir', dir])
  if (options === 'help') return expect.fail('these options ask for no help')
  return startGround(
    options,
    () => 1,
    (event) => told.push(event),
  )
}

const OTHER = `0x${'12'.repeat(20)}`

describe('a demo folder of another version', () => {
  it.each([
    ['an earlier', { startedAt: 1, ports: null }, 'its format is 0'],
    ['a later', { format: DEMO_FORMAT + 1, startedAt: 1, registry: OTHER, ports: null }, 'its format is'],
    ['another', { format: DEMO_FORMAT, startedAt: 1, registry: OTHER, ports: null }, `its registry is ${OTHER}`],
  ])('is refused as made by %s version, and nothing in it changes', async (which, memory, why) => {
    const dir = folderOf(memory)
    const before = stateOf(dir)
    const told: DemoEvent[] = []
    const refused = await start(dir, told).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'config-invalid', facts: { folder: dir } })
    expect(String(refused)).toContain(`this folder was made by ${which} version`)
    expect(String(refused)).toContain(why)
    expect(String(refused)).toContain(`move ${dir} away to start over`)
    expect(told).toEqual([])
    expect(stateOf(dir)).toEqual(before)
  })

  it('ends npm start with exit code 1 and one line', async () => {
    const dir = folderOf({ startedAt: 1, ports: null })
    const before = stateOf(dir)
    const child = startChild(new URL('../bin/first-light.js', import.meta.url).pathname, ['--dir', dir])
    const told = await child.waitFor((e) => e.event === 'text')
    expect(told['line']).toContain('config-invalid: this folder was made by an earlier version')
    expect(await child.end('SIGCONT')).toBe(1)
    expect(child.events).toEqual([told])
    expect(stateOf(dir)).toEqual(before)
  })
})

describe('the registry of this version', () => {
  it('is the one that is deployed', async () => {
    const chain = await startLocalChain()
    try {
      const { registry } = await deployContracts(chain.url, devPrivateKey(1))
      expect((await contractAddresses()).registry).toEqual(registry)
    } finally {
      await chain.stop()
    }
  })

  it('is remembered with the format, and read back', async () => {
    const path = join(root, 'demo.json')
    const ports = { mqttPort: 1, httpPort: 2, rpcPort: 3 }
    const memory = { format: DEMO_FORMAT, startedAt: 5, registry: OTHER, ports }
    await writeMemory(path, memory)
    expect(await readMemory(path)).toEqual(memory)
  })
})
