/** What systemd is told, and when it is told nothing. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createVirtualClock, type VirtualClock } from '@fieldproof/sdk/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { Evidence } from '../../src/cli/station/evidence.ts'
import { type Notifier, systemdNotifier } from '../../src/cli/station/notify.ts'
import { systemdUnit } from '../../src/cli/station/systemd-unit.ts'
import { Watchdog } from '../../src/cli/station/watchdog.ts'
import { tinyStation } from '../station/tiny-station.ts'

const HEALTH_MS = 60_000

interface Rig {
  readonly clock: VirtualClock
  readonly faults: Map<string, string>
  readonly sent: string[]
  readonly watchdog: Watchdog
}

/** A station with one stream, `air`, every second. */
function rig(hasWatchdog = true, flushMs = 0): Rig {
  const clock = createVirtualClock()
  const faults = new Map<string, string>()
  const sent: string[] = []
  const evidence = new Evidence({
    station: tinyStation(),
    healthMs: HEALTH_MS,
    flushMs,
    clock,
    faults: () => faults,
  })
  const notifier: Notifier = { isOn: true, hasWatchdog, send: async (...all) => void sent.push(...all) }
  return { clock, faults, sent, watchdog: new Watchdog(evidence, notifier, clock) }
}

const fed = ({ sent }: Rig): number => sent.filter((one) => one === 'WATCHDOG=1').length

describe('the watchdog', () => {
  it('is told how long this station may be silent, and is fed by rows', async () => {
    const at = rig()
    expect(at.sent).toEqual(['EXTEND_TIMEOUT_USEC=180000000', 'WATCHDOG_USEC=180000000'])
    for (let seconds = 0; seconds < 120; seconds++) {
      at.watchdog.recorded('air')
      await at.clock.advance(1_000)
    }
    expect(fed(at)).toBe(4)
  })

  it('is fed by no timer: without a row nothing is sent, however long', async () => {
    const at = rig()
    at.watchdog.recorded('air')
    const before = at.sent.length
    await at.clock.advance(3_600_000)
    expect(at.sent.length).toBe(before)
    expect(at.clock.timers).toBe(0)
  })

  it('is not fed by health rows of a station that measures nothing and knows no reason', async () => {
    const at = rig()
    at.watchdog.recorded('air')
    for (let minutes = 0; minutes < 10; minutes++) {
      await at.clock.advance(HEALTH_MS)
      at.watchdog.recorded('health')
    }
    expect(fed(at)).toBe(1)
  })

  it.each(['board', 'line', 'air'])('is fed by health rows while a fault of %s is known to stand', async (subject) => {
    const at = rig()
    at.faults.set(subject, 'board-silent')
    for (let minutes = 0; minutes < 10; minutes++) {
      await at.clock.advance(HEALTH_MS)
      at.watchdog.recorded('health')
    }
    expect(fed(at)).toBe(10)
  })

  it('is not fed by health rows while only another part has a fault', async () => {
    const at = rig()
    at.faults.set('valve', 'command-failed')
    await at.clock.advance(10_000)
    at.watchdog.recorded('health')
    expect(fed(at)).toBe(0)
  })

  it('is not fed where systemd has none', () => {
    const at = rig(false)
    at.watchdog.recorded('air')
    expect(at.sent.slice(1)).toEqual(['READY=1', 'STATUS=measuring'])
  })
})

describe('a service', () => {
  it('may take longer to start than its unit says when its first row waits for its flush', () => {
    expect(rig(false, 600_000).sent).toEqual(['EXTEND_TIMEOUT_USEC=1380000000'])
  })

  it('is ready with its first row', () => {
    const at = rig()
    at.watchdog.recorded('health')
    expect(at.sent).not.toContain('READY=1')
    at.watchdog.recorded('air')
    expect(at.sent.slice(-2)).toEqual(['READY=1', 'STATUS=measuring'])
  })

  it('is ready without its board once its health says so, and tells when the board came', () => {
    const at = rig()
    at.faults.set('board', 'port-unavailable')
    at.watchdog.recorded('health')
    expect(at.sent).toContain('STATUS=works, with a fault: see its health rows')
    at.faults.clear()
    at.watchdog.recorded('air')
    expect(at.sent).toContain('STATUS=measuring')
  })

  it('says that it stops, and is not fed any more', async () => {
    const at = rig()
    await at.watchdog.stopping()
    at.watchdog.recorded('air')
    expect(at.sent.slice(2)).toEqual(['STOPPING=1'])
  })
})

