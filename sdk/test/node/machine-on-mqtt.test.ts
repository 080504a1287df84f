/** A whole machine on a real broker: what is seen of it there, byte for byte. */
import type { Client } from 'aedes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../src/base/index.ts'
import { type Machine, startMachine } from '../../src/machine/index.ts'
import { nativeHash, nativeSuites } from '../../src/native/index.ts'
import { mqttLink, systemClock, systemEntropy } from '../../src/node/index.ts'
import { createMemoryDisk, namedSigner, openMemoryOutbox } from '../../src/testing/index.ts'
import { decodeBatch } from '../../src/wire/index.ts'
import { GATEWAY } from '../machine/fake-gateway.ts'
import { WEATHER } from '../machine/rig.ts'
import { type AedesBroker, startAedes } from './aedes-broker.ts'

interface Seen {
  readonly connection: number
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
}

describe('a machine on aedes', () => {
  let aedes: AedesBroker
  let machine: Machine
  let newest: Client | undefined
  const disk = createMemoryDisk()
  const seen: Seen[] = []
  let checks: (() => void)[] = []

  beforeEach(async () => {
    let connection = 0
    aedes = await startAedes()
    aedes.broker.on('client', (client) => {
      connection += 1
      newest = client
    })
    aedes.broker.on('publish', ({ topic, payload, qos, retain }, client) => {
      if (client === null) return
      seen.push({ connection, topic, payload: toHex(Buffer.from(payload)), qos, retain })
      for (const check of checks) check()
    })
    machine = await startMachine({
      signer: namedSigner('station'),
      gateway: GATEWAY,
      streams: [{ definition: WEATHER }],
      outbox: await openMemoryOutbox({ disk }),
      link: mqttLink({ url: `mqtt://127.0.0.1:${aedes.port}`, backoff: { minMs: 5, maxMs: 20 } }),
      clock: systemClock(),
      entropy: systemEntropy,
      hash: nativeHash,
      suites: nativeSuites,
      software: 'test',
      timing: { maxRows: 2, headWaitMs: 0, resendMs: 100, resendMaxMs: 100, healthMs: 0 },
    })
  })
  afterEach(async () => {
    await machine.stop()
    await aedes.close()
  })

  function until(fits: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!fits()) return
        checks = checks.filter((other) => other !== check)
        resolve()
      }
      checks.push(check)
      check()
    })
  }

  const onTopic = (name: string): Seen[] => seen.filter(({ topic }) => topic === `fp/1/${machine.id}/${name}`)

  it('publishes under its own id alone, birth before batches, the same bytes until they are receipted (WIRE-2, WIRE-6, WIRE-10)', async () => {
    for (const count of [1, 2]) await machine.record('weather', { count })
    await until(() => onTopic('batch').length >= 3)
    aedes.broker.publish(
      {
        cmd: 'publish',
        topic: `fp/1/${machine.id}/receipt`,
        payload: Buffer.from(utf8('?')),
        qos: 1,
        dup: false,
        retain: false,
      },
      () => undefined,
    )
    newest?.close()
    await until(() => onTopic('batch').some(({ connection }) => connection === 2))
    await machine.stop()
    const topics = new Set(['birth', 'status', 'batch'].map((name) => `fp/1/${machine.id}/${name}`))
    expect(new Set(seen.map(({ topic }) => topic))).toEqual(topics)
    expect(seen.every(({ topic, qos, retain }) => qos === 1 && retain === !topic.endsWith('/batch'))).toBe(true)
    for (const connection of [1, 2]) {
      const names = seen.filter((m) => m.connection === connection).map(({ topic }) => topic.split('/').at(-1))
      expect(names.indexOf('birth')).toBeGreaterThanOrEqual(0)
      expect(names.indexOf('birth')).toBeLessThan(names.indexOf('batch'))
    }
    const stored = disk.state.batches.map(({ batch }) => toHex(batch.message))
    expect(stored).toHaveLength(1)
    expect(new Set(onTopic('batch').map(({ payload }) => payload))).toEqual(new Set(stored))
    expect(decodeBatch(Buffer.from(stored[0] ?? '', 'hex')).kind).toBe('open')
  })
})
