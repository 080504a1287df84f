import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash32 } from '@fieldproof/sdk/base'
import { encodeCoseKey } from '@fieldproof/sdk/crypto'
import { encodeVerifierKey, leafHashes, rootOfFlat, verifyCheckpoint } from '@fieldproof/sdk/merkle'
import { nativeEd25519, nativeHash } from '@fieldproof/sdk/native'
import { verifyReceipt } from '@fieldproof/sdk/verify'
import Database from 'libsql'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { signerOf } from '../../src/config/log-key.ts'
import {
  type AppendOutcome,
  type Ledger,
  type LedgerOptions,
  MemoryStore,
  openLedger,
  openLibsqlStore,
  type Settled,
  type Store,
} from '../../src/ledger/index.ts'
import { entryOf, type MadeBatch, TestMachine, WEATHER_BYTES, WEATHER_HASH } from '../gateway/machine-kit.ts'

const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
const genesis = {
  origin: 'example.org/log',
  logKey: signer.publicKey,
  caip2: 'eip155:1',
  anchorLog: new Uint8Array(20).fill(1),
  predecessor: null,
}
const directory = mkdtempSync(join(tmpdir(), 'fieldproof-ledger-'))
afterAll(() => rmSync(directory, { recursive: true }))

async function open(store: Store, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return await openLedger({ store, hash: nativeHash, signer, genesis, create: true, ...more })
}

async function enrol(store: Store, machine: TestMachine): Promise<void> {
  const key = {
    thumbprint: machine.thumbprint,
    machine: machine.id,
    coseKey: encodeCoseKey(machine.key),
    retiredSequence: 0,
    revoked: false,
  }
  await store.putBirth(key, new Map([[WEATHER_HASH, WEATHER_BYTES]]), '')
}

async function expectSoundLog(store: Store, ledger: Ledger): Promise<void> {
  const size = await store.leafCount()
  const leaves = await store.readLeaves(0, size)
  expect(ledger.head.size).toBe(size)
  expect(ledger.head.root).toEqual(
    rootOfFlat(
      nativeHash,
      leafHashes(
        nativeHash,
        leaves.map(({ bytes }) => bytes),
      ),
    ),
  )
  const vkey = encodeVerifierKey(genesis.origin, signer.publicKey, nativeHash)
  expect(await verifyCheckpoint(ledger.checkpoint(), vkey, nativeEd25519, nativeHash)).toMatchObject({ size })
}

