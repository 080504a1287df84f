import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { equalBytes, type FieldproofError, hash32, machineId } from '../../src/base/index.ts'
import { openBody, openKey, pureHash } from '../../src/crypto/index.ts'
import { createMemoryDisk, namedSigner, openMemoryOutbox } from '../../src/testing/index.ts'
import {
  decodeBatch,
  decodeCbor,
  encodeBeacon,
  encodeReceiptMessage,
  MESSAGE_LIMITS,
  rowsOf,
} from '../../src/wire/index.ts'
import { ANCHOR, type AnchoredParts, isSignedBy } from './fake-gateway.ts'
import { MACHINE_ID, pass, type Rig, record, SIGNER, startRig, until, WEATHER } from './rig.ts'

function counts(rig: Rig): unknown[] {
  return rig.gateway.rows('weather').map((row) => row.values[0])
}

function eventsOf(rig: Rig, name: string): readonly (typeof rig.events)[number][] {
  return rig.events.filter((event) => event.event === name)
}

describe('batching', () => {
  it('signs a batch when it is full', async () => {
    const rig = await startRig()
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    expect(counts(rig)).toEqual([0, 1, 2, 3])
  })

  it('signs a batch when its oldest row is old enough, and not before', async () => {
    const rig = await startRig()
    await record(rig, 0, 1)
    await pass(rig, 9_000)
    expect(rig.gateway.logged).toHaveLength(0)
    await pass(rig, 1_500)
    expect(counts(rig)).toEqual([0])
  })

  it('chains statements by id, counts them from one and signs each (HIST-4)', async () => {
    const rig = await startRig()
    await record(rig, 0, 12)
    await until(rig, () => rig.gateway.logged.length === 3)
    const statements = rig.gateway.logged.map((entry) => entry.signed)
    expect(statements.map((s) => s.statement.sequence)).toEqual([1, 2, 3])
    expect(statements[0]?.statement.prev).toBeNull()
    expect(equalBytes(statements[2]!.statement.prev!, statements[1]!.id)).toBe(true)
    for (const signed of statements) expect(await isSignedBy(signed, SIGNER.publicKey)).toBe(true)
  })

  it('halves a batch whose message would be too large', async () => {
    const definition = {
      name: 'log',
      columns: [{ name: 'line', unit: '', exponent: 0, type: 'text' as const }],
      context: {},
    }
    const rig = await startRig({ streams: [{ definition }], timing: { maxRows: 100 } })
    for (let i = 0; i < 100; i++) await rig.machine.record('log', { line: `${i}`.padEnd(1000, 'x') })
    await until(rig, () => rig.gateway.rows('log').length === 100)
    expect(rig.gateway.logged.length).toBeGreaterThan(1)
  })

  it('refuses a row that no message could carry', async () => {
    const columns = Array.from({ length: 64 }, (_, i) => ({
      name: `t${i}`,
      unit: '',
      exponent: 0,
      type: 'text' as const,
    }))
    const rig = await startRig({ streams: [{ definition: { name: 'log', columns, context: {} } }] })
    const reading = Object.fromEntries(columns.map(({ name }) => [name, 'x'.repeat(1024)]))
    await expect(rig.machine.record('log', reading)).rejects.toMatchObject({ code: 'row-invalid' })
    expect((await rig.machine.usage()).rows).toBe(0)
  })

  it('refuses a reading that does not fit its stream, by name', async () => {
    const rig = await startRig()
    const code = (task: Promise<void>): Promise<string> =>
      task.then(
        () => 'taken',
        (e: FieldproofError) => e.code,
      )
    expect(await code(rig.machine.record('weather', { count: Number.NaN }))).toBe('row-invalid')
    expect(await code(rig.machine.record('weather', { other: 1 }))).toBe('row-invalid')
    expect(await code(rig.machine.record('rain', { count: 1 }))).toBe('stream-unknown')
    expect((await rig.machine.usage()).rows).toBe(0)
  })

  it('gives the outbox back when it cannot start', async () => {
    const disk = createMemoryDisk()
    await expect(startRig({ disk, timing: { maxRows: 0 } })).rejects.toThrow('config-invalid')
    await expect(openMemoryOutbox({ disk })).resolves.toBeDefined()
  })

  it('lists every fault of its options in one error', async () => {
    const start = startRig({
      timing: { maxRows: 0, flushMs: -1 },
      streams: [{ definition: WEATHER, recipients: [new Uint8Array(3)] }],
    })
    await expect(start).rejects.toThrow(/maxRows.*flushMs.*streams\[0\]/)
  })
})

