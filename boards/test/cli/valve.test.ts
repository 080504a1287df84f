/** `fieldproof valve` beside `fieldproof run`, in one folder, on a modelled board in virtual time. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openPlace, type Place, PORT, type Running } from './kit.ts'

let place: Place
let dir: string
afterEach(() => place.end())

type Line = Readonly<Record<string, unknown>>
const socketPath = (): string => join(dir, 'control.sock')
const linesOf = (running: Running): Line[] => running.out.map((line) => JSON.parse(line))
const tells = (running: Running, event: string): boolean => linesOf(running).some((line) => line['event'] === event)
const valve = (...args: string[]): ReturnType<Place['run']> => place.run(['valve', dir, ...args])
const errorOf = ({ code, err }: { code: number; err: string }): unknown[] => [code, JSON.parse(err).error.code]

/** A folder; the station in it does not run yet. */
async function make(station: 'weather-station' | 'irrigation-station', name = 'porch'): Promise<void> {
  place = openPlace(station)
  dir = join(place.dir, '..', name)
  expect(await place.run(['init', dir, '--station', station, '--port', PORT])).toMatchObject({ code: 0, err: '' })
}

/** The station at work, with its board. */
async function start(): Promise<Running> {
  const running = place.start(['run', dir, '--json', '--verbose'])
  await place.until(() => tells(running, 'row'))
  return running
}

async function stop(running: Running): Promise<void> {
  running.stop()
  expect(await place.settle(running.code, 20_000)).toBe(0)
}

async function actuations(): Promise<unknown[]> {
  const { out } = await place.run(['rows', dir, '--stream', 'actuations', '--json'])
  return out.split('\n').flatMap((line) => {
    const { command, requested, outcome } = line === '' ? {} : JSON.parse(line).values
    return line === '' ? [] : [[command, requested, outcome]]
  })
}

/** What the station says to bytes of anybody who may use the socket. */
async function say(text: string): Promise<Line> {
  const socket = connect(socketPath()).setEncoding('utf8')
  socket.write(text)
  const parts: string[] = []
  socket.on('data', (part: string) => void parts.push(part))
  await place.settle(once(socket, 'close'))
  return JSON.parse(parts.join(''))
}

/** Somebody else on the socket. */
async function impostor(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(socketPath())
  await once(server, 'listening')
  return server
}

describe('fieldproof valve', () => {
  it('opens for a time and says what the board read back; the board closes it, and all of it is recorded', async () => {
    await make('irrigation-station')
    const running = await start()
    expect(await valve('open', '--for', '30')).toMatchObject({
      code: 0,
      err: '',
      out: 'valve open, closes by itself in 30 s at the latest',
    })
    expect(place.isValveOpen()).toBe(true)
    await place.time.pass(31_000)
    expect(place.isValveOpen()).toBe(false)
    expect((await valve('status')).out).toBe('valve closed (its time was over)')
    await stop(running)
    expect(await actuations()).toEqual([
      ['open', 30, 'open'],
      [null, null, 'time-over'],
    ])
  })

  it('closes, and says how the valve is, also for programs', async () => {
    await make('irrigation-station')
    const running = await start()
    const status = async (): Promise<Line> => JSON.parse((await valve('status', '--json')).out).valve
    const before = await status()
    expect(before).toMatchObject({ isOpen: false, remainingMs: 0 })
    await valve('open', '--for', '600')
    await place.time.pass(10_000)
    const { isOpen, remainingMs } = await status()
    expect(isOpen).toBe(true)
    expect(remainingMs).toBeGreaterThan(500_000)
    expect(remainingMs).toBeLessThanOrEqual(590_000)
    expect(await valve('close')).toMatchObject({ code: 0, out: 'valve closed (it was told to)' })
    expect(place.isValveOpen()).toBe(false)
    expect(await status()).toEqual({ isOpen: false, remainingMs: 0, state: 'closed-by-host' })
    await stop(running)
    expect(await actuations()).toEqual([
      ['open', 600, 'open'],
      ['close', null, 'closed'],
    ])
  })

  it('refuses a time above the limit of the station, and names the limit', async () => {
    await make('irrigation-station')
    const running = await start()
    for (const seconds of ['901', '999999999999999']) {
      const { code, err } = await valve('open', '--for', seconds)
      expect(code).toBe(1)
      expect(err).toContain('out-of-range')
      expect(err).toContain('900 s')
    }
    expect((await valve('open', '--for', '900')).code).toBe(0)
    await stop(running)
    expect(place.isValveOpen()).toBe(false)
  })

  it.each([
    ['an opening without an end', ['open']],
    ['no time at all', ['open', '--for', '0']],
    ['half a second', ['open', '--for', '0.5']],
    ['a time for closing', ['close', '--for', '30']],
    ['something else', ['toggle']],
    ['nothing', []],
  ])('does not try %s', async (_, args) => {
    await make('irrigation-station')
    const { code, err } = await valve(...args)
    expect([code, err]).toEqual([2, expect.stringContaining('Try: fieldproof valve --help')])
  })

  it('says that a command failed while the board is away, and records that', async () => {
    await make('irrigation-station')
    const running = await start()
    place.line.unplug()
    await place.until(() => tells(running, 'board-down'))
    for (const args of [['open', '--for', '30'], ['close'], ['status']])
      expect(errorOf(await valve(...args, '--json'))).toEqual([1, 'command-failed'])
    await stop(running)
    expect(await actuations()).toEqual([
      ['open', 30, 'command-failed'],
      ['close', null, 'command-failed'],
    ])
  })
})

