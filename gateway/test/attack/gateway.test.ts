import { randomBytes } from 'node:crypto'
import { statementId } from '@fieldproof/sdk/base'
import type { TopicName } from '@fieldproof/sdk/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TestMachine } from '../gateway/machine-kit.ts'
import { TestLink } from '../gateway/mqtt-kit.ts'
import { Rig } from './rig.ts'

describe('a gateway under attack', () => {
  let rig: Rig
  let link: TestLink

  beforeEach(async () => {
    rig = await Rig.start({ messagesPerSecond: 0 })
    link = await rig.online()
  })
  afterEach(() => rig.stop())

  it('acknowledges every damaged message, and logs the next honest batch', async () => {
    const machine = rig.machine
    let made = 0
    const honest = {
      batch: () => machine.at(++made + 100, statementId(new Uint8Array(32))).message,
      birth: () => machine.birth(),
      status: () => new Uint8Array(randomBytes(12)),
    }
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    const name = fc.constantFrom<TopicName & keyof typeof honest>('batch', 'birth', 'status')
    await fc.assert(
      fc.asyncProperty(changes, fc.constantFrom('set', 'cut', 'insert'), name, async (at, how, topic) => {
        await link.publish(topic, damaged(honest[topic](), at, how))
      }),
      { seed: 5, numRuns: 400 },
    )
    expect(rig.events.filter(({ event }) => event === 'fault' || event === 'fatal')).toEqual([])
    const next = machine.next()
    await link.publish('batch', next.message)
    expect(await link.receipt((m) => m.kind === 'logged' && Buffer.from(m.id).equals(next.id))).toBeDefined()
  })

  it('takes nothing from a topic or a will that is not the machine’s own, at any quality of service', async () => {
    const other = new TestMachine()
    const topics = [`fp/1/${other.id}/batch`, `fp/1/${rig.machine.id}/receipt`, '$SYS/x', 'fp/1/taken']
    for (const topic of topics) {
      for (const qos of [0, 1, 2] as const) await link.client.publishAsync(topic, 'x', { qos, retain: true })
    }
    await link.publish('status', new Uint8Array(1)) // acknowledged after all of them
    const codes = rig.events.flatMap((event) => (event.event === 'refused' ? [event.code] : []))
    expect(codes.filter((code) => code === 'wrong-topic')).toHaveLength(topics.length * 3)
    const watcher = await TestLink.connect(rig.gateway.mqttUrl, other.id)
    for (const filter of ['#', '+/#', '$SYS/#', '$share/g/#', 'fp/1/+/receipt', `fp/1/${rig.machine.id}/#`]) {
      await expect(watcher.client.subscribeAsync(filter)).rejects.toThrow()
    }
    await watcher.close()
  })

  it('gives the newest anchored proof of a machine whose history has a gap behind it', async () => {
    await link.publish('batch', rig.machine.next().message)
    await vi.waitFor(() => {
      rig.chain.finalise()
      expect(rig.events.some(({ event }) => event === 'anchored')).toBe(true)
    })
    await link.publish('batch', rig.machine.at(50, statementId(new Uint8Array(32))).message)
    const response = await fetch(`${rig.gateway.httpUrl}/v1/proof?machine=${rig.machine.id}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toContain(`${rig.machine.id}-1-1.fpproof`)
  })

  it('answers hostile paths and queries with a problem, never with a fault of its own', async () => {
    const id = rig.machine.id
    const paths = [
      '/tile/%2e%2e/%2e%2e/etc/passwd',
      '/tile/entries/x999/x999/x999/x999/999',
      '/tile/63/999',
      '/tile/%',
      '/v1/machines/%00',
      `/v1/machines/${id}/rows?stream=weather&__proto__=1`,
      `/v1/machines/${id}/rows?${'a=1&'.repeat(2000)}`,
      `/v1/proof?machine=${id}&${'row=1&'.repeat(300)}`,
      `/v1/proof?machine=${id}&row=1%0d%0aX:%201`,
      `/v1/proof?machine=${id}&sequence=999999999999999`,
    ]
    for (const path of paths) {
      const { status } = await fetch(rig.gateway.httpUrl + path)
      expect([path, status >= 400 && status < 500]).toEqual([path, true])
    }
  })
})

function damaged(honest: Uint8Array, changes: readonly (readonly [number, number])[], how: string): Uint8Array {
  return changes.reduce((bytes, [place, value]) => {
    const at = place % bytes.length
    if (how === 'cut') return bytes.slice(0, Math.max(1, at))
    const rest = bytes.subarray(how === 'set' ? at + 1 : at)
    return new Uint8Array([...bytes.subarray(0, at), value, ...rest])
  }, honest)
}
