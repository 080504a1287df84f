/** `fieldproof doctor` on a made-up computer with a modelled board. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@fieldproof/sdk/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeFinding } from '../../src/cli/doctor/computer-checks.ts'
import { openPlace, type Place, PORT, put, type Running } from './kit.ts'
import { BY_ID, doctor, type Found, plugIn, putProcess } from './made-up-computer.ts'

let place: Place
beforeEach(async () => {
  place = openPlace()
  await place.run(['init', place.dir, '--station', 'weather-station', '--port', BY_ID])
})
afterEach(() => place.end())

describe('fieldproof doctor', () => {
  it('finds a station with a board well, and reads every sensor', async () => {
    plugIn(place)
    const { code, of } = await doctor(place, place.dir)
    expect(code).toBe(0)
    for (const check of [
      'settings',
      'node',
      'clock',
      'disk',
      'port',
      'holder',
      'takers',
      'twins',
      'key',
      'outbox',
      'wear',
    ]) {
      expect(
        of(check).map(({ status }) => status),
        check,
      ).toEqual(['ok'])
    }
    expect(of('gateway')[0]).toMatchObject({ status: 'skipped', detail: 'this station has no gateway' })
    expect(of('firmware')[0]).toMatchObject({ status: 'warn', remedy: 'fieldproof flash --run' }) // a model has a build id of its own
    expect(of('sensors').map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(of('sensors')[0]?.detail).toMatch(/^air: temperature [\d.-]+ Cel, /)
  })

  it('says what to do about a port that is not there, or may not be used', async () => {
    expect((await doctor(place, place.dir)).of('port')[0]).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('cable'),
    })
    plugIn(place, 'ttyACM3', { byId: '' })
    const renamed = await doctor(place, place.dir, '--port', '/dev/ttyACM3')
    expect(renamed.of('port')[0]?.status).toBe('ok')
    if (process.geteuid?.() === 0) return // root may use every port
    chmodSync(join(place.root, '/dev/ttyACM3'), 0)
    expect((await doctor(place, '--port', '/dev/ttyACM3')).of('port')[0]).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('dialout'),
    })
  })

  it('advises the name that stays', async () => {
    plugIn(place)
    const { of } = await doctor(place, '--port', PORT)
    expect(of('port')[0]).toMatchObject({ status: 'warn', remedy: `use ${BY_ID}` })
  })

  it('names who holds the port, and does not touch the board', async () => {
    plugIn(place)
    putProcess(place, 4711, 'minicom', PORT)
    let opened = 0
    const openLine = () => async (): Promise<never> => expect.fail(`opened ${++opened} times`)
    const { out } = await place.run(['doctor', place.dir, '--json'], { openLine })
    const { findings } = JSON.parse(out) as { findings: Found[] }
    expect(findings.find(({ check }) => check === 'holder')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('minicom (4711)'),
    })
    expect(
      findings.filter(({ check }) => check === 'firmware' || check === 'sensors').map(({ status }) => status),
    ).toEqual(['skipped', 'skipped'])
    expect(opened).toBe(0)
  })

  it('never resets the board of a station that runs, even if nobody is seen at the port', async () => {
    plugIn(place)
    const running: Running = place.start(['run', place.dir, '--json', '--verbose'])
    await place.until(() => running.out.some((line) => line.includes('"row"')))
    const ups = (): number => running.out.filter((line) => line.includes('board-')).length
    const before = ups()
    const { of } = await doctor(place, place.dir)
    expect(of('firmware')[0]).toMatchObject({ status: 'skipped', detail: expect.stringContaining('running station') })
    expect(of('outbox')[0]).toMatchObject({ status: 'ok', detail: 'a running station has it' })
    expect(ups()).toBe(before)
    running.stop()
    await place.settle(running.code, 20_000)
  })

  it('knows programs that take ports, and boards that cannot be told apart', async () => {
    plugIn(place, 'ttyUSB0', { byId: '', driver: 'ch341', serial: '' })
    plugIn(place, 'ttyUSB1', { byId: '', driver: 'ch341', serial: '' })
    putProcess(place, 1, 'brltty')
    putProcess(place, 2, 'ModemManager')
    const { of } = await doctor(place)
    expect(of('takers')).toMatchObject([
      { status: 'fail', remedy: expect.stringContaining('apt remove brltty') },
      { status: 'warn', detail: expect.stringContaining('ModemManager') },
    ])
    expect(of('twins')[0]).toMatchObject({ status: 'warn', detail: expect.stringContaining('2 boards') })
  })

  it('knows a weak supply and a root that is read-only', async () => {
    put(place.root, '/sys/devices/platform/soc/soc:firmware/get_throttled', '50005\n')
    put(place.root, '/proc/mounts', '/dev/root / ext4 ro,noatime 0 0\n')
    const { of } = await doctor(place)
    expect(of('supply')[0]?.status).toBe('fail')
    expect(of('root')[0]?.status).toBe('warn')
    put(place.root, '/sys/devices/platform/soc/soc:firmware/get_throttled', '50000\n')
    expect((await doctor(place)).of('supply')[0]?.status).toBe('warn')
  })

  it('knows a clock that nobody set', async () => {
    const { out } = await place.run(['doctor', '--json'], { clock: systemClock({ quality: () => 0 }) })
    const { findings } = JSON.parse(out) as { findings: Found[] }
    expect(findings.find(({ check }) => check === 'clock')?.status).toBe('warn')
  })

  it('fails for settings and keys that cannot be used, and goes on', async () => {
    writeFileSync(join(place.dir, 'station.yaml'), 'version: 1\nstation: weather-station\ncolor: red\n')
    chmodSync(join(place.dir, 'machine.key'), 0o644)
    const { code, of } = await doctor(place, place.dir)
    expect(code).toBe(1)
    expect(of('settings')[0]).toMatchObject({ status: 'fail', detail: expect.stringContaining('color') })
    expect(of('key')[0]).toMatchObject({ status: 'fail', detail: expect.stringContaining('chmod 600') })
    expect(of('outbox')[0]?.status).toBe('ok')
  })

  it('fails for a sensor that does not answer, with its wires', async () => {
    plugIn(place)
    const path = join(place.dir, 'station.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('# address: 118', 'address: 119'))
    const { code, of } = await doctor(place, place.dir)
    expect(code).toBe(1)
    expect(of('sensors')[0]).toMatchObject({ status: 'fail', remedy: expect.stringContaining('SDA') })
    expect(
      of('sensors')
        .slice(1)
        .map(({ status }) => status),
    ).toEqual(['ok', 'ok', 'ok'])
  })

  it.each([
    ['18.20.1', 'fail'],
    ['20.18.9', 'fail'],
    ['20.19.0', 'ok'],
    ['24.9.0', 'ok'],
    ['26.3.1', 'ok'],
    ['26.4.0', 'fail'],
    ['27.0.0', 'fail'],
  ])('takes Node %s as %s', (version, status) => {
    expect(nodeFinding(version).status).toBe(status)
  })
})