describe('receipts', () => {
  it('keeps a batch until an anchored receipt, then drops its bytes (RCPT-21)', async () => {
    const rig = await startRig()
    await record(rig, 0, 4)
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
    expect(await rig.machine.usage()).toMatchObject({ pending: 0, logged: 1 })
    rig.gateway.sendReceipt(rig.gateway.logged[0]!, 'anchored')
    await until(rig, () => eventsOf(rig, 'batch-anchored').length === 1)
    expect(await rig.machine.usage()).toMatchObject({ pending: 0, logged: 0, sizeBytes: 0 })
  })

  it('rejects a receipt that another key signed, and keeps the batch', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    for (const kind of ['logged', 'anchored'] as const) {
      rig.gateway.sendReceipt(rig.gateway.logged[0]!, kind, { secret: new Uint8Array(32).fill(99) })
    }
    await until(rig, () => eventsOf(rig, 'receipt-rejected').length === 2)
    expect(await rig.machine.usage()).toMatchObject({ pending: 1, logged: 0 })
  })

  it("rejects another statement's receipt", async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    await record(rig, 0, 8)
    await until(rig, () => rig.gateway.logged.length === 2)
    const [first, second] = rig.gateway.logged
    rig.gateway.sendReceipt({ ...first!, index: second!.index }, 'anchored')
    await until(rig, () => eventsOf(rig, 'receipt-rejected').length === 1)
    expect(await rig.machine.usage()).toMatchObject({ pending: 2 })
  })

  it('publishes again until receipted, on an unbroken connection (WIRE-9, WIRE-10)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    await record(rig, 0, 4)
    await pass(rig, 3_500)
    expect(rig.gateway.received).toBe(3) // at once, after 1 s, after 2 s more
    expect(rig.gateway.logged).toHaveLength(1)
    rig.gateway.answering = true
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
    const seen = rig.gateway.received
    await pass(rig, 20_000)
    expect(rig.gateway.received).toBe(seen)
  })

  it('goes on when the broker keeps an acknowledgement back', async () => {
    let held = 0
    const rig = await startRig({ messageFate: ({ name }) => (name === 'batch' && held++ === 0 ? 'lose' : 'deliver') })
    await record(rig, 0, 8)
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 2, 5_000)
    expect(counts(rig).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  describe('of an anchor', () => {
    it('does not drop a batch because somebody wrapped its receipt as anchored', async () => {
      const rig = await startLogged()
      const [entry] = rig.gateway.logged
      const receipt = rig.disk.state.batches[0]?.receipt
      if (receipt == null) return expect.fail('want a receipt')
      const wrap = (signature: Uint8Array): void => {
        const message = {
          kind: 'anchored' as const,
          id: entry!.signed.id,
          receipt,
          anchor: ANCHOR,
          signature,
        }
        rig.hub.publish(MACHINE_ID, 'receipt', encodeReceiptMessage(message))
      }
      wrap(new Uint8Array(64))
      wrap(receipt.slice(-64)) // the only signature of the log that a carrier of messages has
      await expectKept(rig, 2)
    })

    it('does not drop a batch for an anchor in another registry', async () => {
      await expectRefused({ anchor: { registry: new Uint8Array(20) } })
    })

    it('does not drop a batch for an anchor of another log', async () => {
      await expectRefused({ anchor: { logId: hash32(new Uint8Array(32)) } })
    })

    it('does not drop a batch for an anchor on another chain', async () => {
      await expectRefused({ anchor: { caip2: 'eip155:1' } })
    })

    it('does not drop a batch when another size is the anchored one', async () => {
      await expectRefused({ size: 3, word: { size: 2 } })
      await expectRefused({ size: 2, word: { size: 3 } })
    })

    it('does not drop a batch when another key says that it is anchored', async () => {
      await expectRefused({ word: { secret: new Uint8Array(32).fill(99) } })
    })

    it('does not drop a batch for the word of the same key as another log, or of another block', async () => {
      await expectRefused({ word: { origin: 'another/log' } })
      await expectRefused({ word: { blockNumber: 6 } })
    })

    async function startLogged(): Promise<Rig> {
      const rig = await startRig()
      await record(rig, 0, 8)
      await until(rig, () => eventsOf(rig, 'batch-logged').length === 2)
      return rig
    }

    async function expectKept(rig: Rig, rejected: number): Promise<void> {
      await until(rig, () => eventsOf(rig, 'receipt-rejected').length === rejected)
      for (const event of eventsOf(rig, 'receipt-rejected')) expect(event).toMatchObject({ code: 'receipt-invalid' })
      expect(await rig.machine.usage()).toMatchObject({ logged: 2 })
    }

    /** Sends an anchored message that is good but for `parts`, and then the good one. */
    async function expectRefused(parts: AnchoredParts): Promise<void> {
      const rig = await startLogged()
      const entry = rig.gateway.logged[0]!
      rig.gateway.sendReceipt(entry, 'anchored', parts)
      await expectKept(rig, 1)
      rig.gateway.sendReceipt(entry, 'anchored')
      await until(rig, () => eventsOf(rig, 'batch-anchored').length === 1)
    }
  })

  it('publishes everything that is not receipted when the link comes back (WIRE-10)', async () => {
    const rig = await startRig()
    rig.link.cut()
    await record(rig, 0, 8)
    await pass(rig, 500)
    expect(rig.gateway.logged).toHaveLength(0)
    await until(rig, () => rig.gateway.logged.length === 2)
    expect(counts(rig)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('refusals', () => {
  it('parks a batch that is refused for good, says so, and goes on (RCPT-22)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    const sent = firstBatch(rig)
    await record(rig, 0, 4)
    rig.gateway.refuse(await sent(), 7, 'root-mismatch')
    await until(rig, () => eventsOf(rig, 'batch-refused').length === 1)
    expect(eventsOf(rig, 'batch-refused')[0]).toMatchObject({ code: 'root-mismatch', parked: true })
    expect(await rig.machine.usage()).toMatchObject({ pending: 0, parked: 1 })
    rig.gateway.answering = true
    await record(rig, 4, 8)
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
  })

  it('takes a refusal whose number it does not know for a final one (RCPT-3)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    const sent = firstBatch(rig)
    await record(rig, 0, 4)
    rig.gateway.refuse(await sent(), 98, 'from-the-future')
    await until(rig, () => eventsOf(rig, 'batch-refused').length === 1)
    expect(eventsOf(rig, 'batch-refused')[0]).toMatchObject({ code: 'from-the-future', parked: true })
  })

  it('takes a parked batch back when its receipt comes (RCPT-22)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    const sent = firstBatch(rig)
    await record(rig, 0, 4)
    rig.gateway.refuse(await sent(), 7, 'root-mismatch')
    await until(rig, () => eventsOf(rig, 'batch-refused').length === 1)
    rig.gateway.sendReceipt(rig.gateway.logged[0]!, 'logged')
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
    expect(await rig.machine.usage()).toMatchObject({ logged: 1, parked: 0 })
  })

  it('publishes a parked batch once more at each start, and takes it back when it is logged after all (RCPT-22)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    const sent = firstBatch(rig)
    await record(rig, 0, 4)
    rig.gateway.refuse(await sent(), 7, 'root-mismatch')
    await until(rig, () => eventsOf(rig, 'batch-refused').length === 1)
    const received = rig.gateway.received
    rig.link.cut()
    await pass(rig, 20_000)
    expect(rig.gateway.received).toBe(received) // a connection is no start
    await rig.restart()
    await pass(rig, 2_000)
    rig.link.cut()
    await pass(rig, 20_000)
    expect(rig.gateway.received).toBe(received + 1)
    rig.gateway.answering = true
    await rig.restart()
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
    expect(await rig.machine.usage()).toMatchObject({ logged: 1, parked: 0 })
  })

  it('introduces itself again and sends again when its key is unknown (RCPT-22)', async () => {
    const rig = await startRig()
    rig.gateway.answering = false
    const sent = firstBatch(rig)
    await record(rig, 0, 4)
    const births = rig.gateway.births
    rig.gateway.refuse(await sent(), 4, 'unknown-key')
    await until(rig, () => rig.gateway.births > births)
    rig.gateway.answering = true
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
  })

  it('cannot be made to park a batch that has a receipt', async () => {
    const rig = await startRig()
    const sent = firstBatch(rig)
    await record(rig, 0, 4)
    await until(rig, () => eventsOf(rig, 'batch-logged').length === 1)
    rig.gateway.refuse(await sent(), 7, 'root-mismatch')
    await pass(rig, 1000)
    expect(await rig.machine.usage()).toMatchObject({ logged: 1, parked: 0 })
  })
})

describe('history', () => {
  it('goes on from its newest logged statement when its card was restored (HIST-30)', async () => {
    const rig = await startRig()
    await record(rig, 0, 8)
    await until(rig, () => rig.gateway.logged.length === 2)
    const newest = rig.gateway.logged[1]!
    rig.hub.publish(MACHINE_ID, 'head', newest.batch.statement, { retain: true })
    Object.assign(rig.disk.state, createMemoryDisk().state)
    await rig.restart()
    await record(rig, 8, 12)
    await until(rig, () => rig.gateway.logged.length === 3)
    const next = rig.gateway.logged[2]!.signed.statement
    expect(next.sequence).toBe(3)
    expect(equalBytes(next.prev!, newest.signed.id)).toBe(true)
  })

  it('goes on waiting for its newest statement when an old one of its own is sent first (HIST-30, HIST-31)', async () => {
    const rig = await startRig({ timing: { headWaitMs: 3_000 } })
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    await record(rig, 4, 8)
    await until(rig, () => rig.gateway.logged.length === 2)
    const kept = { ...rig.disk.state.head! }
    await record(rig, 8, 12)
    await until(rig, () => rig.gateway.logged.length === 3)
    rig.disk.state.head = kept // a card of before the third statement
    rig.disk.state.batches.length = 0
    await rig.restart()
    await record(rig, 12, 16)
    await pass(rig, 500)
    const statement = (i: number): Uint8Array => rig.gateway.logged[i]!.batch.statement
    rig.hub.publish(MACHINE_ID, 'head', statement(0))
    await pass(rig, 500)
    expect(rig.gateway.logged).toHaveLength(3)
    rig.hub.publish(MACHINE_ID, 'head', statement(2))
    await until(rig, () => rig.gateway.logged.length === 4)
    expect(rig.gateway.logged[3]!.signed.statement.sequence).toBe(4)
    expect(eventsOf(rig, 'history-adopted')).toMatchObject([{ sequence: 3, localSequence: 2 }])
  })

  it('does not adopt a head that it has not signed (HIST-30)', async () => {
    const rig = await startRig()
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    const forged = rig.gateway.logged[0]!.batch.statement.slice()
    forged[forged.length - 1] = forged[forged.length - 1]! ^ 1
    rig.hub.publish(MACHINE_ID, 'head', forged)
    await until(rig, () => eventsOf(rig, 'message-rejected').length === 1)
    expect(eventsOf(rig, 'message-rejected')[0]).toMatchObject({ topic: 'head', code: 'bad-signature' })
    expect(eventsOf(rig, 'history-adopted')).toHaveLength(0)
  })

  it('signs rows of an earlier release under the definition they were measured with', async () => {
    const rig = await startRig()
    await record(rig, 0, 2)
    const definition = {
      ...WEATHER,
      columns: [...WEATHER.columns, { name: 'rain', unit: 'mm', exponent: -1, type: 'int' as const }],
    }
    await rig.restart({ streams: [{ definition }] })
    await until(rig, () => rig.gateway.logged.length === 1)
    expect(counts(rig)).toEqual([0, 1])
  })
})

describe('beacons', () => {
  const offer = (rig: Rig, blockNumber: number, options: { chainId?: number; retain?: boolean } = {}): void => {
    const { chainId = 31337, retain = false } = options
    const blockHash = hash32(new Uint8Array(32).fill(blockNumber))
    rig.hub.publish(MACHINE_ID, 'beacon', encodeBeacon({ chainId, blockNumber, blockHash }), { retain })
  }
  /** Signs a batch, and gives the block number in its statement. */
  const used = async (rig: Rig): Promise<number | null> => {
    await rig.clock.advance(1)
    const before = rig.gateway.logged.length
    await record(rig, before * 4, before * 4 + 4)
    await until(rig, () => rig.gateway.logged.length === before + 1)
    return rig.gateway.logged.at(-1)?.signed.statement.beacon?.blockNumber ?? null
  }
  const reconnect = async (rig: Rig): Promise<void> => {
    const ups = eventsOf(rig, 'link-up').length
    rig.link.cut()
    await until(rig, () => eventsOf(rig, 'link-up').length > ups)
  }

  it('puts the newest beacon into the statement, never an older one or one of another chain (WIRE-20)', async () => {
    const rig = await startRig()
    offer(rig, 7)
    offer(rig, 5)
    offer(rig, 9, { chainId: 1 })
    expect(await used(rig)).toBe(7)
    expect(rig.gateway.logged[0]?.signed.statement.beacon).toMatchObject({ chainId: 31337 })
  })

  it('forgets with the connection what was offered and never used (WIRE-23)', async () => {
    const rig = await startRig()
    offer(rig, 7)
    expect(await used(rig)).toBe(7)
    offer(rig, 2 ** 48)
    await rig.clock.advance(1)
    offer(rig, 8, { retain: true })
    await reconnect(rig)
    expect(await used(rig)).toBe(8)
  })

  it('never goes back behind a beacon that it used, on any connection of this start (WIRE-21)', async () => {
    const rig = await startRig()
    offer(rig, 7)
    expect(await used(rig)).toBe(7)
    await reconnect(rig)
    offer(rig, 6)
    expect(await used(rig)).toBe(7)
    await rig.restart()
    offer(rig, 6)
    expect(await used(rig)).toBe(6)
  })

  it('signs with the newest it has while the link is down', async () => {
    const rig = await startRig()
    offer(rig, 7)
    await rig.clock.advance(1)
    rig.hub.setUp(false)
    await record(rig, 0, 4)
    await pass(rig, 500)
    rig.hub.setUp(true)
    await until(rig, () => rig.gateway.logged.length === 1)
    expect(rig.gateway.logged[0]?.signed.statement.beacon).toMatchObject({ blockNumber: 7 })
  })

  it('refuses a beacon whose block number is beyond 2^48 (WIRE-23)', async () => {
    const rig = await startRig()
    offer(rig, 2 ** 48 + 1)
    await until(rig, () => eventsOf(rig, 'message-rejected').length === 1)
    expect(eventsOf(rig, 'message-rejected')[0]).toMatchObject({ topic: 'beacon', code: 'message-invalid' })
    expect(await used(rig)).toBeNull()
  })
})

describe('sealed streams', () => {
  it('can be read by their recipients, and by nobody else', async () => {
    const reader = nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(5))
    const rig = await startRig({ streams: [{ definition: WEATHER, recipients: [reader.publicKey] }] })
    await record(rig, 0, 4)
    await until(rig, () => rig.gateway.logged.length === 1)
    const { batch, signed } = rig.gateway.logged[0]!
    if (batch.kind !== 'sealed') return expect.fail('want a sealed batch')
    const columns = decodeCbor(openBody(batch.body, openKey(batch.boxes[0]!, reader.secretKey)), MESSAGE_LIMITS)
    expect(rowsOf(columns, WEATHER).map((row) => row.values[0])).toEqual([0, 1, 2, 3])
    expect(signed.statement.sealed).toEqual(pureHash.sha256(batch.body))
    expect(() => openKey(batch.boxes[0]!, new Uint8Array(32).fill(6))).toThrow('sealed-open-failed')
  })
})

