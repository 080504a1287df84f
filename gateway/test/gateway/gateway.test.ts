import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootId, equalBytes, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeEd25519, nativeHash } from '@fieldproof/sdk/native'
import { encodeGenesis, verifyAnchorWord, verifyReceipt } from '@fieldproof/sdk/verify'
import { decodeBeacon, encodeStatus, MAX_MESSAGE_BYTES, topicOf } from '@fieldproof/sdk/wire'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
  genesisOf,
  openState,
  parseConfig,
  startGateway,
} from '../../src/index.ts'
import { MemoryStore, type Store } from '../../src/ledger/index.ts'
import { FakeChain, FakeRegistry } from './fake-chain.ts'
import { TestMachine } from './machine-kit.ts'
import { TestLink } from './mqtt-kit.ts'

const directory = mkdtempSync(join(tmpdir(), 'fieldproof-gateway-'))
afterAll(() => rmSync(directory, { recursive: true }))
let directories = 0

const BOOT = bootId(new Uint8Array(8).fill(3))

describe('gateway', () => {
  let config: ReturnType<typeof parseConfig>
  let chain: FakeChain
  let registry: FakeRegistry
  let events: GatewayEvent[]
  let machine: TestMachine
  let gateway: Gateway
  const links: TestLink[] = []
  let watchers: (() => void)[] = []

  beforeEach(async () => {
    config = parseConfig({
      origin: 'example.org/test',
      dataDir: join(directory, String(++directories)),
      mqtt: { port: 0 },
      http: { port: 0 },
      keys: { retryMs: 0 },
      anchor: { everyMs: 0, pollMs: 50, beaconMs: 50 },
    })
    chain = new FakeChain()
    registry = new FakeRegistry()
    events = []
    watchers = []
    machine = new TestMachine()
    registry.enrol(machine)
    gateway = await start()
  })
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()))
    await gateway.stop()
  })

  async function start(more: Partial<GatewayOptions> = {}): Promise<Gateway> {
    const state = openState(config, true)
    chain.begin(leafHash(nativeHash, encodeGenesis(genesisOf(config, state.signer, chain))))
    return await startGateway({
      config,
      create: true,
      anchoring: chain,
      registry,
      ...state,
      onEvent: (event) => {
        events.push(event)
        for (const wake of watchers.splice(0)) wake()
      },
      ...more,
    })
  }

  async function link(who: TestMachine = machine, options = {}): Promise<TestLink> {
    const made = await TestLink.connect(gateway.mqttUrl, who.id, options)
    links.push(made)
    return made
  }

  /** A machine that is connected, listening and born. */
  async function online(who: TestMachine = machine): Promise<TestLink> {
    const made = await link(who)
    await made.subscribe('receipt', 'head', 'beacon')
    await made.publish('birth', who.birth())
    return made
  }

  async function event<E extends GatewayEvent['event']>(name: E): Promise<GatewayEvent & { event: E }> {
    for (;;) {
      const found = events.find((e): e is GatewayEvent & { event: E } => e.event === name)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        watchers.push(resolve)
      })
    }
  }

  it('logs a batch and answers with a receipt that verifies', async () => {
    const it = await online()
    const batch = machine.next()
    await it.publish('batch', batch.message)
    const message = await it.receipt(({ kind }) => kind === 'logged')
    if (message.kind !== 'logged') throw new Error('logged')
    expect(message.id).toEqual(batch.id)
    const proven = await verifyReceipt(
      message.receipt,
      batch.statement,
      gateway.ledger.identity,
      nativeEd25519,
      nativeHash,
    )
    expect(proven).toMatchObject({ index: 1, size: 2, root: gateway.ledger.head.root })
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'batch-logged', machine: machine.id, stream: 'weather', rows: 3, logIndex: 1 }),
    )
  })

  it('acknowledges a batch only after its commit (WIRE-8)', async () => {
    await gateway.stop()
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const store = new MemoryStore()
    const slow = new Proxy<Store>(store, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        if (name !== 'append') return method.bind(target)
        return async (...args: unknown[]) => {
          await gate
          return await method.apply(target, args)
        }
      },
    })
    gateway = await start({ store: slow })
    const it = await online()
    let acknowledged = false
    const published = it.publish('batch', machine.next().message).then(() => {
      acknowledged = true
    })
    await it.publish('status', encodeStatus({ online: true, boot: BOOT })) // sent later, acknowledged before
    expect(acknowledged).toBe(false)
    expect(await store.leafCount()).toBe(1)
    release()
    await published
    expect(await store.leafCount()).toBe(2)
  })

  it('acknowledges a refused batch and says why on the receipt topic (WIRE-8, RCPT-30)', async () => {
    const it = await online()
    const batch = machine.next({ said: { leafCount: 99 } })
    await it.publish('batch', batch.message)
    const refused = await it.receipt(({ kind }) => kind === 'refused')
    expect(refused).toMatchObject({ kind: 'refused', code: 'count-mismatch', number: 8, message: batch.digest })
    expect(await gateway.store.refusals(1)).toMatchObject([{ code: 'count-mismatch', message: batch.message }])
    const metrics = await (await fetch(`${gateway.httpUrl}/metrics`)).text()
    expect(metrics).toContain('fieldproof_messages_refused_total{code="count-mismatch"} 1')
    await it.publish('batch', machine.at(1, null).message)
    expect(await it.receipt(({ kind }) => kind === 'logged')).toBeDefined()
  })

  it('acknowledges and refuses a batch that is too large, on an unbroken connection', async () => {
    const it = await online()
    await it.publish('batch', new Uint8Array(MAX_MESSAGE_BYTES + 1))
    expect(await it.receipt(({ kind }) => kind === 'refused')).toMatchObject({ code: 'too-large' })
    expect(it.client.connected).toBe(true)
  })

  it('ends the connection of a packet that nobody may send', async () => {
    const { port } = new URL(gateway.mqttUrl)
    const socket = connect(Number(port), '127.0.0.1')
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => undefined)
    // A PUBLISH that announces 200 MB and goes on for as long as it is let.
    socket.write(Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f]))
    socket.write(Buffer.alloc(1024))
    await closed
  })

  it('answers a duplicate with the same receipt (HIST-22, RCPT-13)', async () => {
    const it = await online()
    const batch = machine.next()
    await it.publish('batch', batch.message)
    await it.publish('batch', machine.next().message)
    await event('batch-logged')
    await it.publish('batch', batch.message)
    await event('batch-duplicate')
    const again = new Promise<void>((resolve) => it.client.once('message', () => resolve()))
    await Promise.race([again, settle(() => it.receipts().length === 3, it)])
    const own = it.receipts().filter((m) => m.kind === 'logged' && equalBytes(m.id, batch.id))
    expect(own).toHaveLength(2)
    expect(own[0]).toEqual(own[1])
  })

  it('answers a fork with its code and keeps it (HIST-21)', async () => {
    const it = await online()
    await it.publish('batch', machine.at(1, null).message)
    const other = machine.at(1, null)
    await it.publish('batch', other.message)
    expect(await it.receipt(({ kind }) => kind === 'refused')).toMatchObject({ code: 'fork', message: other.digest })
    expect(await gateway.store.forks()).toMatchObject([{ machine: machine.id, index: 1, message: other.message }])
    expect(events).toContainEqual(expect.objectContaining({ event: 'fork', sequence: 1 }))
  })

  it('keeps the order of a machine, however many batches it sends at once', async () => {
    const it = await online()
    const batches = Array.from({ length: 40 }, () => machine.next())
    await Promise.all(batches.map(({ message }) => it.publish('batch', message)))
    const leaves = await gateway.store.leaves(1, 41)
    expect(leaves.map(({ sequence }) => sequence)).toEqual(batches.map((_, i) => i + 1))
    expect(leaves.slice(1).every(({ link: l }) => l === 'linked')).toBe(true)
  })

  it('checks a batch that follows its birth message at once after it', async () => {
    const it = await link()
    await it.subscribe('receipt')
    const birth = it.publish('birth', machine.birth())
    await it.publish('batch', machine.next().message)
    await birth
    expect(await it.receipt(() => true)).toMatchObject({ kind: 'logged' })
  })

  it('refuses an unknown key for now, and takes it once it is enrolled', async () => {
    const stranger = new TestMachine(-19)
    const it = await online(stranger)
    const batch = stranger.next()
    await it.publish('batch', batch.message)
    expect(await it.receipt(() => true)).toMatchObject({ kind: 'refused', code: 'unknown-key' })
    registry.enrol(stranger)
    await it.publish('batch', batch.message)
    expect(await it.receipt(({ kind }) => kind === 'logged')).toMatchObject({ id: batch.id })
  })

  it('takes a message on a foreign topic from its sender and gives it to nobody', async () => {
    const victim = await online()
    const stranger = new TestMachine()
    const it = await link(stranger)
    await it.subscribe('receipt')
    await it.client.publishAsync(topicOf(machine.id, 'receipt'), Buffer.from('forged'), { qos: 1 })
    await it.client.publishAsync(topicOf(machine.id, 'batch'), Buffer.from(machine.next().message), { qos: 1 })
    expect(await it.receipt(() => true)).toMatchObject({ kind: 'refused', code: 'wrong-topic' })
    await victim.publish('batch', machine.at(1, null).message)
    expect(await victim.receipt(() => true)).toMatchObject({ kind: 'logged' })
    expect(await gateway.store.leafCount()).toBe(2)
  })

  it('lets a machine listen to its own branch only', async () => {
    const stranger = new TestMachine()
    const it = await link(stranger)
    for (const filter of [
      '#',
      'fp/1/+/receipt',
      topicOf(machine.id, 'receipt'),
      '$SYS/#',
      topicOf(stranger.id, 'batch'),
    ]) {
      await expect(it.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow()
    }
    await it.client.subscribeAsync(`fp/1/${stranger.id}/#`, { qos: 1 })
  })

  it('admits only a client whose id and user name are its machine id', async () => {
    await expect(link(machine, { username: 'somebody' })).rejects.toThrow()
    await expect(link(machine, { clientId: 'somebody', username: 'somebody' })).rejects.toThrow()
  })

  it('gives a machine that comes back its newest statement and the newest final block, retained (WIRE-20)', async () => {
    const it = await online()
    const batches = [machine.next(), machine.next()]
    for (const { message } of batches) await it.publish('batch', message)
    const back = await link()
    await back.subscribe('head', 'beacon')
    expect(await back.first('head')).toMatchObject({ payload: batches[1]?.statement, retain: true })
    expect(decodeBeacon((await back.first('beacon')).payload)).toMatchObject({ chainId: 31337 })
  })

  it('sends every new final block to the machines that are there', async () => {
    const it = await online()
    await it.first('beacon')
    await it.publish('batch', machine.next().message)
    await event('anchor-included')
    chain.finalise()
    await event('anchored')
    while (
      !it.arrived.some(({ topic, payload }) => topic.endsWith('beacon') && decodeBeacon(payload).blockNumber > 1)
    ) {
      await new Promise<void>((resolve) => it.client.once('message', () => resolve()))
    }
  })

  it('says who is online, from status, last will and connection', async () => {
    const will = {
      topic: topicOf(machine.id, 'status'),
      payload: Buffer.from(encodeStatus({ online: false, boot: BOOT })),
      qos: 1 as const,
      retain: true,
    }
    const it = await link(machine, { will })
    await it.publish('status', encodeStatus({ online: true, boot: BOOT }))
    expect(await event('machine-online')).toMatchObject({ machine: machine.id })
    it.client.stream.destroy()
    expect(await event('machine-offline')).toMatchObject({ machine: machine.id })
  })

  it('tells of an anchor at the anchored size, once to who is there, and to who comes later (RCPT-1, RCPT-13)', async () => {
    const away = new TestMachine()
    registry.enrol(away)
    const it = await online()
    const other = await online(away)
    const batch = machine.next()
    const missed = away.next()
    await other.publish('batch', missed.message)
    await other.receipt(({ kind }) => kind === 'logged')
    await other.close()
    await it.publish('batch', batch.message)
    // The first batch may have an anchor of its own, which has to be final before the next one is sent.
    await settleUntil(() => {
      chain.finalise()
      return chain.mined.some(({ prepared }) => prepared.head.size === 3)
    })
    chain.finalise()
    const message = await it.receipt(({ kind }) => kind === 'anchored')
    if (message.kind !== 'anchored') throw new Error('anchored')
    const proven = await verifyReceipt(
      message.receipt,
      batch.statement,
      gateway.ledger.identity,
      nativeEd25519,
      nativeHash,
    )
    expect(proven).toMatchObject({ size: 3, index: 2 })
    await verifyAnchorWord(message.signature, proven, message.anchor, gateway.ledger.identity, nativeEd25519)
    expect(message.anchor).toMatchObject({ caip2: chain.caip2, logId: chain.logId, registry: chain.registry })
    const back = await link(away)
    await back.subscribe('receipt')
    expect(await back.receipt(() => true)).toMatchObject({ kind: 'anchored', id: missed.id })
    await back.publish('batch', missed.message)
    await settle(() => back.receipts().length === 2, back)
    expect(back.receipts().map(({ kind }) => kind)).toEqual(['anchored', 'anchored'])
    expect(back.arrived[1]?.payload).toEqual(back.arrived[0]?.payload) // RCPT-13
  })

  it('says nothing of an anchor before it is final, and then its size, however the log has grown (RCPT-1)', async () => {
    const it = await online()
    const batch = machine.next()
    await it.publish('batch', batch.message)
    await event('anchor-included')
    await it.publish('batch', machine.next().message)
    await it.publish('batch', batch.message)
    await event('batch-duplicate')
    await settle(() => it.receipts().length === 3, it)
    expect(it.receipts().map(({ kind }) => kind)).toEqual(['logged', 'logged', 'logged'])
    chain.finalise()
    const message = await it.receipt(({ kind }) => kind === 'anchored')
    if (message.kind !== 'anchored') throw new Error('anchored')
    const { identity } = gateway.ledger
    const proven = await verifyReceipt(message.receipt, batch.statement, identity, nativeEd25519, nativeHash)
    expect([proven.size, gateway.ledger.head.size]).toEqual([2, 3])
    await verifyAnchorWord(message.signature, proven, message.anchor, identity, nativeEd25519)
  })

  it('serves over HTTP what it has logged', async () => {
    const it = await online()
    await it.publish('batch', machine.next().message)
    await it.receipt(({ kind }) => kind === 'logged')
    const info = (await (await fetch(`${gateway.httpUrl}/v1/info`)).json()) as Record<string, unknown>
    expect(info).toMatchObject({ origin: 'example.org/test', chainId: 31337, mqttUrl: gateway.mqttUrl, size: 2 })
    const metrics = await (await fetch(`${gateway.httpUrl}/metrics`)).text()
    expect(metrics).toContain('fieldproof_batches_logged_total 1')
    expect(metrics).toContain('fieldproof_receipts_sent_total{kind="logged"} 1')
  })

  it('goes on after a restart with the same log, keys and definitions', async () => {
    const it = await online()
    const first = machine.next()
    await it.publish('batch', first.message)
    await it.close()
    const { head } = gateway.ledger
    await gateway.stop()
    gateway = await start({ create: false })
    expect(gateway.ledger.head).toMatchObject({ size: head.size, root: head.root })
    const back = await link()
    await back.subscribe('receipt')
    await back.publish('batch', machine.next().message) // no birth message this time
    expect(await back.receipt(({ kind }) => kind === 'logged')).toBeDefined()
    expect(await gateway.store.leafCount()).toBe(3)
  })

  it('finishes what it has taken when it is stopped', async () => {
    const it = await online()
    const published = Array.from({ length: 20 }, () => it.publish('batch', machine.next().message))
    await Promise.race(published)
    await gateway.stop()
    const acknowledged = (await Promise.allSettled(published)).filter(({ status }) => status === 'fulfilled').length
    const { store } = openState(config, false)
    expect(acknowledged).toBeGreaterThan(0)
    expect((await store.leafCount()) - 1).toBeGreaterThanOrEqual(acknowledged)
    await store.close()
  })

  it('stops itself, and acknowledges nothing, when a commit fails (ANCHOR-24)', async () => {
    await gateway.stop()
    const broken = new Proxy<Store>(new MemoryStore(), {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        if (name === 'append') return async () => Promise.reject(new Error('EIO'))
        return method.bind(target)
      },
    })
    gateway = await start({ store: broken })
    const it = await online()
    const closed = new Promise<void>((resolve) => it.client.once('close', () => resolve()))
    let acknowledged = false
    it.publish('batch', machine.next().message).then(
      () => {
        acknowledged = true
      },
      () => undefined,
    )
    await closed
    expect(acknowledged).toBe(false)
    expect((await gateway.failed).code).toBe('store-corrupt')
    expect(events.map((e) => e.event)).toContain('fatal')
  })

  it('refuses to start on a chain whose head is not of this log (ANCHOR-23)', async () => {
    const it = await online()
    await it.publish('batch', machine.next().message)
    await settleUntil(() => chain.mined.length > 0)
    await gateway.stop()
    const state = openState(config, false)
    await state.store.close()
    const failure = startGateway({
      config,
      create: true,
      anchoring: chain,
      registry,
      signer: state.signer,
      store: new MemoryStore(),
    })
    expect(fieldproofErrorOf(await failure.catch((error: unknown) => error))?.code).toBe('store-behind-chain')
  })

  async function settle(done: () => boolean, it: TestLink): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => it.client.once('message', () => resolve()))
  }

  async function settleUntil(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        watchers.push(resolve)
      })
    }
  }
})
