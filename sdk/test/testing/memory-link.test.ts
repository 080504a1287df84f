import { describe, expect, it } from 'vitest'
import { machineIdOf, toHex, utf8 } from '../../src/base/index.ts'
import { pureHash } from '../../src/crypto/index.ts'
import { systemClock } from '../../src/node/system-clock.ts'
import {
  createHub,
  createVirtualClock,
  eventOf,
  type HubOptions,
  linkContract,
  type MemoryLink,
  openingOf,
  recordLink,
} from '../../src/testing/index.ts'
import { topicOf } from '../../src/wire/index.ts'

linkContract({ describe, it, expect }, 'memory link', async () => {
  let stalled = false
  const hub = createHub({
    clock: systemClock(),
    reconnectMs: 2,
    fate: () => (stalled ? 'lose' : 'deliver'),
  })
  const links: MemoryLink[] = []
  const seen = new Set<string>()
  const waiting = new Map<string, () => void>()
  hub.subscribe(({ machine, name, payload }) => {
    const message = `${topicOf(machine, name)} ${toHex(payload)}`
    seen.add(message)
    waiting.get(message)?.()
  })
  return {
    link() {
      const link = hub.link()
      links.push(link)
      return link
    },
    async publish(machine, name, payload, retain = false) {
      hub.publish(machine, name, payload, { retain })
    },
    async arrived(machine, name, payload) {
      const message = `${topicOf(machine, name)} ${toHex(payload)}`
      if (!seen.has(message)) await new Promise<void>((resolve) => waiting.set(message, resolve))
    },
    retained: async (machine, name) => hub.retained(machine, name),
    stall() {
      stalled = true
    },
    cut() {
      stalled = false
      for (const link of links) link.cut()
    },
    async setReachable(reachable) {
      hub.setUp(reachable)
    },
    dispose: () => Promise.resolve(),
  }
})

const MACHINE = machineIdOf(pureHash.sha256(utf8('a machine')))
const WILL = utf8('gone')

async function upLink(options: Partial<HubOptions> = {}) {
  const clock = createVirtualClock()
  const hub = createHub({ clock, ...options })
  const heard: string[] = []
  hub.subscribe(({ name, payload }) => heard.push(eventOf(name, payload)))
  const link = hub.link()
  const recorder = recordLink()
  link.open(openingOf(MACHINE, WILL, recorder))
  await recorder.until('up')
  return { clock, hub, link, recorder, heard }
}

describe('memory hub', () => {
  it('delivers nothing inside the call that sends it', async () => {
    const { hub, link, recorder, heard } = await upLink()
    const published = link.publish('batch', utf8('rows'))
    hub.publish(MACHINE, 'receipt', utf8('receipt'))
    expect([heard, recorder.events]).toEqual([[], ['up']])
    await published
    await recorder.until(eventOf('receipt', utf8('receipt')))
    expect(heard).toEqual([eventOf('batch', utf8('rows'))])
  })

  it('acknowledges after the delay that it was given', async () => {
    const { clock, link, heard } = await upLink({ ackMs: 300 })
    let acknowledged = false
    void link.publish('batch', utf8('rows')).then(() => {
      acknowledged = true
    })
    await clock.advance(299)
    expect(acknowledged).toBe(false)
    await clock.advance(1)
    expect([acknowledged, heard.length]).toEqual([true, 1])
  })

  it('comes back after the delay that it was given', async () => {
    const { clock, link, recorder } = await upLink({ reconnectMs: 700 })
    link.cut('cable pulled')
    expect(recorder.events).toEqual(['up', 'down'])
    await clock.advance(699)
    expect(link.isUp).toBe(false)
    await clock.advance(1)
    expect(recorder.events).toEqual(['up', 'down', 'up'])
  })

  it('drops, loses or duplicates a message, or forgets its acknowledgement, as it is told', async () => {
    const fates = ['duplicate', 'drop', 'no-ack', 'lose'] as const
    const { link, heard, clock } = await upLink({ fate: ({ payload }) => fates[payload[0]!] ?? 'deliver' })
    const outcome = (i: number): Promise<string> =>
      link.publish('batch', Uint8Array.of(i)).then(
        () => 'acknowledged',
        (error: Error) => error.message,
      )
    const outcomes = Promise.all([0, 1, 2, 3].map(outcome))
    await clock.advance(0)
    link.cut('cable pulled')
    const lost = 'link-failed: not acknowledged: cable pulled'
    expect(await outcomes).toEqual(['acknowledged', 'acknowledged', lost, lost])
    const batches = heard.filter((event) => event.startsWith('batch'))
    expect(batches).toEqual(['batch 00', 'batch 00', 'batch 02'])
  })

  it('throws out a link when another comes with the same machine', async () => {
    const { hub, recorder, clock } = await upLink()
    const second = hub.link()
    const seen = recordLink()
    second.open(openingOf(MACHINE, WILL, seen))
    await clock.advance(0)
    expect(recorder.events).toEqual(['up', 'down'])
    expect(seen.events).toEqual(['up'])
  })

  it('forgets a retained message when an empty one is retained', async () => {
    const { hub } = await upLink()
    hub.publish(MACHINE, 'head', utf8('statement'), { retain: true })
    expect(hub.retained(MACHINE, 'head')).toEqual(utf8('statement'))
    hub.publish(MACHINE, 'head', new Uint8Array(0), { retain: true })
    expect(hub.retained(MACHINE, 'head')).toBeUndefined()
  })

  it('gives up a graceful close when an acknowledgement does not come', async () => {
    const { clock, link } = await upLink({ fate: () => 'no-ack' })
    const lost = expect(link.publish('batch', utf8('rows'))).rejects.toMatchObject({ code: 'link-failed' })
    const closed = link.close({ graceful: true })
    await clock.advance(5000)
    await Promise.all([closed, lost])
  })

  it('tells of a handler that throws', async () => {
    const told: string[] = []
    const clock = createVirtualClock()
    const link = createHub({ clock, onWarning: (text) => told.push(text) }).link()
    const recorder = recordLink(() => {
      throw new Error('a bug')
    })
    link.open(openingOf(MACHINE, WILL, recorder))
    await clock.advance(0)
    expect(told).toEqual(['a handler threw: a bug'])
  })
})
