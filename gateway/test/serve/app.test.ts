import { generateKeyPairSync } from 'node:crypto'
import { FieldproofError, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import { decodeEntryBundle, encodeVerifierKey, leafHash, rootOfFlat, verifyCheckpoint } from '@fieldproof/sdk/merkle'
import { nativeEd25519, nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { decodeBundle, verifyBundle } from '@fieldproof/sdk/verify'
import type { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { signerOf } from '../../src/config/log-key.ts'
import { everyKeyEnrolled } from '../../src/index.ts'
import { type KeyDirectory, openKeyDirectory } from '../../src/ingest/key-directory.ts'
import { type Ledger, MemoryStore, openLedger } from '../../src/ledger/index.ts'
import { createApp } from '../../src/serve/app.ts'
import { type BundleSources, buildBundle } from '../../src/serve/bundle.ts'
import type { EnrolRelay, EnrolRequest } from '../../src/serve/enrol.ts'
import { createMetrics } from '../../src/serve/metrics.ts'
import { entryOf, rows, START_MS, TestMachine, WEATHER } from '../gateway/machine-kit.ts'

const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
const word = (byte: number): Hash32 => hash32(new Uint8Array(32).fill(byte))
const chain = {
  chainId: 31337,
  caip2: 'eip155:31337',
  registry: new Uint8Array(20).fill(0xaa),
  anchorLog: new Uint8Array(20).fill(0xbb),
  logId: word(0xcc),
}
const genesis = {
  origin: 'example.org/log',
  logKey: signer.publicKey,
  caip2: chain.caip2,
  anchorLog: chain.anchorLog,
  predecessor: null,
}

describe('gateway over HTTP', () => {
  let store: MemoryStore
  let ledger: Ledger
  let directory: KeyDirectory
  let machine: TestMachine
  let app: Hono
  let healthy: boolean
  const requests: EnrolRequest[] = []

  beforeEach(async () => {
    store = new MemoryStore()
    ledger = await openLedger({ store, hash: nativeHash, signer, genesis, create: true })
    directory = await openKeyDirectory({
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
    healthy = true
    machine = await born(new TestMachine())
    const metrics = createMetrics({
      logSize: () => ledger.head.size,
      queued: () => 0,
      connected: () => 1,
      anchoredSize: () => 0,
    })
    const enrol: EnrolRelay = {
      challenge: async () => ({
        machine: machine.id,
        owner: new Uint8Array(20),
        homeLog: chain.logId,
        nonce: 0,
        deadline: 9,
        digest: word(1),
      }),
      enrol: async (request) => {
        requests.push(request)
        return { machine: machine.id, isNew: true }
      },
    }
    app = createApp({
      store,
      ledger,
      directory,
      hash: nativeHash,
      metrics,
      chain,
      enrol,
      mqttUrl: () => 'mqtt://127.0.0.1:1',
      online: () => new Set([machine.id]),
      isHealthy: () => healthy,
    })
  })

  async function born(who: TestMachine): Promise<TestMachine> {
    await directory.announce(who.id, who.birth())
    return who
  }

  async function log(who: TestMachine, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await ledger.append(realEntry(who))
    while (ledger.isBusy) await new Promise((resolve) => setImmediate(resolve))
  }

  /** An entry whose times are those of its rows. */
  function realEntry(who: TestMachine) {
    const sequence = who.sequence + 1
    const [first, , last] = rows(3, sequence * 3)
    return { ...entryOf(who, who.next()), times: { first: first?.time ?? 0, last: last?.time ?? 0 } }
  }

  async function anchor(size = ledger.head.size): Promise<void> {
    const head = { size, root: ledger.tree.root(size) }
    const { id } = await store.putAnchorIntent({ head, nonce: 0, txHash: word(7), rawTransaction: new Uint8Array() })
    await store.setAnchorState(id, 'final', { txHash: word(7), blockNumber: 70, blockHash: word(8) })
  }

  async function getJson(path: string): Promise<Record<string, unknown>> {
    const response = await app.request(path)
    expect(response.status).toBe(200)
    return (await response.json()) as Record<string, unknown>
  }

  async function expectProblem(path: string, status: number, code: string, init?: RequestInit): Promise<void> {
    const response = await app.request(path, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const body = (await response.json()) as Record<string, unknown>
    expect(body).toMatchObject({ code, status })
    expect(body['docs']).toBe(`schemas/errors.md#${code}`)
    expect(typeof body['detail']).toBe('string')
  }

  it('says whether it is well', async () => {
    expect((await app.request('/healthz')).status).toBe(200)
    healthy = false
    expect((await app.request('/healthz')).status).toBe(503)
  })

  it('says which log it is and where it is anchored', async () => {
    expect(await getJson('/v1/info')).toEqual({
      origin: genesis.origin,
      vkey: encodeVerifierKey(genesis.origin, signer.publicKey, nativeHash),
      logKey: toHex(signer.publicKey),
      chainId: 31337,
      registry: `0x${'aa'.repeat(20)}`,
      anchorLog: `0x${'bb'.repeat(20)}`,
      logId: `0x${'cc'.repeat(32)}`,
      mqttUrl: 'mqtt://127.0.0.1:1',
      size: 1,
    })
  })

  it('sends security headers', async () => {
    const { headers } = await app.request('/v1/info')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
  })

  it('lists machines, and one with its streams and newest statement', async () => {
    await log(machine, 2)
    expect(await getJson('/v1/machines')).toMatchObject({
      machines: [{ machine: machine.id, batches: 2, rows: 6, online: true }],
    })
    expect(await getJson(`/v1/machines/${machine.id}`)).toMatchObject({
      sequence: 2,
      head: { sequence: 2, logIndex: 2, link: 'linked', stream: 'weather' },
      streams: [{ stream: 'weather', cadenceMs: 60_000, columns: WEATHER.columns }],
    })
    await expectProblem(`/v1/machines/${new TestMachine().id}`, 404, 'not-found')
    await expectProblem('/v1/machines/nobody', 400, 'request-invalid')
  })

  it('gives rows in real units, the newest by default', async () => {
    await log(machine, 3)
    await anchor(3)
    const body = await getJson(`/v1/machines/${machine.id}/rows?stream=weather&limit=4`)
    expect(body).toMatchObject({ stream: 'weather', columns: WEATHER.columns })
    const got = body['rows'] as { time: number; sequence: number; row: number; values: unknown[]; anchored: boolean }[]
    expect(got.map(({ sequence, row }) => [sequence, row])).toEqual([
      [2, 3],
      [3, 1],
      [3, 2],
      [3, 3],
    ])
    expect(got.map(({ anchored }) => anchored)).toEqual([true, false, false, false])
    expect(got[0]).toMatchObject({ time: START_MS + 8 * 60_000, values: ['21.38', null], logIndex: 2, clockQuality: 2 })
  })

  it('gives rows from a time on, oldest first', async () => {
    await log(machine, 3)
    const from = START_MS + 7 * 60_000
    const body = await getJson(`/v1/machines/${machine.id}/rows?stream=weather&from=${from}&limit=3`)
    expect((body['rows'] as { time: number }[]).map(({ time }) => time)).toEqual([from, from + 60_000, from + 120_000])
    expect(await getJson(`/v1/machines/${machine.id}/rows?stream=soil`)).toMatchObject({ rows: [] })
  })

  it.each([
    ['an unknown parameter', '?stream=weather&colour=red'],
    ['no stream', ''],
    ['a limit beyond the largest', '?stream=weather&limit=99999'],
    ['a time that is no number', '?stream=weather&from=yesterday'],
  ])('refuses a query with %s', async (_name, query) => {
    await expectProblem(`/v1/machines/${machine.id}/rows${query}`, 400, 'request-invalid')
  })

  describe('proofs', () => {
    it('are refused until an anchor covers the statement', async () => {
      await log(machine, 2)
      await anchor(2)
      expect((await app.request(`/v1/proof?machine=${machine.id}&sequence=1&row=1`)).status).toBe(200)
      await expectProblem(`/v1/proof?machine=${machine.id}&sequence=2&row=1`, 404, 'not-anchored-yet')
    })

    it('pass every check that needs the file alone', async () => {
      await log(machine, 5)
      await anchor()
      const response = await app.request(`/v1/proof?machine=${machine.id}&sequence=3&row=2&row=1`)
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(response.headers.get('content-disposition')).toContain('.fpproof')
      const bytes = new Uint8Array(await response.arrayBuffer())
      const report = await verifyBundle(bytes, { trust: { registry: chain.registry }, rpc: noNode })
      const file = ['bundle', 'keys', 'signatures', 'definitions', 'rows', 'log']
      expect(report.checks.slice(0, 6).map(({ id, status }) => [id, status])).toEqual(file.map((id) => [id, 'pass']))
      expect(report.checks[5]?.reason).toContain(toHex(ledger.tree.root(6)))
      expect(report.rows).toMatchObject([
        { sequence: 3, index: 1, values: [{ name: 'temperature', value: '21.39' }, { value: 'ok' }] },
        { sequence: 3, index: 2 },
      ])
      expect(decodeBundle(bytes, nativeHash).anchor).toMatchObject({ size: 6, blockNumber: 70, logId: chain.logId })
    })

    it('are of the first row of the newest anchored batch when nothing else is asked for', async () => {
      await log(machine, 3)
      await anchor(3)
      const response = await app.request(`/v1/proof?machine=${machine.id}`)
      expect(response.status).toBe(200)
      const bytes = new Uint8Array(await response.arrayBuffer())
      const { rows } = await verifyBundle(bytes, { trust: { registry: chain.registry }, rpc: noNode })
      expect(rows).toMatchObject([{ sequence: 2, index: 1 }])
    })

    it('hold rows of many batches and machines, shared parts once', async () => {
      const other = await born(new TestMachine(-19))
      await log(machine, 2)
      await log(other, 2)
      await anchor()
      const leaves = await store.leaves(1, 5)
      const picks = [...leaves].reverse().map((leaf) => ({ leaf, rows: [3, 1, 1] }))
      const bytes = await buildBundle(picks, sources())
      const bundle = decodeBundle(bytes, nativeHash)
      expect([bundle.keys.length, bundle.definitions.length, bundle.statements.length, bundle.rows.length]).toEqual([
        2, 1, 4, 8,
      ])
      const report = await verifyBundle(bytes, { trust: { registry: chain.registry }, rpc: noNode })
      expect(report.checks.slice(0, 6).every(({ status }) => status === 'pass')).toBe(true)
    })

    it('are never made of rows that the disk has changed', async () => {
      await log(machine, 1)
      await anchor()
      const [leaf] = await store.leaves(1, 2)
      if (leaf === undefined) throw new Error('one leaf')
      const forged = { ...leaf, message: machine.at(1, null, { rows: rows(3, 50) }).message }
      await expect(buildBundle([{ leaf: forged, rows: [1] }], sources())).rejects.toMatchObject({
        code: 'store-corrupt',
      })
    })

    it('name what is not there', async () => {
      await log(machine, 1)
      await anchor()
      await expectProblem(`/v1/proof?machine=${machine.id}&sequence=9&row=1`, 404, 'not-found')
      await expectProblem(`/v1/proof?machine=${machine.id}&sequence=1&row=9`, 404, 'not-found')
      await expectProblem(`/v1/proof?machine=${machine.id}&sequence=1&row=0`, 400, 'request-invalid')
      await expectProblem(`/v1/proof?machine=${machine.id}&sequence=x`, 400, 'request-invalid')
    })

    function sources(): BundleSources {
      return {
        hash: nativeHash,
        tree: ledger.tree,
        caip2: chain.caip2,
        logId: chain.logId,
        coseKeyOf: (thumbprint) => directory.coseKeyOf(thumbprint),
        definitionBytes: (digest) => store.definition(digest),
        definitionOf: (digest) => directory.definitionOf(digest),
        finalAnchorCovering: (index) => store.finalAnchorCovering(index),
      }
    }
  })

  describe('the log', () => {
    it('gives the checkpoint as a C2SP note that its key verifies', async () => {
      await log(machine, 2)
      const response = await app.request('/checkpoint')
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
      const vkey = encodeVerifierKey(genesis.origin, signer.publicKey, nativeHash)
      const checkpoint = await verifyCheckpoint(await response.text(), vkey, nativeEd25519, nativeHash)
      expect(checkpoint).toMatchObject({ size: 3, root: ledger.head.root })
    })

    it('gives entries and hashes as C2SP tiles that lead to the checkpoint', async () => {
      await log(machine, 4)
      const entries = await octets('/tile/entries/000.p/5')
      const hashes = await octets('/tile/0/000.p/5')
      const leaves = decodeEntryBundle(entries, 5)
      expect(Buffer.concat(leaves.map((entry) => leafHash(nativeHash, entry))).equals(hashes)).toBe(true)
      expect(rootOfFlat(nativeHash, hashes)).toEqual(ledger.head.root)
      expect((await app.request('/tile/0/000.p/5')).headers.get('cache-control')).toContain('immutable')
    })

    it.each([
      '/tile/0/000',
      '/tile/0/000.p/9',
      '/tile/1/000.p/1',
      '/tile/entries/001',
      '/tile/0/0',
      '/tile/x',
      '/tile/0/000.p/0',
    ])('has no %s', async (path) => {
      expect((await app.request(path)).status).toBe(404)
    })

    async function octets(path: string): Promise<Uint8Array> {
      const response = await app.request(path)
      expect(response.status).toBe(200)
      return new Uint8Array(await response.arrayBuffer())
    }
  })

  describe('enrolment', () => {
    const key = '11'.repeat(64)
    const post = (body: unknown): RequestInit => ({
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })

    it('offers terms and carries a consent', async () => {
      expect(await getJson(`/v1/enrol?publicKey=${key}`)).toMatchObject({
        machine: machine.id,
        digest: `0x${'01'.repeat(32)}`,
        homeLog: `0x${'cc'.repeat(32)}`,
        deadline: 9,
      })
      const response = await app.request('/v1/enrol', post({ publicKey: key, deadline: 9, signature: '22'.repeat(64) }))
      expect(response.status).toBe(201)
      expect(requests).toEqual([
        { publicKey: new Uint8Array(64).fill(0x11), deadline: 9, signature: new Uint8Array(64).fill(0x22) },
      ])
    })

    it('refuses a request that is not one', async () => {
      await expectProblem('/v1/enrol', 400, 'request-invalid', post({ publicKey: key }))
      await expectProblem('/v1/enrol', 400, 'request-invalid', { method: 'POST', body: '{' })
      await expectProblem('/v1/enrol?publicKey=12', 400, 'request-invalid')
    })

    it('refuses a body that is too large', async () => {
      await expectProblem('/v1/enrol', 413, 'too-large', post({ publicKey: key.repeat(300) }))
    })
  })

  it('gives metrics for Prometheus', async () => {
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain('fieldproof_log_size 1')
    expect(text).toContain('fieldproof_machines_connected 1')
  })

  it('answers what is not there with a problem', async () => {
    await expectProblem('/v2/anything', 404, 'not-found')
  })
})

async function noNode(): Promise<never> {
  throw new FieldproofError('rpc-failed', 'these tests have no node')
}
