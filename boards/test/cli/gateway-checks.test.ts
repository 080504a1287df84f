/** What `fieldproof doctor` says of gateways and brokers. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '@fieldproof/sdk/node'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askBroker } from '../../src/cli/doctor/broker.ts'
import { gatewayStub } from './gateway-stub.ts'
import { openPlace, type Place, PORT } from './kit.ts'
import { doctor } from './made-up-computer.ts'

let place: Place
beforeEach(async () => {
  place = openPlace()
  await place.run(['init', place.dir, '--station', 'weather-station', '--port', PORT])
})
afterEach(() => place.end())

describe('a gateway', () => {
  it('is well when it answers as it was pinned, and fails when it does not', async () => {
    const gateway = await gatewayStub()
    expect(await place.run(['init', place.dir, '--gateway', gateway.url])).toMatchObject({ code: 0, err: '' })
    const { of } = await doctor(place, place.dir)
    expect(of('gateway')[0]).toMatchObject({ status: 'ok', detail: expect.stringContaining('with the pinned log') })
    expect(of('broker')[0]).toMatchObject({ status: 'fail', remedy: expect.stringContaining('broker running') })
    gateway.info = { ...gateway.info, chainId: 2 }
    expect((await doctor(place, place.dir)).of('gateway')[0]).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('chainId'),
    })
    await gateway.close()
    expect((await doctor(place, place.dir)).of('gateway')[0]).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('does not answer'),
    })
  })

  it('whose clock is another is told', async () => {
    const gateway = await gatewayStub()
    await place.run(['init', place.dir, '--gateway', gateway.url])
    gateway.date = new Date(Date.now() + 3_600_000)
    expect((await doctor(place, place.dir)).of('gateway')[1]).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^clocks differ by 3[56]\d\d\.\d s$/),
    })
    await gateway.close()
  })

  it('that is set and not pinned fails with the command that pins it', async () => {
    const path = join(place.dir, 'station.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('# gateway: null', 'gateway: "http://127.0.0.1:1"'))
    const { of } = await doctor(place, place.dir)
    expect(of('gateway')[0]).toMatchObject({ status: 'fail', remedy: expect.stringContaining('fieldproof init') })
    expect(of('broker')[0]).toMatchObject({ status: 'skipped' })
  })
})

describe('a broker', () => {
  it('is one when it answers a stranger, however', async () => {
    for (const isRefused of [false, true]) {
      const broker = await Aedes.createBroker({ authenticate: (_, __, ___, done) => done(null, !isRefused) })
      const server = createTcpServer(broker.handle)
      const url = await listen(server)
      expect(await place.settle(askBroker(url, systemClock()), 30_000)).toEqual({ step: 'connack', isRefused })
      server.close()
      broker.close()
    }
  })

  it('is none when it says something else, or nothing, or is not there', async () => {
    const rude = createTcpServer((socket) => socket.end('220 hello\r\n'))
    const mute = createTcpServer(() => undefined)
    const ask = async (url: string): Promise<unknown> => await place.settle(askBroker(url, systemClock()), 30_000)
    expect(await ask(await listen(rude))).toMatchObject({ step: 'mqtt' })
    const silent = await listen(mute)
    expect(await ask(silent)).toMatchObject({ step: 'mqtt', detail: expect.stringContaining('no answer') })
    expect(await ask(silent.replace('mqtt:', 'mqtts:'))).toMatchObject({ step: 'tls' })
    rude.close()
    expect(await ask('mqtt://127.0.0.1:1')).toMatchObject({
      step: 'connect',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
    mute.close()
  })

  async function listen(server: ReturnType<typeof createTcpServer>): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }
})