describe('ledger', () => {
  let store: MemoryStore
  let machine: TestMachine
  beforeEach(() => {
    store = new MemoryStore()
    machine = new TestMachine()
  })

  it('refuses to begin a log that was not asked for', async () => {
    await expect(open(store, { create: false })).rejects.toMatchObject({ code: 'config-invalid' })
    expect(await store.genesis()).toBeNull()
  })

  it('refuses the store of another log, and a key that the genesis does not name', async () => {
    await open(store)
    await expect(open(store, { genesis: { ...genesis, origin: 'other' } })).rejects.toMatchObject({
      code: 'config-invalid',
    })
    const stranger = signerOf(generateKeyPairSync('ed25519').privateKey)
    await expect(open(store, { signer: stranger })).rejects.toMatchObject({ code: 'config-invalid' })
  })

  it('logs what came together as one group under one signed head', async () => {
    const groups: (readonly Settled[])[] = []
    const ledger = await open(store, { onSettled: (group) => groups.push(group) })
    const batches = [machine.next(), machine.next(), machine.next()]
    const outcomes = await Promise.all(batches.map((batch) => ledger.append(entryOf(machine, batch))))
    expect(outcomes.map(({ index }) => index)).toEqual([1, 2, 3])
    await ledger.close()
    expect(groups.map((group) => group.length)).toEqual([3])
    await expectSoundLog(store, ledger)
  })

  it('acknowledges after the entry is stored and before the head is signed (LOG-5)', async () => {
    const steps: string[] = []
    const watched = watch(store, (method) => steps.push(method))
    const ledger = await open(watched)
    steps.length = 0
    await ledger.append(entryOf(machine, machine.next()))
    steps.push('acknowledged')
    await ledger.close()
    expect(steps.filter((s) => !['leafCount', 'tidy'].includes(s))).toEqual([
      'append',
      'acknowledged',
      'readLeaves',
      'advanceCheckpoint',
      'signCheckpoint',
    ])
  })

  it('gives receipts that verify, and a duplicate the same one as before (HIST-22, RCPT-13)', async () => {
    const ledger = await open(store)
    const batch = machine.next()
    const entry = entryOf(machine, batch)
    await ledger.append(entry)
    await ledger.append(entryOf(machine, machine.next()))
    await settled(ledger)
    const first = await ledger.receipt(1)
    await ledger.append(entryOf(machine, machine.next()))
    await settled(ledger)
    expect(await ledger.append(entry)).toEqual({ kind: 'duplicate', index: 1 })
    expect(await ledger.receipt(1)).toEqual(first)
    expect(await verifyReceipt(first, batch.statement, ledger.identity, nativeEd25519, nativeHash)).toMatchObject({
      index: 1,
    })
    const newest = ledger.receiptsAt(ledger.head.size)(1)
    expect(await verifyReceipt(newest, batch.statement, ledger.identity, nativeEd25519, nativeHash)).toMatchObject({
      size: 4,
      root: ledger.head.root,
    })
  })

  it('signs nothing above its committed head', async () => {
    const ledger = await open(store)
    expect(() => ledger.receiptsAt(2)).toThrowError(expect.objectContaining({ code: 'tree-range' }))
    await expect(ledger.receipt(1)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('settles a fork without a receipt and goes on', async () => {
    const groups: Settled[] = []
    const ledger = await open(store, { onSettled: (group) => groups.push(...group) })
    const outcomes = await Promise.all(
      [machine.at(1, null), machine.at(1, null)].map((batch) => ledger.append(entryOf(machine, batch))),
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(['logged', 'fork'])
    await ledger.close()
    expect(groups).toHaveLength(1)
    await expectSoundLog(store, ledger)
  })

  it('takes nothing more once it is closed', async () => {
    const ledger = await open(store)
    await ledger.close()
    await expect(ledger.append(entryOf(machine, machine.next()))).rejects.toMatchObject({ code: 'gateway-busy' })
  })

  it('refuses to sign when another process moved the head (LOG-4)', async () => {
    const failures: string[] = []
    const ledger = await open(store, { onFatal: ({ code }) => failures.push(code) })
    await store.advanceCheckpoint({ size: 1, root: ledger.head.root }, { size: 2, root: hash32(new Uint8Array(32)) })
    await ledger.append(entryOf(machine, machine.next()))
    await ledger.close()
    expect(failures).toEqual(['head-conflict'])
    expect(ledger.head.size).toBe(1)
  })

  it('stops when what it reads back is not what it stored (LOG-5)', async () => {
    const failures: string[] = []
    const forgetful = new Proxy(store, {
      get(target, name) {
        if (name !== 'readLeaves') return bound(target, name)
        return async (from: number, to: number) =>
          (await target.readLeaves(from, to)).map((leaf) => (from === 0 ? leaf : { ...leaf, bytes: Uint8Array.of(0) }))
      },
    })
    const ledger = await open(forgetful, { onFatal: ({ code }) => failures.push(code) })
    await ledger.append(entryOf(machine, machine.next()))
    await ledger.close()
    expect(failures).toEqual(['store-corrupt'])
  })
})

describe('a ledger whose process dies', () => {
  const STEPS = ['append', 'advanceCheckpoint', 'signCheckpoint'] as const
  const FORMS = ['is not done', 'is done but reported failed'] as const
  const STORES = [
    ['memory', async () => new MemoryStore(), async (store: Store) => store],
    ['libsql', async () => freshFile(), reopenFile],
  ] as const

  for (const [name, fresh, reopen] of STORES) {
    it.each(STEPS.flatMap((step) => FORMS.map((form) => ({ step, form }))))(
      `${name}: holds each acknowledged batch once when $step $form`,
      async ({ step, form }) => {
        const store = await fresh()
        const machine = new TestMachine()
        await enrol(store, machine)
        const fault = { armed: false }
        const failures: string[] = []
        const dying = await open(faulty(store, step, form, fault), { onFatal: ({ code }) => failures.push(code) })
        const before = machine.next()
        await dying.append(entryOf(machine, before))
        await settled(dying)
        fault.armed = true
        const during = [machine.next(), machine.next()]
        const results = await Promise.allSettled(during.map((batch) => dying.append(entryOf(machine, batch))))
        await dying.close()
        expect(failures).toEqual(['store-corrupt'])
        await expect(dying.append(entryOf(machine, machine.next()))).rejects.toMatchObject({ code: 'store-corrupt' })
        const acknowledged = during.filter((_, i) => results[i]?.status === 'fulfilled')
        expect(acknowledged).toHaveLength(step === 'append' ? 0 : 2)

        const again = await reopen(store)
        const revived = await open(again, { create: false })
        await expectSoundLog(again, revived)
        await expectHeld(again, [before, ...acknowledged])
        const resent = await Promise.all([before, ...during].map((batch) => revived.append(entryOf(machine, batch))))
        await revived.close()
        expect(resent.map(({ index }: AppendOutcome) => index)).toEqual([1, 2, 3])
        await expectSoundLog(again, revived)
        await expectHeld(again, [before, ...during])
        for (const [i, batch] of [before, ...during].entries()) {
          const receipt = await revived.receipt(i + 1)
          await verifyReceipt(receipt, batch.statement, revived.identity, nativeEd25519, nativeHash)
        }
        await again.close()
      },
    )
  }

  it.each(FORMS)('begins the log once when creating it %s', async (form) => {
    const store = new MemoryStore()
    await expect(open(faulty(store, 'create', form, { armed: true }))).rejects.toThrow('EIO')
    const ledger = await open(store)
    expect(ledger.head.size).toBe(1)
    await expectSoundLog(store, ledger)
  })

  it.each(['statement', 'leaf_hash'])('finds a flipped byte of a stored %s at the next start', async (column) => {
    const store = await freshFile()
    const machine = new TestMachine()
    await enrol(store, machine)
    const ledger = await open(store)
    for (let i = 0; i < 5; i++) await ledger.append(entryOf(machine, machine.next()))
    await ledger.close()
    const path = paths.get(store) ?? ''
    await store.close()
    const db = new Database(path)
    const row = db.prepare(`SELECT ${column} AS bytes FROM leaves WHERE idx = 3`).get([]) as { bytes: ArrayBuffer }
    const bytes = new Uint8Array(row.bytes)
    bytes[10] = (bytes[10] ?? 0) ^ 1
    db.prepare(`UPDATE leaves SET ${column} = ? WHERE idx = 3`).run([bytes])
    db.close()
    const damaged = openLibsqlStore(path)
    await expect(open(damaged, { create: false })).rejects.toMatchObject({ code: 'store-corrupt' })
    await damaged.close()
  })

  it('finds a lost leaf at the next start (ANCHOR-23)', async () => {
    const store = await freshFile()
    const machine = new TestMachine()
    await enrol(store, machine)
    const ledger = await open(store)
    for (let i = 0; i < 3; i++) await ledger.append(entryOf(machine, machine.next()))
    await ledger.close()
    const path = paths.get(store) ?? ''
    await store.close()
    const db = new Database(path)
    db.exec('DELETE FROM leaves WHERE idx = 3')
    db.close()
    const damaged = openLibsqlStore(path)
    await expect(open(damaged, { create: false })).rejects.toMatchObject({ code: 'store-behind-chain' })
    await damaged.close()
  })

  const paths = new WeakMap<Store, string>()
  let files = 0

  async function freshFile(): Promise<Store> {
    const path = join(directory, `${++files}.db`)
    const store = openLibsqlStore(path, { create: true })
    paths.set(store, path)
    return store
  }

  async function reopenFile(store: Store): Promise<Store> {
    await store.close()
    return openLibsqlStore(paths.get(store) ?? '')
  }
})

async function expectHeld(store: Store, batches: readonly MadeBatch[]): Promise<void> {
  const held = (await store.leaves(1, await store.leafCount())).map(({ id }) => Buffer.from(id).toString('hex'))
  for (const { id } of batches) expect(held.filter((h) => h === Buffer.from(id).toString('hex'))).toHaveLength(1)
  expect(new Set(held).size).toBe(held.length)
}

/** Resolves when nothing is queued and the head covers every leaf. */
async function settled(ledger: Ledger): Promise<void> {
  while (ledger.queued > 0 || ledger.head.size < ledger.tree.size || ledger.isBusy) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function faulty(store: Store, step: string, form: string, fault: { armed: boolean }): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = bound(target, name)
      if (name !== step || typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        if (!fault.armed) return await method(...args)
        if (form === 'is done but reported failed') await method(...args)
        throw new Error('EIO: the disk said no')
      }
    },
  })
}

function watch(store: Store, saw: (method: string) => void): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = bound(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        saw(String(name))
        return method(...args)
      }
    },
  })
}

function bound(target: Store, name: string | symbol): ((...args: unknown[]) => unknown) | undefined {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? value.bind(target) : undefined
}
