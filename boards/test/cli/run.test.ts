/** `fieldproof run`, from a new folder to rows on the disk, with a modelled board in virtual time. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openLibsqlOutbox, stationFiles } from '@fieldproof/sdk/node'
import { afterEach, describe, expect, it } from 'vitest'
import type { OpenLine, SerialLine } from '../../src/line/index.ts'
import { encodeRequest } from '../../src/protocol/index.ts'
import { openPlace, type Place, PORT, type Running } from './kit.ts'

let place: Place
afterEach(() => place.end())

type Line = Readonly<Record<string, unknown>>
const linesOf = (running: Running): Line[] => running.out.map((line) => JSON.parse(line))
const count = (running: Running, event: string): number =>
  linesOf(running).filter((one) => one['event'] === event).length

async function open(station: 'weather-station' | 'irrigation-station' = 'weather-station'): Promise<void> {
  place = openPlace(station)
  const made = await place.run(['init', place.dir, '--station', station, '--port', PORT])
  expect(made).toMatchObject({ code: 0, err: '' })
}

async function stop(running: Running): Promise<void> {
  running.stop()
  expect(await place.settle(running.code, 20_000)).toBe(0)
}

async function get(running: Running, path: string, options: RequestInit = {}): Promise<Response> {
  const { url } = linesOf(running).find((line) => line['event'] === 'listening') ?? expect.fail('does not listen')
  return await fetch(new URL(path, String(url)), options)
}

describe('a station without gateway and chain', () => {
  it('measures, signs, and keeps rows that can be read here', async () => {
    await open()
    const running = place.start(['run', place.dir, '--json', '--verbose'])
    await place.until(() => count(running, 'batch-signed') > 0, 120_000) // the first one is not waited for long
    await place.until(() => count(running, 'batch-signed') > 1, 400_000)
    await stop(running)
    expect(
      linesOf(running)
        .map((line) => line['event'])
        .slice(0, 2),
    ).toEqual(['started', 'board-up'])
    expect(linesOf(running).at(-1)).toMatchObject({ level: 'info', event: 'stopped' })
    const outbox = await openLibsqlOutbox(stationFiles(place.dir).outbox, { create: false })
    const { rows, pending } = await outbox.usage()
    await outbox.close()
    expect(pending).toBeGreaterThan(0)
    const printed = await place.run(['rows', place.dir, '--json'])
    const local = printed.out.split('\n').map((line): Line => JSON.parse(line))
    expect(local.filter(({ stream }) => stream === 'weather').length).toBe(count(running, 'row'))
    expect(local.some(({ stream }) => stream === 'health')).toBe(true)
    expect(local.map(({ time }) => String(time))).toEqual(local.map(({ time }) => String(time)).sort())
    expect(rows).toBeLessThan(local.length)
    expect(local.find(({ stream }) => stream === 'weather')).toMatchObject({ units: { airTemperature: 'Cel' } })
  })

  it('goes on with files and history at the next start', async () => {
    await open()
    for (const _ of ['first', 'second']) {
      const running = place.start(['run', place.dir, '--json', '--verbose'])
      await place.until(() => count(running, 'row') >= 3)
      await stop(running)
    }
    const { out } = await place.run(['rows', place.dir, '--stream', 'weather', '--json'])
    expect(out.split('\n').length).toBeGreaterThanOrEqual(6)
    expect(readdirSync(join(place.dir, 'readings')).filter((name) => name.startsWith('weather'))).toHaveLength(1)
  })

  it('puts no secret anywhere but in its key, and nothing where others can read', async () => {
    await open()
    const running = place.start(['run', place.dir, '--verbose'])
    await place.until(() => running.out.length > 4)
    await stop(running)
    const secret = readFileSync(join(place.dir, 'machine.key'), 'utf8').split('\n')[1] ?? expect.fail('no key')
    expect(running.out.join()).not.toContain(secret)
    for (const name of readdirSync(place.dir)) {
      if (name === '.gitignore') continue
      expect(statSync(join(place.dir, name)).mode & 0o077, name).toBe(0)
      if (name === 'machine.key' || name === 'readings') continue
      expect(readFileSync(join(place.dir, name), 'latin1'), name).not.toContain(secret)
    }
  })
})

describe('a station whose cable is pulled', () => {
  it('says so once, signs no row meanwhile, and goes on by itself', async () => {
    await open()
    const running = place.start(['run', place.dir, '--json', '--verbose', '--metrics', '0'])
    await place.until(() => count(running, 'row') >= 2)
    place.line.unplug()
    await place.until(() => count(running, 'fault-begins') === 1)
    const before = count(running, 'row')
    await place.time.pass(120_000)
    expect(count(running, 'row')).toBe(before)
    expect(count(running, 'board-unreachable')).toBe(1)
    const page = await get(running, '/').then((response) => response.text())
    expect(page).toContain('What is wrong')
    expect(await get(running, '/metrics').then((response) => response.text())).toContain(
      'fieldproof_serial_connected 0',
    )
    place.line.plug()
    await place.until(() => count(running, 'row') > before)
    expect(count(running, 'fault-ends')).toBe(1)
    await stop(running)
  })
})

describe('a station that is told to stop', () => {
  it('closes its valve, whoever opened it', async () => {
    await open('irrigation-station')
    const lines: SerialLine[] = []
    const openLine = (): OpenLine => async (handlers) => {
      const line = await place.line.open(handlers)
      lines.push(line)
      return line
    }
    const running = place.start(['run', place.dir, '--json', '--verbose'], { openLine })
    await place.until(() => count(running, 'row') >= 1)
    await place.settle(lines[0]?.write(encodeRequest({ kind: 'open-valve', forMs: 600_000 })) ?? expect.fail(), 1_000)
    await place.until(() => place.isValveOpen())
    await stop(running)
    expect(place.isValveOpen()).toBe(false)
  })

  it('ends at once when it is told again', async () => {
    await open()
    const running = place.start(['run', place.dir, '--json'])
    await place.until(() => count(running, 'board-up') === 1)
    running.stop()
    expect(running.exits).toEqual([])
    running.stop()
    expect(running.exits).toEqual([1])
    expect(await place.settle(running.code, 20_000)).toBe(0)
  })
})

describe('the page of a station', () => {
  it('shows the newest row with units, and metrics of the same moment', async () => {
    await open()
    const running = place.start(['run', place.dir, '--json', '--verbose', '--metrics', '0'])
    await place.until(() => count(running, 'rows-journalled') >= 2)
    const response = await get(running, '/')
    const page = await response.text()
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page).toMatch(/Air temperature<\/th><td>-?\d+\.\d\d<\/td><td>°C/)
    expect(page).not.toMatch(/<script|https?:\/\/(?!127)/)
    const metrics = await get(running, '/metrics').then((one) => one.text())
    expect(metrics).toMatch(/^fieldproof_serial_connected 1$/m)
    expect(metrics).toMatch(/^fieldproof_samples_total\{sensor="air",quality="pass"\} \d+$/m)
    for (const line of metrics.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) |fieldproof_\w+(\{[^}]*\})? [-+.\w]+$)/)
    if (process.env['PAGE_TO'] !== undefined) writeFileSync(process.env['PAGE_TO'], page)
    expect((await get(running, '/', { method: 'POST' })).status).toBe(405)
    expect((await get(running, '/other')).status).toBe(404)
    await stop(running)
  })

  it('on a port that is taken is a reason not to start, and the station ends well', async () => {
    await open()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const { code, err } = await place.run(['run', place.dir, '--json', '--metrics', port])
    expect([code, JSON.parse(err).error.code]).toEqual([1, 'port-taken'])
    server.close()
    const running = place.start(['run', place.dir, '--json'])
    await place.until(() => count(running, 'board-up') === 1)
    await stop(running)
  })
})

describe('a folder', () => {
  it('has one station at a time', async () => {
    await open()
    const running = place.start(['run', place.dir, '--json'])
    await place.until(() => count(running, 'started') === 1)
    const { code, err } = await place.run(['run', place.dir, '--json'])
    expect([code, JSON.parse(err).error.code]).toEqual([1, 'store-locked'])
    await stop(running)
  })
})

describe('the files of a station', () => {
  it('are not repaired by another process: what is being written now looks torn', async () => {
    await open()
    const running = place.start(['run', place.dir, '--json', '--verbose'])
    await place.until(() => count(running, 'rows-journalled') > 0)
    const day = join(place.dir, 'readings', 'weather-2026-01-31.csv')
    writeFileSync(day, 'time,half a li')
    expect(await place.run(['run', place.dir])).toMatchObject({ code: 1, err: expect.stringContaining('store-locked') })
    expect(readFileSync(day, 'utf8')).toBe('time,half a li')
    await stop(running)
  })
})

describe('the configuration of a run', () => {
  it('is refused with every fault before anything is touched', async () => {
    await open()
    const path = join(place.dir, 'station.yaml')
    writeFileSync(path, `${readFileSync(path, 'utf8')}\ncolor: red\nmetricsPort: -1\n`)
    const { code, err } = await place.run(['run', place.dir])
    expect(code).toBe(2)
    expect(err).toContain('metricsPort: ')
    expect(err).toContain('color')
    expect(existsSync(join(place.dir, 'readings'))).toBe(false)
  })

  it('needs a port, from the file, the environment or the command line', async () => {
    place = openPlace()
    await place.run(['init', place.dir, '--station', 'weather-station'])
    expect(await place.run(['run', place.dir])).toMatchObject({
      code: 2,
      err: expect.stringContaining('fieldproof ports'),
    })
    for (const [args, env] of [
      [['--port', PORT], {}],
      [[], { FIELDPROOF_PORT: PORT }],
    ] as const) {
      const running = place.start(['run', place.dir, '--json', ...args], { env })
      await place.until(() => count(running, 'board-up') === 1)
      await stop(running)
    }
  })
})
