/** A station that cannot keep what it measures. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { encodeStoredRow } from '@fieldproof/sdk/machine'
import { openLibsqlOutbox, stationFiles } from '@fieldproof/sdk/node'
import { encodeDefinition, type StreamDefinition } from '@fieldproof/sdk/wire'
import { afterEach, describe, expect, it } from 'vitest'
import { openPlace, type Place, PORT } from './kit.ts'

const OLD: StreamDefinition = {
  name: 'old',
  columns: [{ name: 'text', unit: '', exponent: 0, type: 'text' }],
  context: {},
}
let place: Place
afterEach(() => place.end())

async function init(): Promise<void> {
  place = openPlace()
  await place.run(['init', place.dir, '--station', 'weather-station', '--port', PORT])
}

describe('a station whose outbox is full', () => {
  it('is ready, and feeds the watchdog: a restart would make no room and reset the board', async () => {
    await init()
    const settings = join(place.dir, 'station.yaml')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace(/# maxMiB: .*/, 'maxMiB: 16'))
    const outbox = await openLibsqlOutbox(stationFiles(place.dir).outbox, { create: false })
    await outbox.putStream('old', encodeDefinition(OLD))
    const row = encodeStoredRow({ time: 0, values: ['x'.repeat(60_000)] })
    await outbox.appendRows(
      'old',
      Array.from({ length: 280 }, () => row),
    )
    await outbox.close()
    const [bin, log] = [join(place.dir, '..', 'bin'), join(place.dir, '..', 'notices')]
    mkdirSync(bin)
    writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\necho "$*" >> '${log}'\n`)
    chmodSync(join(bin, 'systemd-notify'), 0o755)
    const PATH = `${bin}${delimiter}${process.env['PATH']}`
    const running = place.start(['run', place.dir, '--json'], {
      env: { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1000', PATH },
    })
    await place.until(() => existsSync(log) && readFileSync(log, 'utf8').includes('WATCHDOG=1'))
    expect(running.out.join()).toContain('rows-dropped')
    expect(readFileSync(log, 'utf8')).toContain('READY=1')
    running.stop()
    await place.settle(running.code)
  })
})