describe('a station that has no valve', () => {
  it('says so, whether it runs or not', async () => {
    await make('weather-station')
    const expected = { code: 1, err: expect.stringContaining('no valve: it is a weather station') }
    expect(await valve('open', '--for', '30')).toMatchObject(expected)
    const running = await start()
    expect(await valve('open', '--for', '30')).toMatchObject(expected)
    await stop(running)
  })
})

describe('a station that does not run', () => {
  it('is to be started, and its port is left alone', async () => {
    await make('irrigation-station')
    const openLine = (): never => expect.fail('opened a port')
    const { code, err } = await place.run(['valve', dir, 'open', '--for', '30'], { openLine })
    expect([code, err]).toEqual([2, expect.stringContaining(`station-not-running: no station runs in ${dir}`)])
    expect(err).toContain(`fieldproof run ${dir}`)
  })

  it('may be none at all', async () => {
    await make('irrigation-station')
    expect(await place.run(['valve', join(dir, 'other'), 'close'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('fieldproof init'),
    })
  })
})

describe('the socket of a station', () => {
  it('is for its owner alone, and goes when the station does', async () => {
    await make('irrigation-station')
    const running = await start()
    expect(lstatSync(socketPath()).isSocket()).toBe(true)
    expect(lstatSync(socketPath()).mode & 0o777).toBe(0o600)
    expect(lstatSync(dir).mode & 0o777).toBe(0o700)
    await stop(running)
    expect(existsSync(socketPath())).toBe(false)
  })

  it('takes the place of one that a killed process left behind', async () => {
    await make('irrigation-station')
    const program = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
    expect(spawnSync(process.execPath, ['-e', program, socketPath()]).signal).toBe('SIGKILL')
    expect(lstatSync(socketPath()).isSocket()).toBe(true)
    expect(errorOf(await valve('close', '--json'))).toEqual([2, 'station-not-running'])
    const running = await start()
    expect((await valve('status')).code).toBe(0)
    await stop(running)
  })

  it('does not take the place of one that somebody answers on: the station measures without', async () => {
    await make('irrigation-station')
    const other = await impostor((socket) => void socket.resume())
    const running = await start()
    const told = linesOf(running).find((line) => line['event'] === 'control-off')
    expect(told).toMatchObject({ level: 'error', code: 'store-locked' })
    await stop(running)
    expect(lstatSync(socketPath()).isSocket()).toBe(true)
    other.close()
  })

  it('does not take the place of a file', async () => {
    await make('irrigation-station')
    writeFileSync(socketPath(), 'mine')
    const running = await start()
    expect(tells(running, 'control-off')).toBe(true)
    await stop(running)
    expect(readFileSync(socketPath(), 'utf8')).toBe('mine')
  })

  it('may be in a folder whose path is longer than the name of a socket may be', async () => {
    await make('irrigation-station', 'x'.repeat(120))
    expect(errorOf(await valve('close', '--json'))).toEqual([2, 'station-not-running'])
    for (const _ of ['first', 'second']) {
      const running = await start()
      expect(lstatSync(socketPath()).mode & 0o777).toBe(0o600)
      expect((await valve('open', '--for', '30')).code).toBe(0)
      expect(place.isValveOpen()).toBe(true)
      await stop(running)
      expect(existsSync(socketPath())).toBe(false)
    }
  })
})

describe('whoever may use the socket', () => {
  it.each([
    ['no JSON', 'open the valve\n'],
    ['an opening without a time', '{"command":"open"}\n'],
    ['a time that is none', '{"command":"open","forSeconds":-1}\n'],
    ['a time that is a text', '{"command":"open","forSeconds":"30"}\n'],
    ['a time without an end', '{"command":"open","forSeconds":1e999}\n'],
    ['a field that is not known', '{"command":"open","forSeconds":30,"force":true}\n'],
    ['two requests', '{"command":"open","forSeconds":30}\n{"command":"close"}\n'],
    ['more bytes than a request has', `{"command":"open","forSeconds":30,"x":"${'x'.repeat(5_000)}`],
  ])('is refused %s', async (_, text) => {
    await make('irrigation-station')
    const running = await start()
    expect(await say(text)).toMatchObject({ error: { code: 'request-invalid' } })
    await stop(running)
    expect(await actuations()).toEqual([])
  })

  it('and says nothing is not waited for', async () => {
    await make('irrigation-station')
    const running = await start()
    expect(await say('{"command":"open",')).toMatchObject({ error: { code: 'deadline-passed' } })
    await stop(running)
    expect(await actuations()).toEqual([])
  })

  it('and has gone before the command begins opens nothing', async () => {
    await make('irrigation-station')
    const running = await start()
    const socket = connect(socketPath())
    await once(socket, 'connect')
    socket.write('{"command":"open","forSeconds":30}\n')
    socket.destroy()
    await place.time.pass(3_000)
    expect(place.isValveOpen()).toBe(false)
    await stop(running)
    expect(await actuations()).toEqual([])
  })

  it('and stays does not keep the station from ending, nor others from asking', async () => {
    await make('irrigation-station')
    const running = await start()
    const held = connect(socketPath())
    await once(held, 'connect')
    expect((await valve('status')).code).toBe(0)
    await stop(running)
    if (!held.closed) await once(held, 'close')
  })
})

describe('who answers for a station', () => {
  it.each([
    ['nothing, for long', (socket: Socket) => void socket.resume(), [1, 'deadline-passed']],
    ['nothing, and goes', (socket: Socket) => void socket.destroy(), [1, 'command-failed']],
    ['without end', (socket: Socket) => void socket.write('x'.repeat(10_000)), [1, 'message-invalid']],
    ['what is no answer', (socket: Socket) => void socket.write('{"valve":{"isOpen":true}}\n'), [1, 'message-invalid']],
    [
      'a code of a newer version',
      (socket: Socket) => void socket.write('{"error":{"code":"from-later","detail":"x"}}\n'),
      [1, 'command-failed'],
    ],
  ])('with %s, has not opened a valve for all we know', async (text, onConnection, expected) => {
    await make('irrigation-station')
    const other = await impostor((socket) => {
      socket.on('error', () => undefined)
      onConnection(socket)
    })
    const answer = await valve('open', '--for', '30', '--json')
    expect(errorOf(answer)).toEqual(expected)
    if (!text.includes('newer')) expect(answer.err).toContain(`fieldproof valve ${dir} status`)
    other.close()
  })
})
