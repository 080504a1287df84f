import { type Code, FieldproofError, toHex } from '@fieldproof/sdk/base'
import {
  decodeEntryBundle,
  encodeVerifierKey,
  leafHash,
  rootOfFlat,
  tilePath,
  tileWidth,
  verifyCheckpoint,
} from '@fieldproof/sdk/merkle'
import { nativeEd25519, nativeHash } from '@fieldproof/sdk/native'
import { beforeEach, describe, expect, it } from 'vitest'
import { START_MS, TestMachine, WEATHER } from '../gateway/machine-kit.ts'
import { genesis, HttpRig, signer } from './http-kit.ts'

describe('gateway over HTTP', () => {
  let rig: HttpRig

  beforeEach(async () => {
    rig = await HttpRig.open()
  })

  it('says whether it is well', async () => {
    expect((await rig.app.request('/healthz')).status).toBe(200)
    rig.isHealthy = false
    expect((await rig.app.request('/healthz')).status).toBe(503)
  })

  it('says which log it is and where it is anchored', async () => {
    expect(await rig.getJson('/v1/info')).toEqual({
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
    const { headers } = await rig.app.request('/v1/info')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
  })

  it('lists machines, and one with its streams and newest statement', async () => {
    await rig.log(rig.machine, 2)
    expect(await rig.getJson('/v1/machines')).toMatchObject({
      machines: [{ machine: rig.machine.id, batches: 2, rows: 6, online: true }],
    })
    expect(await rig.getJson(`/v1/machines/${rig.machine.id}`)).toMatchObject({
      sequence: 2,
      head: { sequence: 2, logIndex: 2, link: 'linked', stream: 'weather' },
      streams: [{ stream: 'weather', cadenceMs: 60_000, columns: WEATHER.columns }],
    })
    await rig.expectProblem(`/v1/machines/${new TestMachine().id}`, 404, 'not-found')
    await rig.expectProblem('/v1/machines/nobody', 400, 'request-invalid')
  })

  it('gives rows in real units, the newest by default', async () => {
    await rig.log(rig.machine, 3)
    await rig.anchor(3)
    const body = await rig.getJson(`/v1/machines/${rig.machine.id}/rows?stream=weather&limit=4`)
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
    await rig.log(rig.machine, 3)
    const from = START_MS + 7 * 60_000
    const body = await rig.getJson(`/v1/machines/${rig.machine.id}/rows?stream=weather&from=${from}&limit=3`)
    expect((body['rows'] as { time: number }[]).map(({ time }) => time)).toEqual([from, from + 60_000, from + 120_000])
    expect(await rig.getJson(`/v1/machines/${rig.machine.id}/rows?stream=soil`)).toMatchObject({ rows: [] })
  })

  it.each([
    ['an unknown parameter', '?stream=weather&colour=red'],
    ['no stream', ''],
    ['a limit beyond the largest', '?stream=weather&limit=99999'],
    ['a time that is no number', '?stream=weather&from=yesterday'],
  ])('refuses a query with %s', async (_name, query) => {
    await rig.expectProblem(`/v1/machines/${rig.machine.id}/rows${query}`, 400, 'request-invalid')
  })

  describe('the log', () => {
    it('gives the checkpoint as a C2SP note that its key verifies', async () => {
      await rig.log(rig.machine, 2)
      const response = await rig.app.request('/checkpoint')
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
      const vkey = encodeVerifierKey(genesis.origin, signer.publicKey, nativeHash)
      const checkpoint = await verifyCheckpoint(await response.text(), vkey, nativeEd25519, nativeHash)
      expect(checkpoint).toMatchObject({ size: 3, root: rig.ledger.head.root })
    })

    it('gives entries and hashes as C2SP tiles that lead to the checkpoint', async () => {
      await rig.log(rig.machine, 4)
      const entries = await octets('/tile/entries/000.p/5')
      const hashes = await octets('/tile/0/000.p/5')
      const leaves = decodeEntryBundle(entries, 5)
      expect(Buffer.concat(leaves.map((entry) => leafHash(nativeHash, entry))).equals(hashes)).toBe(true)
      expect(rootOfFlat(nativeHash, hashes)).toEqual(rig.ledger.head.root)
      expect((await rig.app.request('/tile/0/000.p/5')).headers.get('cache-control')).toContain('immutable')
    })

    it('gives every tile and entry bundle of each checkpoint, and never changes one (LOG-30)', async () => {
      const published = new Map<string, Uint8Array>()
      const fetched = async (level: number | 'entries', index: number, width: number): Promise<Uint8Array> => {
        const path = `/${tilePath(level, index, width)}`
        const bytes = await octets(path)
        published.set(path, bytes)
        return bytes
      }
      for (const size of [1, 5, 256, 300]) {
        await rig.log(rig.machine, size - rig.ledger.head.size)
        expect(rig.ledger.head.size).toBe(size)
        const leaves: Uint8Array[] = []
        for (let index = 0; tileWidth(0, index, size) > 0; index++) {
          const width = tileWidth(0, index, size)
          const hashes = await fetched(0, index, width)
          const entries = decodeEntryBundle(await fetched('entries', index, width), width)
          expect(Buffer.concat(entries.map((entry) => leafHash(nativeHash, entry))).equals(hashes)).toBe(true)
          leaves.push(hashes)
        }
        const root = rootOfFlat(nativeHash, Buffer.concat(leaves))
        expect(root).toEqual(rig.ledger.head.root)
        if (tileWidth(1, 0, size) > 0) {
          const above = await fetched(1, 0, tileWidth(1, 0, size))
          expect(above).toEqual(new Uint8Array(rootOfFlat(nativeHash, leaves[0] ?? new Uint8Array())))
        }
        for (const [path, bytes] of published) expect(await octets(path), path).toEqual(bytes)
      }
      expect(published.size).toBe(9)
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
      expect((await rig.app.request(path)).status).toBe(404)
    })

    async function octets(path: string): Promise<Uint8Array> {
      const response = await rig.app.request(path)
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
      expect(await rig.getJson(`/v1/enrol?publicKey=${key}`)).toMatchObject({
        machine: rig.machine.id,
        digest: `0x${'01'.repeat(32)}`,
        homeLog: `0x${'cc'.repeat(32)}`,
        deadline: 9,
      })
      const response = await rig.app.request(
        '/v1/enrol',
        post({ publicKey: key, deadline: 9, signature: '22'.repeat(64) }),
      )
      expect(response.status).toBe(201)
      expect(rig.requests).toEqual([
        { publicKey: new Uint8Array(64).fill(0x11), deadline: 9, signature: new Uint8Array(64).fill(0x22) },
      ])
    })

    it('refuses a request that is not one', async () => {
      await rig.expectProblem('/v1/enrol', 400, 'request-invalid', post({ publicKey: key }))
      await rig.expectProblem('/v1/enrol', 400, 'request-invalid', { method: 'POST', body: '{' })
      await rig.expectProblem('/v1/enrol?publicKey=12', 400, 'request-invalid')
    })

    it.each<Code>(['rpc-failed', 'rpc-invalid', 'transaction-failed', 'contract-missing'])(
      'repeats no word of a node whose trouble is %s, and tells the operator',
      async (code) => {
        const said = 'see https://node.example/v3/my-access-key'
        rig.failure = new FieldproofError(code, said, { facts: { rpcMessage: said } })
        const response = await rig.app.request(`/v1/enrol?publicKey=${key}`)
        expect(response.status).toBeGreaterThanOrEqual(500)
        const text = await response.text()
        expect(JSON.parse(text)).toMatchObject({ code, detail: expect.stringContaining('its log says more') })
        expect(text).not.toContain('node.example')
        expect(rig.faults).toEqual([rig.failure])
      },
    )

    it('refuses a body that is too large', async () => {
      await rig.expectProblem('/v1/enrol', 413, 'too-large', post({ publicKey: key.repeat(300) }))
    })
  })

  it('gives metrics for Prometheus', async () => {
    const text = await (await rig.app.request('/metrics')).text()
    expect(text).toContain('fieldproof_log_size 1')
    expect(text).toContain('fieldproof_machines_connected 1')
  })

  it('answers what is not there with a problem', async () => {
    await rig.expectProblem('/v2/anything', 404, 'not-found')
  })
})
