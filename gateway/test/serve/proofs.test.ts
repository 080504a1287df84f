import { FieldproofError, toHex } from '@fieldproof/sdk/base'
import { keccak256 } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import { addRows, decodeBundle, decodePlace, encodeBundle, verifyBundle } from '@fieldproof/sdk/verify'
import { decodeBatch, encodeDefinition, type StreamDefinition } from '@fieldproof/sdk/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { AnchorStates } from '../../src/serve/anchor-states.ts'
import { type BundleSources, buildBundle } from '../../src/serve/bundle.ts'
import type { FakeState } from '../anchor/fake-state.ts'
import {
  type BatchChanges,
  recipientKey,
  rows,
  sealedFor,
  TestMachine,
  WEATHER,
  WEATHER_BYTES,
} from '../gateway/machine-kit.ts'
import { BEACON, chain, HttpRig, type Signer, verifyOffline, word } from './http-kit.ts'

describe('over HTTP', () => {
  let rig: HttpRig

  beforeEach(async () => {
    rig = await HttpRig.open()
  })

  describe('proofs', () => {
    it('are refused until an anchor covers the statement', async () => {
      await rig.log(rig.machine, 2)
      await rig.anchor(2)
      expect((await rig.app.request(`/v1/proof?machine=${rig.machine.id}&sequence=1&row=1`)).status).toBe(200)
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&sequence=2&row=1`, 404, 'not-anchored-yet')
    })

    it('pass every check that needs the file alone', async () => {
      await rig.log(rig.machine, 5)
      await rig.anchor()
      const response = await rig.app.request(`/v1/proof?machine=${rig.machine.id}&sequence=3&row=2&row=1`)
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(response.headers.get('content-disposition')).toContain('.fpproof')
      const bytes = new Uint8Array(await response.arrayBuffer())
      const report = await verifyBundle(bytes, { trust: { registry: chain.registry }, rpc: noNode })
      const file = ['bundle', 'keys', 'signatures', 'definitions', 'rows', 'log']
      expect(report.checks.slice(0, 6).map(({ id, status }) => [id, status])).toEqual(file.map((id) => [id, 'pass']))
      expect(report.checks[5]?.reason).toContain(toHex(rig.ledger.tree.root(6)))
      expect(report.rows).toMatchObject([
        { sequence: 3, index: 1, values: [{ name: 'temperature', value: '21.39' }, { value: 'ok' }] },
        { sequence: 3, index: 2 },
      ])
      expect(decodeBundle(bytes, nativeHash).anchor).toMatchObject({ size: 6, blockNumber: 70, logId: chain.logId })
    })

    it('are of the first row of the newest anchored batch when nothing else is asked for', async () => {
      await rig.log(rig.machine, 3)
      await rig.anchor(3)
      const response = await rig.app.request(`/v1/proof?machine=${rig.machine.id}`)
      expect(response.status).toBe(200)
      const bytes = new Uint8Array(await response.arrayBuffer())
      const { rows } = await verifyBundle(bytes, { trust: { registry: chain.registry }, rpc: noNode })
      expect(rows).toMatchObject([{ sequence: 2, index: 1 }])
    })

    it('are of the stream that is asked for, and of health only when it is asked for or there is nothing else', async () => {
      const sequenceOf = async (query: string): Promise<unknown> => {
        const response = await rig.app.request(`/v1/proof?machine=${rig.machine.id}${query}`)
        const report = await verifyBundle(new Uint8Array(await response.arrayBuffer()), {
          trust: { registry: chain.registry },
          rpc: noNode,
        })
        return report.rows[0]?.sequence
      }
      const health = { ...WEATHER, name: 'health' }
      const definitions = [WEATHER_BYTES, encodeDefinition(health).slice()]
      await rig.directory.announce(rig.machine.id, rig.machine.birth(definitions))
      const say = (definition: StreamDefinition) =>
        rig.append({ ...rig.entry(rig.machine, { definition }), stream: definition.name })
      await say(health)
      await rig.anchor()
      expect(await sequenceOf('')).toBe(1)
      await say(WEATHER)
      await say(health)
      await rig.anchor()
      expect([await sequenceOf(''), await sequenceOf('&stream=weather')]).toEqual([2, 2])
      expect(await sequenceOf('&stream=health')).toBe(3)
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&stream=soil`, 404, 'not-anchored-yet')
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&stream=weather&sequence=1`, 400, 'request-invalid')
    })

    it('hold rows of many batches and machines, shared parts once', async () => {
      const other = await rig.born(new TestMachine(-19))
      await rig.log(rig.machine, 2)
      await rig.log(other, 2)
      await rig.anchor()
      const leaves = await rig.store.leaves(1, 5)
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
      await rig.log(rig.machine, 1)
      await rig.anchor()
      const [leaf] = await rig.store.leaves(1, 2)
      if (leaf === undefined) throw new Error('one leaf')
      const forged = { ...leaf, message: rig.machine.at(1, null, { rows: rows(3, 50) }).message }
      await expect(buildBundle([{ leaf: forged, rows: [1] }], sources())).rejects.toMatchObject({
        code: 'store-corrupt',
      })
    })

    it('hold rows of several batches when each row is named in full', async () => {
      const other = await rig.born(new TestMachine())
      await rig.log(rig.machine, 2)
      await rig.log(other, 1)
      await rig.anchor()
      const names = [
        `${other.id}:1:3`,
        `${rig.machine.id}:2:2`,
        `${rig.machine.id}:2:1`,
        `${rig.machine.id}:1:1`,
        `${rig.machine.id}:1:1`,
      ]
      const path = `/v1/proof?${names.map((name) => `at=${name}`).join('&')}`
      const { rows: got } = await verifyBundle(await rig.fetched(path), {
        trust: { registry: chain.registry },
        rpc: noNode,
      })
      expect(got.map(({ machine: of, sequence, index }) => [of, sequence, index])).toEqual([
        [rig.machine.id, 1, 1],
        [rig.machine.id, 2, 1],
        [rig.machine.id, 2, 2],
        [other.id, 1, 3],
      ])
      expect((await rig.app.request(path)).headers.get('content-disposition')).toContain('5-rows.fpproof')
    })

    it('name what is not there', async () => {
      await rig.log(rig.machine, 1)
      await rig.anchor()
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&sequence=9&row=1`, 404, 'not-found')
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&sequence=1&row=9`, 404, 'not-found')
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&sequence=1&row=0`, 400, 'request-invalid')
      await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}&sequence=x`, 400, 'request-invalid')
      await rig.expectProblem(`/v1/proof?at=${rig.machine.id}:9:1`, 404, 'not-found')
      await rig.expectProblem(`/v1/proof?at=${rig.machine.id}:1:9`, 404, 'not-found')
      await rig.expectProblem(`/v1/place?at=${rig.machine.id}:9`, 404, 'not-found')
      await rig.expectProblem(`/v1/batch?machine=${rig.machine.id}&sequence=9`, 404, 'not-found')
    })

    it.each([
      ['a name without a row', '/v1/proof?at=ID:1'],
      ['a name with more than a row', '/v1/proof?at=ID:1:1:1'],
      ['a row of 0', '/v1/proof?at=ID:1:0'],
      ['a sequence that is no number', '/v1/proof?at=ID:one:1'],
      ['no machine id', '/v1/proof?at=nobody:1:1'],
      ['an empty name', '/v1/proof?at='],
      ['names, and a machine beside them', '/v1/proof?at=ID:1:1&machine=ID'],
      ['names, and a row beside them', '/v1/proof?at=ID:1:1&row=1'],
      ['more names than one request may have', `/v1/proof?${'at=ID:1:1&'.repeat(257)}`],
      ['a form that there is not', '/v1/proof?machine=ID&form=paper'],
      ['an unknown parameter', '/v1/proof?at=ID:1:1&colour=red'],
      ['nothing', '/v1/proof'],
      ['a place of nothing', '/v1/place'],
      ['a place of a row', '/v1/place?at=ID:1:1'],
      ['more places than one request may have', `/v1/place?${'at=ID:1&'.repeat(65)}`],
      ['a batch without a sequence', '/v1/batch?machine=ID'],
      ['a batch of sequence 0', '/v1/batch?machine=ID&sequence=0'],
    ])('are refused for %s', async (_name, path) => {
      await rig.log(rig.machine, 1)
      await rig.anchor()
      await rig.expectProblem(path.replaceAll('ID', rig.machine.id), 400, 'request-invalid')
    })

    it('open no more rows than one request may cost', async () => {
      for (let i = 0; i < 2; i++) await rig.append({ ...rig.entry(rig.machine), rowCount: 25_001 })
      await rig.anchor()
      await rig.expectProblem(`/v1/proof?at=${rig.machine.id}:1:1&at=${rig.machine.id}:2:1`, 400, 'request-invalid')
      expect((await rig.app.request(`/v1/proof?at=${rig.machine.id}:2:1`)).status).toBe(200)
    })

    function sources(): BundleSources {
      return {
        hash: nativeHash,
        tree: rig.ledger.tree,
        registry: chain.registry,
        caip2: chain.caip2,
        logId: chain.logId,
        coseKeyOf: (thumbprint) => rig.directory.coseKeyOf(thumbprint),
        definitionBytes: (digest) => rig.store.definition(digest),
        definitionOf: (digest) => rig.directory.definitionOf(digest),
        finalAnchorCovering: (index) => rig.store.finalAnchorCovering(index),
        entries: rig.registry,
        states: new AnchorStates(rig.store),
      }
    }
  })

  describe('proofs with the state', () => {
    const beacon = { chainId: 31337, blockNumber: 60, blockHash: keccak256(BEACON) }
    const newest = (): string => `/v1/proof?machine=${rig.machine.id}&form=state`

    async function logNaming(who: TestMachine, changes: BatchChanges = {}): Promise<void> {
      await rig.append(rig.entry(who, { ...changes, said: { beacon, ...changes.said } }))
    }

    it('pass without a node, with the lower bound of the beacon whose header is kept', async () => {
      await logNaming(rig.machine)
      const blockHash = await rig.anchorWithState([rig.machine])
      const report = await rig.offline(newest(), blockHash)
      expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([])
      expect(report).toMatchObject({ verdict: 'pass', window: { notBefore: 1_700_000_000, notAfter: 1_800_000_000 } })
      expect(decodeBundle(await rig.fetched(newest()), nativeHash).anchor).toMatchObject({ beaconHeaders: [BEACON] })
    })

    it.each<[string, Partial<FakeState>]>([
      ['is not on the chain', { history: [{ number: 60, hash: word(3) }] }],
      ['is not proven', { history: [] }],
    ])('pass without the lower bound of a beacon that %s', async (_what, change) => {
      await logNaming(rig.machine)
      const report = await rig.offline(newest(), await rig.anchorWithState([rig.machine], change))
      expect(report).toMatchObject({ verdict: 'pass', window: { notBefore: null, notAfter: 1_800_000_000 } })
    })

    it('bring no beacon of another chain or another block', async () => {
      await logNaming(rig.machine, { said: { beacon: { ...beacon, chainId: 1 } } })
      await logNaming(rig.machine, { said: { beacon: { ...beacon, blockHash: word(5) } } })
      await logNaming(rig.machine, { said: { beacon: null } })
      const blockHash = await rig.anchorWithState([rig.machine])
      for (const sequence of [1, 2, 3]) {
        const report = await rig.offline(`/v1/proof?at=${rig.machine.id}:${sequence}:1&form=state`, blockHash)
        expect(report).toMatchObject({ verdict: 'pass', window: { notBefore: null } })
      }
    })

    it('take a newer anchor when the oldest does not know every key', async () => {
      const other = await rig.born(new TestMachine())
      await logNaming(rig.machine)
      await rig.anchorWithState([rig.machine])
      await logNaming(other)
      await rig.anchorWithState([other])
      await rig.log(rig.machine, 1)
      const blockHash = await rig.anchorWithState([rig.machine, other])
      const path = `/v1/proof?at=${rig.machine.id}:1:1&at=${other.id}:1:1&form=state`
      expect((await rig.offline(path, blockHash)).verdict).toBe('pass')
      expect(decodeBundle(await rig.fetched(path), nativeHash).anchor).toMatchObject({ size: 4 })
    })

    it('take a newer anchor when the oldest has no evidence, or evidence of another head', async () => {
      await logNaming(rig.machine)
      await rig.anchor()
      await rig.log(rig.machine, 1)
      await rig.anchorWithState([rig.machine], { head: { size: 3, root: word(1), time: 1, blockNumber: 70 } })
      await rig.log(rig.machine, 1)
      const blockHash = await rig.anchorWithState([rig.machine])
      expect((await rig.offline(`/v1/proof?at=${rig.machine.id}:1:1&form=state`, blockHash)).verdict).toBe('pass')
    })

    it('are not to be had while no state shows all signers, and then with a transaction all the same', async () => {
      const other = await rig.born(new TestMachine())
      await logNaming(rig.machine)
      await rig.anchorWithState([rig.machine])
      await logNaming(other)
      await rig.anchorWithState([other])
      const path = `/v1/proof?at=${rig.machine.id}:1:1&at=${other.id}:1:1`
      await rig.expectProblem(`${path}&form=state`, 404, 'state-unavailable')
      expect((await rig.app.request(`${path}&form=transaction`)).status).toBe(200)
      expect((await rig.app.request(path)).status).toBe(200)
    })

    it.each<[string, Partial<Signer>]>([
      ['was revoked before the anchor', { revokedBlock: 70 }],
      ['was retired before the statement', { retiredSequence: 1, retiredBlock: 70 }],
      ['was enrolled after the anchor', { fromBlock: 71 }],
      ['is of another machine', { of: word(9) }],
    ])('are not made of a state in which the key %s', async (_what, entry) => {
      await logNaming(rig.machine)
      const { thumbprint } = rig.machine
      const home = { machines: [thumbprint.slice(0, 16)] }
      await rig.anchorWithState([{ thumbprint, ...entry }], home)
      await rig.expectProblem(newest(), 404, 'state-unavailable')
      await rig.log(rig.machine, 1)
      await rig.anchorWithState([rig.machine])
      expect((await rig.app.request(`/v1/proof?at=${rig.machine.id}:1:1&form=state`)).status).toBe(200)
    })

    it('are not made of a state in which the log is not the home of the machine', async () => {
      await logNaming(rig.machine)
      await rig.anchorWithState([rig.machine], { machines: [] })
      await rig.expectProblem(newest(), 404, 'state-unavailable')
    })

    it('wait for an anchor as others do', async () => {
      await logNaming(rig.machine)
      await rig.expectProblem(`/v1/proof?at=${rig.machine.id}:1:1&form=state`, 404, 'not-anchored-yet')
    })
  })

  describe('places', () => {
    it('make a proof of sealed rows in the hands of their recipient', async () => {
      const recipient = recipientKey()
      const sealed = { ...rig.entry(rig.machine, sealedFor(recipient.publicKey, rows(4))), times: null }
      await rig.append(sealed)
      await rig.log(rig.machine, 1)
      const blockHash = await rig.anchorWithState([rig.machine])
      await rig.expectProblem(`/v1/proof?at=${rig.machine.id}:1:1`, 400, 'request-invalid')
      const message = await rig.fetched(`/v1/batch?machine=${rig.machine.id}&sequence=1`)
      expect(message).toEqual(sealed.message)
      const place = decodePlace(await rig.fetched(`/v1/place?at=${rig.machine.id}:1&form=state`), nativeHash)
      const shown = [{ batch: decodeBatch(message), rows: [2, 4] }]
      const bytes = encodeBundle(addRows(place, shown, nativeHash, recipient), nativeHash)
      const report = await verifyOffline(bytes, blockHash)
      expect(report.verdict).toBe('pass')
      expect(report.rows.map(({ index }) => index)).toEqual([2, 4])
    })

    it('are of open batches too, each statement once, in the order of the log', async () => {
      await rig.log(rig.machine, 3)
      await rig.anchor()
      const path = `/v1/place?at=${rig.machine.id}:3&at=${rig.machine.id}:1&at=${rig.machine.id}:3`
      const { statements, rows: none, anchor: where } = decodePlace(await rig.fetched(path), nativeHash)
      expect(statements.map(({ logIndex }) => logIndex)).toEqual([1, 3])
      expect(none).toEqual([])
      expect(where.kind).toBe('transaction')
    })
  })
})

async function noNode(): Promise<never> {
  throw new FieldproofError('rpc-failed', 'these tests have no node')
}