const dir = mkdtempSync(join(tmpdir(), 'notify-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('a notice', () => {
  it('is sent by systemd-notify, in order, with the socket of the environment', async () => {
    const log = join(dir, 'log')
    const program = join(dir, 'systemd-notify')
    writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> '${log}'\n`)
    chmodSync(program, 0o755)
    const lost: string[] = []
    const env = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1000', PATH: `${dir}${delimiter}${process.env['PATH']}` }
    const notifier = systemdNotifier(env, (detail) => lost.push(detail))
    await Promise.all([notifier.send('READY=1', 'STATUS=a b'), notifier.send('WATCHDOG=1')])
    expect([notifier.isOn, notifier.hasWatchdog, lost]).toEqual([true, true, []])
    expect(readFileSync(log, 'utf8')).toBe('/run/x READY=1 STATUS=a b\n/run/x WATCHDOG=1\n')
  })

  it('is not sent where nobody listens, and reported when it cannot be sent', async () => {
    const lost: string[] = []
    const silent = systemdNotifier({ WATCHDOG_USEC: '1000', PATH: '' }, (detail) => lost.push(detail))
    await silent.send('READY=1')
    expect([silent.isOn, silent.hasWatchdog, lost]).toEqual([false, false, []])
    await systemdNotifier({ NOTIFY_SOCKET: '/run/x', PATH: `${dir}x` }, (detail) => lost.push(detail)).send('READY=1')
    expect(lost).toEqual([expect.stringContaining('ENOENT')])
  })

  const missing = ['systemd-notify', 'python3'].filter((name) => spawnSync(name, ['--version']).status !== 0)
  it.skipIf(missing.length > 0)(
    `reaches a real socket (needs systemd-notify and python3; missing: ${missing.join() || 'none'})`,
    async () => {
      const socket = join(dir, 'socket')
      const listener = listen(socket)
      await until(() => existsSync(socket))
      const lost: string[] = []
      await systemdNotifier({ ...process.env, NOTIFY_SOCKET: socket }, (detail) => lost.push(detail)).send(
        'READY=1',
        'STATUS=measuring',
      )
      const [line] = (await once(listener.stdout ?? expect.fail(), 'data')) as [Buffer]
      listener.kill()
      expect(lost).toEqual([])
      expect(line.toString()).toContain('READY=1|STATUS=measuring')
    },
  )
})

/** Prints what comes, as one line a datagram. */
function listen(path: string): ChildProcess {
  const program = [
    'import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])',
    "while True: print(s.recv(4096).decode().strip().replace(chr(10), '|'), flush=True)",
  ].join('\n')
  return spawn('python3', ['-c', program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('fieldproof.service', () => {
  const PATHS = {
    title: 'Weather station',
    dir: '/var/lib/porch',
    node: '/usr/bin/node',
    program: '/opt/f/run.js',
    user: 'pi',
  }

  it('names the paths of this computer, and hides the homes unless it needs one', () => {
    const unit = systemdUnit(PATHS)
    expect(unit).toContain('ExecStart=/usr/bin/node /opt/f/run.js /var/lib/porch --json\n')
    expect(unit).toContain('ProtectHome=true\n')
    expect(systemdUnit({ ...PATHS, dir: ['', 'home', 'pi', 'porch'].join('/') })).toContain('ProtectHome=read-only\n')
  })

  it('quotes what systemd would take apart', () => {
    const unit = systemdUnit({ ...PATHS, dir: '/var/my "porch" 100%' })
    expect(unit).toContain('ReadWritePaths="/var/my \\"porch\\" 100%%"\n')
  })

  it('gives a folder with a dollar to the station as it is, and to a person as one word', () => {
    const unit = systemdUnit({ ...PATHS, dir: '/var/$HOME; reboot' })
    expect(unit).toContain('run.js "/var/$$HOME; reboot" --json\n')
    expect(unit).toContain('ReadWritePaths="/var/$HOME; reboot"\n')
    expect(unit).toContain("#   sudo cp '/var/$HOME; reboot/fieldproof.service' /etc/systemd/system/\n")
  })

  it('starts its program also from a folder that ends with a backslash', () => {
    expect(systemdUnit({ ...PATHS, dir: '/var/a\\' })).not.toMatch(/\\\n/)
  })

  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0
  it.skipIf(!analyze)('is one that systemd-analyze verifies (needs systemd-analyze)', () => {
    const path = join(dir, 'fieldproof.service')
    const folders = { dir, node: process.execPath, program: process.execPath }
    writeFileSync(path, systemdUnit({ ...PATHS, ...folders, user: 'root' }))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
    expect([status, stderr.split('\n').filter((line) => line.includes('fieldproof.service'))]).toEqual([0, []])
  })
})