describe('a full outbox', () => {
  it('turns new rows away, counts them, and signs the count in its health (RCPT-23)', async () => {
    const rig = await startRig({ maxBytes: 1200, timing: { healthMs: 60_000, maxAgeMs: 5_000 } })
    rig.link.cut()
    rig.hub.setUp(false)
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, count) => rig.machine.record('weather', { count })),
    )
    await pass(rig, 500)
    const more = await Promise.allSettled(
      Array.from({ length: 60 }, (_, count) => rig.machine.record('weather', { count: 60 + count })),
    )
    const refused = [...results, ...more].filter((r) => r.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    const dropped = eventsOf(rig, 'rows-dropped').at(-1)
    expect(dropped).toMatchObject({ totalDropped: refused.length })
    rig.hub.setUp(true)
    await until(rig, () => rig.gateway.rows('weather').length === 120 - refused.length)
    for (const entry of rig.gateway.logged) rig.gateway.sendReceipt(entry, 'anchored')
    await until(rig, () => rig.gateway.rows('health').length > 0, 200_000)
    expect(rig.gateway.rows('health').at(-1)?.values[6]).toBeGreaterThanOrEqual(refused.length)
  })
})

describe('stopping', () => {
  it('makes rows durable, says goodbye, and takes no more', async () => {
    const rig = await startRig({ timing: { flushMs: 5_000 } })
    const recorded = record(rig, 0, 1)
    await rig.machine.stop()
    await recorded
    await expect(rig.machine.record('weather', { count: 1 })).rejects.toThrow('machine-stopped')
    await rig.restart()
    expect((await rig.machine.usage()).rows).toBe(1)
  })

  it('does not wait for ever for a broker that acknowledges nothing', async () => {
    let silent = false
    const rig = await startRig({ messageFate: () => (silent ? 'lose' : 'deliver') })
    silent = true
    let stopped = false
    const stopping = [rig.machine.stop(), rig.machine.stop()]
    void Promise.all(stopping).then(() => {
      stopped = true
    })
    await until(rig, () => stopped, 10_000)
  })

  it('has the id of its key', () => {
    expect(MACHINE_ID).toBe(machineId(MACHINE_ID))
    expect(namedSigner('station').publicKey).toEqual(SIGNER.publicKey)
  })
})

/** Resolves with the bytes of the first batch message that the hub sees from now on. */
function firstBatch(rig: Rig): () => Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  rig.hub.subscribe((message) => {
    if (message.name === 'batch') bytes ??= message.payload
  })
  return async () => {
    await until(rig, () => bytes !== undefined)
    expect(decodeBatch(bytes!).kind).toBe('open')
    return bytes!
  }
}
