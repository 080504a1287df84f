import { randomBytes } from 'node:crypto'
import { bootId, hash32, toHex } from '@fieldproof/sdk/base'
import { SEALED_KEY_BYTES, sealBody, sealedSeed } from '@fieldproof/sdk/crypto'
import { batchRoot } from '@fieldproof/sdk/merkle'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { type Batch, columnsOf, encodeCbor, encodeDefinition, MAX_MESSAGE_BYTES } from '@fieldproof/sdk/wire'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { checkBatch } from '../../src/ingest/check-batch.ts'
import { type KeyDirectory, openKeyDirectory } from '../../src/ingest/key-directory.ts'
import { type Refused, refusalOf } from '../../src/ingest/refusal.ts'
import { MemoryStore } from '../../src/ledger/index.ts'
import { FakeRegistry } from '../gateway/fake-chain.ts'
import {
  type BatchChanges,
  entryOf,
  rows,
  START_MS,
  TestMachine,
  WEATHER,
  WEATHER_HASH,
} from '../gateway/machine-kit.ts'

describe.each([-9, -19] as const)('checking a batch (alg %i)', (alg) => {
  let machine: TestMachine
  let directory: KeyDirectory
  let registry: FakeRegistry
  let now: number

  beforeEach(async () => {
    machine = new TestMachine(alg)
    registry = new FakeRegistry()
    registry.enrol(machine)
    now = 0
    directory = await openKeyDirectory({
      store: new MemoryStore(),
      registry,
      homeLog: null,
      hash: nativeHash,
      suites: nativeSuites,
      now: () => now,
      refreshMs: 1000,
      retryMs: 100,
      onFault: (error) => {
        throw error
      },
    })
    await directory.announce(machine.id, machine.birth())
  })

  async function check(message: Uint8Array, topic = machine.id) {
    const { keyFor, definitionOf } = directory
    const context = {
      hash: nativeHash,
      suites: nativeSuites,
      keyFor: keyFor.bind(directory),
      definitionOf: definitionOf.bind(directory),
    }
    return await checkBatch(message, topic, context, START_MS)
  }

  async function refusal(message: Uint8Array, topic = machine.id): Promise<Refused | undefined> {
    return await check(message, topic).then(
      () => undefined,
      (error: unknown) => refusalOf(error),
    )
  }

  /** An honest batch with its three parts open to change. */
  const tampered = (
    change: (parts: { statement: Uint8Array; seed: Uint8Array; columns: unknown }) => object,
  ): BatchChanges => ({
    cover: (honest) => {
      if (honest.kind !== 'open') throw new Error('open')
      return { ...honest, ...change(honest) } as Batch
    },
  })

  it('makes the entry that the log keeps', async () => {
    const batch = machine.next()
    const { first, last } = { first: START_MS + 3 * 60_000, last: START_MS + 5 * 60_000 }
    expect(await check(batch.message)).toEqual({ ...entryOf(machine, batch), times: { first, last } })
  })

  it('refuses a message beyond the limit as too-large', async () => {
    expect(await refusal(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toMatchObject({ number: 1, code: 'too-large' })
  })

  it.each([
    ['bytes that are no CBOR', Uint8Array.of(0xff)],
    ['CBOR of another shape', encodeCbor([1, 2])],
    ['a statement that is none', encodeCbor([Uint8Array.of(1), new Uint8Array(32), [[1]]])],
    ['nothing', new Uint8Array()],
  ])('refuses %s as malformed', async (_name, message) => {
    expect(await refusal(message)).toMatchObject({ number: 2, code: 'malformed' })
  })

  it('refuses rows that do not fit their definition as malformed', async () => {
    const [times = []] = columnsOf(rows(3), WEATHER)
    const { message } = machine.next(tampered(() => ({ columns: [times, [1, 2, 'x'], [null, null, null]] })))
    expect(await refusal(message)).toMatchObject({
      number: 2,
      code: 'malformed',
      detail: expect.stringContaining('temperature'),
    })
  })

  it('refuses another encoding of the same batch as not-deterministic', async () => {
    const { message } = machine.next()
    const longer = Uint8Array.of(0x98, 3, ...message.subarray(1)) // array(3) with a longer head
    expect(await refusal(longer)).toMatchObject({ number: 3, code: 'not-deterministic' })
  })

  it('refuses a key that nobody has announced as unknown-key', async () => {
    const stranger = new TestMachine(alg)
    expect(await refusal(stranger.next().message, stranger.id)).toMatchObject({ number: 4, code: 'unknown-key' })
  })

  it('refuses the key of another machine as unknown-key', async () => {
    const other = new TestMachine(alg)
    registry.enrol(other)
    await directory.announce(other.id, other.birth())
    const { message } = machine.next({ said: { kid: other.thumbprint.slice(0, 16) } })
    expect(await refusal(message)).toMatchObject({ code: 'unknown-key' })
  })

  it('refuses a key that was revoked, from the next look at the registry on', async () => {
    registry.enrol(machine, { revokedBlock: 9 })
    expect(await refusal(machine.next().message)).toBeUndefined()
    now = 2000
    await check(machine.next().message) // this look brings the news
    await Promise.resolve()
    expect(await refusal(machine.next().message)).toMatchObject({ number: 5, code: 'revoked-key' })
  })

  it('refuses a retired key from its last sequence on, and still takes what came before', async () => {
    registry.enrol(machine, { retiredSequence: 2, retiredBlock: 9 })
    now = 2000
    await check(machine.next().message)
    await Promise.resolve()
    expect(await refusal(machine.next().message)).toMatchObject({ code: 'revoked-key' })
    expect(await refusal(machine.at(1, null, { said: { boot: bootId(new Uint8Array(8)) } }).message)).toBeUndefined()
  })

  it('refuses a statement that another key signed as bad-signature, whatever else is wrong', async () => {
    const signWith = new TestMachine(alg).privateKey
    expect(await refusal(machine.next({ signWith }).message)).toMatchObject({ number: 6, code: 'bad-signature' })
    const { message } = machine.next({ signWith, said: { leafCount: 50 } })
    expect(await refusal(message)).toMatchObject({ code: 'bad-signature' })
  })

  it('refuses the other algorithm over the same key as bad-signature', async () => {
    const { message } = machine.next({ said: { alg: alg === -9 ? -19 : -9 } })
    expect(await refusal(message)).toMatchObject({ code: 'bad-signature' })
  })

  it('refuses rows that were not signed as root-mismatch', async () => {
    const { message } = machine.next(tampered(() => ({ columns: columnsOf(rows(3, 100), WEATHER) })))
    expect(await refusal(message)).toMatchObject({ number: 7, code: 'root-mismatch' })
  })

  it('refuses another seed as root-mismatch', async () => {
    const { message } = machine.next(tampered(() => ({ seed: new Uint8Array(32) })))
    expect(await refusal(message)).toMatchObject({ code: 'root-mismatch' })
  })

  it('refuses another number of rows than was signed as count-mismatch', async () => {
    const { message } = machine.next({ said: { leafCount: 3 } })
    expect(await refusal(message)).toMatchObject({ number: 8, code: 'count-mismatch' })
  })

  it('asks for the birth message again when it does not know the stream', async () => {
    const { message } = machine.next({ said: { definitionHash: hash32(new Uint8Array(32)) } })
    expect(await refusal(message)).toMatchObject({ number: 9, code: 'stream-unknown' })
  })

  it("refuses a statement on another machine's topic as wrong-topic (WIRE-7)", async () => {
    const other = new TestMachine(alg)
    expect(await refusal(machine.next().message, other.id)).toMatchObject({ number: 11, code: 'wrong-topic' })
  })

  describe('with sealed rows', () => {
    const sealed = (change: (batch: Extract<Batch, { kind: 'sealed' }>) => Batch = (batch) => batch): BatchChanges => {
      const key = new Uint8Array(randomBytes(SEALED_KEY_BYTES))
      const body = sealBody(encodeCbor(columnsOf(rows(3), WEATHER)), key)
      const box = { recipient: new Uint8Array(32), ephemeral: new Uint8Array(32), box: new Uint8Array(48) }
      return {
        said: {
          sealed: hash32(nativeHash.sha256(body)),
          root: batchRoot(nativeHash, WEATHER_HASH, sealedSeed(key, nativeHash), rows(3)),
        },
        cover: ({ statement }) => change({ kind: 'sealed', statement, body, boxes: [box] }),
      }
    }

    it('takes what it cannot read', async () => {
      const batch = machine.next(sealed())
      expect(await check(batch.message)).toEqual({ ...entryOf(machine, batch), times: null })
    })

    it('refuses a body that was not signed as sealed-mismatch', async () => {
      const { message } = machine.next(sealed((batch) => ({ ...batch, body: Uint8Array.of(...batch.body, 0) })))
      expect(await refusal(message)).toMatchObject({ number: 14, code: 'sealed-mismatch' })
    })

    it('refuses an open batch that was signed as sealed, and the reverse', async () => {
      const open = machine.next({ said: { sealed: hash32(new Uint8Array(32)) } })
      expect(await refusal(open.message)).toMatchObject({ code: 'sealed-mismatch' })
      const { message } = machine.next({ cover: sealed().cover ?? ((honest) => honest) })
      expect(await refusal(message)).toMatchObject({ code: 'sealed-mismatch' })
    })
  })

  it('refuses every message in which one bit is flipped', async () => {
    const { message } = machine.next()
    await fc.assert(
      fc.asyncProperty(fc.nat(message.length * 8 - 1), async (bit) => {
        const flipped = message.slice()
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(await refusal(flipped), `bit ${bit}`).toBeDefined()
      }),
      { seed: 7, numRuns: 150 },
    )
  })

  it('answers any bytes with a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await refusal(bytes))?.number).toBeLessThan(100)
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  it('keeps a known key in force when the registry does not answer', async () => {
    const faults: unknown[] = []
    const store = new MemoryStore()
    const calm = await openKeyDirectory({
      store,
      registry,
      homeLog: null,
      hash: nativeHash,
      suites: nativeSuites,
      now: () => now,
      refreshMs: 0,
      retryMs: 0,
      onFault: (error) => faults.push(error),
    })
    expect(await calm.announce(machine.id, machine.birth())).toEqual({ enrolled: true, streams: ['weather'] })
    registry.down = true
    expect((await calm.keyFor(machine.thumbprint.slice(0, 16), machine.id)).machine).toBe(machine.id)
    const stranger = new TestMachine(alg)
    expect(await calm.announce(stranger.id, stranger.birth())).toMatchObject({ enrolled: false })
    expect(faults.length).toBeGreaterThan(0)
    expect((await store.keys()).map((key) => toHex(key.thumbprint))).toEqual([toHex(machine.thumbprint)])
  })

  it('does not take a machine whose home is another log', async () => {
    const strict = await openKeyDirectory({
      store: new MemoryStore(),
      registry: {
        keyOf: (thumbprint) => registry.keyOf(thumbprint),
        homeOf: async () => hash32(new Uint8Array(32).fill(1)),
      },
      homeLog: hash32(new Uint8Array(32).fill(2)),
      hash: nativeHash,
      suites: nativeSuites,
      now: () => now,
      refreshMs: 0,
      retryMs: 0,
      onFault: () => undefined,
    })
    expect(await strict.announce(machine.id, machine.birth())).toMatchObject({ enrolled: false })
  })

  it('asks about a key that is not enrolled no more often than it may', async () => {
    const stranger = new TestMachine(alg)
    await directory.announce(stranger.id, stranger.birth())
    const { asked } = registry
    for (let i = 0; i < 5; i++) await refusal(stranger.next().message, stranger.id)
    expect(registry.asked).toBe(asked)
    now += 100
    await refusal(stranger.next().message, stranger.id)
    expect(registry.asked).toBe(asked + 1)
  })

  it('refuses a birth message with a bad key or definition', async () => {
    const other = { ...WEATHER, name: 'soil' }
    await expect(directory.announce(machine.id, Uint8Array.of(0x80))).rejects.toMatchObject({ code: 'message-invalid' })
    await expect(directory.announce(machine.id, machine.birth([Uint8Array.of(0x80)]))).rejects.toMatchObject({
      code: 'definition-invalid',
    })
    expect(await directory.announce(machine.id, machine.birth([encodeDefinition(other)]))).toMatchObject({
      streams: ['soil'],
    })
  })
})
