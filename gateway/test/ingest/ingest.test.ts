import { generateKeyPairSync } from 'node:crypto'
import { bootId } from '@fieldproof/sdk/base'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { encodeStatus, type ReceiptMessage } from '@fieldproof/sdk/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { signerOf } from '../../src/config/log-key.ts'
import type { GatewayEvent } from '../../src/ingest/events.ts'
import { Ingest, type IngestLimits } from '../../src/ingest/ingest.ts'
import { openKeyDirectory } from '../../src/ingest/key-directory.ts'
import { everyKeyEnrolled } from '../../src/ingest/key-registry.ts'
import { anyone, passwordOf, passwords } from '../../src/ingest/machine-auth.ts'
import { RateLimit } from '../../src/ingest/rate-limit.ts'
import { type Ledger, MemoryStore, openLedger } from '../../src/ledger/index.ts'
import { TestMachine } from '../gateway/machine-kit.ts'

const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
const genesis = {
  origin: 'o',
  logKey: signer.publicKey,
  caip2: 'none:0',
  anchorLog: new Uint8Array(20),
  predecessor: null,
}

describe('ingest', () => {
  let store: MemoryStore
  let ledger: Ledger
  let machine: TestMachine
  let answers: ReceiptMessage[]
  let events: GatewayEvent[]

  beforeEach(async () => {
    store = new MemoryStore()
    ledger = await openLedger({ store, hash: nativeHash, signer, genesis, create: true })
    machine = new TestMachine()
    answers = []
    events = []
  })

  async function ingest(limits: Partial<IngestLimits> = {}): Promise<Ingest> {
    const directory = await openKeyDirectory({
      store,
      registry: everyKeyEnrolled,
      homeLog: null,
      hash: nativeHash,
      suites: nativeSuites,
      now: () => 0,
      refreshMs: 1000,
      retryMs: 0,
      onFault: () => undefined,
    })
    const made = new Ingest({
      ledger,
      directory,
      hash: nativeHash,
      suites: nativeSuites,
      limits: { messagesPerSecond: 0, messageBurst: 1, maxInFlight: 100, ...limits },
      now: () => 0,
      answer: (_machine, message) => answers.push(message),
      onEvent: (event) => events.push(event),
    })
    await made.accept(machine.id, 'birth', machine.birth())
    return made
  }

  it('says rate-limited to a machine that sends too much, and keeps no evidence of it', async () => {
    const it = await ingest({ messagesPerSecond: 1, messageBurst: 3 }) // one goes to the birth message
    for (let i = 0; i < 3; i++) await it.accept(machine.id, 'batch', machine.next().message)
    expect(answers).toMatchObject([{ kind: 'refused', code: 'rate-limited', number: 10 }])
    expect(await store.leafCount()).toBe(3)
    expect(await store.refusals(9)).toEqual([])
  })

  it('says gateway-busy when too much is in hand', async () => {
    const it = await ingest({ maxInFlight: 2 })
    await Promise.all(Array.from({ length: 3 }, () => it.accept(machine.id, 'batch', machine.next().message)))
    expect(answers).toMatchObject([{ kind: 'refused', code: 'gateway-busy', number: 13 }])
    expect(await store.leafCount()).toBe(3)
  })

  it('puts a refusal on record before it may be acknowledged (WIRE-8, RCPT-30)', async () => {
    const it = await ingest()
    const message = Uint8Array.of(0xff)
    await it.accept(machine.id, 'batch', message)
    expect(await store.refusals(9)).toMatchObject([{ machine: machine.id, code: 'malformed', message }])
    expect(answers).toMatchObject([{ kind: 'refused', code: 'malformed' }])
    expect(events).toContainEqual(expect.objectContaining({ event: 'refused', topic: 'batch', code: 'malformed' }))
  })

  it.each(['birth', 'status'] as const)('refuses a malformed %s message and goes on', async (name) => {
    const it = await ingest()
    await it.accept(machine.id, name, Uint8Array.of(0x00))
    expect(events).toContainEqual(expect.objectContaining({ event: 'refused', topic: name, code: 'malformed' }))
    await it.accept(machine.id, 'batch', machine.next().message)
    expect(await store.leafCount()).toBe(2)
  })

  it('does not acknowledge what it could not decide', async () => {
    const it = await ingest()
    await ledger.close()
    await expect(it.accept(machine.id, 'batch', machine.next().message)).rejects.toMatchObject({ code: 'gateway-busy' })
    expect(answers).toEqual([])
  })

  it('knows who is online', async () => {
    const it = await ingest()
    const boot = bootId(new Uint8Array(8))
    await it.accept(machine.id, 'status', encodeStatus({ online: true, boot }))
    expect([...it.online]).toEqual([machine.id])
    await it.accept(machine.id, 'status', encodeStatus({ online: false, boot }))
    expect([...it.online]).toEqual([])
    it.gone(machine.id)
    expect(events.filter(({ event }) => event.startsWith('machine-o')).map(({ event }) => event)).toEqual([
      'machine-online',
      'machine-offline',
    ])
  })
})

describe('rate limit', () => {
  it('gives a token back for every interval, up to the burst', () => {
    const { id } = new TestMachine()
    let now = 0
    const limit = new RateLimit(10, 2, () => now)
    expect([limit.take(id), limit.take(id), limit.take(id)]).toEqual([true, true, false])
    now = 100
    expect([limit.take(id), limit.take(id)]).toEqual([true, false])
    now = 10_000
    expect([limit.take(id), limit.take(id), limit.take(id)]).toEqual([true, true, false])
  })
})

describe('machine passwords', () => {
  it("admits the machine's own password and nothing else", () => {
    const secret = new Uint8Array(32).fill(5)
    const [a, b] = [new TestMachine().id, new TestMachine().id]
    const auth = passwords(secret)
    expect(auth(a, Buffer.from(passwordOf(secret, a)))).toBe(true)
    expect(auth(a, Buffer.from(passwordOf(secret, b)))).toBe(false)
    expect(auth(a, undefined)).toBe(false)
    expect(anyone(a, undefined)).toBe(true)
  })
})
