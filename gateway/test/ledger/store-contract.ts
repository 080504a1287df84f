/** What every store must do. Run on each implementation. */
import { bootId, hash32, type MachineId } from '@fieldproof/sdk/base'
import { encodeCoseKey } from '@fieldproof/sdk/crypto'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PreparedAnchor } from '../../src/anchor/ports.ts'
import type { Refusal, Store } from '../../src/ledger/index.ts'
import { REFUSALS_KEPT } from '../../src/ledger/store.ts'
import { entryOf, START_MS, TestMachine, WEATHER_BYTES, WEATHER_HASH } from '../gateway/machine-kit.ts'

const GENESIS = Uint8Array.of(1, 2, 3)
const OTHER_BOOT = bootId(new Uint8Array(8).fill(9))

/** Runs the contract. `reopen` closes the store and opens the same state again, where there is one to open. */
export function storeContract(open: () => Promise<Store>, reopen?: (store: Store) => Promise<Store>): void {
  let store: Store
  let machine: TestMachine

  beforeEach(async () => {
    store = await open()
    machine = new TestMachine()
    await store.create(GENESIS, leafHash(nativeHash, GENESIS))
    await enrol(machine)
  })
  afterEach(() => store.close())

  async function enrol(who: TestMachine): Promise<void> {
    const key = {
      thumbprint: who.thumbprint,
      machine: who.id,
      coseKey: encodeCoseKey(who.key),
      retiredSequence: 0,
      revoked: false,
    }
    await store.putBirth(key, new Map([[WEATHER_HASH, WEATHER_BYTES]]), 'test 1')
  }

  async function again(): Promise<void> {
    if (reopen !== undefined) store = await reopen(store)
  }

  describe('the log', () => {
    it('begins with the genesis, once', async () => {
      expect(await store.genesis()).toEqual(GENESIS)
      expect(await store.leafCount()).toBe(1)
      await expect(store.create(GENESIS, leafHash(nativeHash, GENESIS))).rejects.toMatchObject({ code: 'key-exists' })
    })

    it('gives entries consecutive indices and keeps every field', async () => {
      const entries = [machine.next(), machine.next()].map((batch) => entryOf(machine, batch))
      expect(await store.append(entries, [])).toEqual([
        { kind: 'logged', index: 1, link: 'first' },
        { kind: 'logged', index: 2, link: 'linked' },
      ])
      await again()
      expect(await store.leafCount()).toBe(3)
      expect(await store.leaves(1, 3)).toEqual([
        { ...entries[0], index: 1, link: 'first' },
        { ...entries[1], index: 2, link: 'linked' },
      ])
      expect((await store.readLeaves(0, 9)).map(({ bytes }) => bytes)).toEqual([
        GENESIS,
        entries[0]?.statement,
        entries[1]?.statement,
      ])
    })

    it('keeps a sealed batch, which has no times', async () => {
      const entry = { ...entryOf(machine, machine.next()), times: null }
      await store.append([entry], [])
      expect(await store.leaves(1, 2)).toEqual([{ ...entry, index: 1, link: 'first' }])
    })

    it('answers a duplicate with the index that it has, also in one group (LOG-3, HIST-22)', async () => {
      const entry = entryOf(machine, machine.next())
      expect(await store.append([entry, entry], [])).toEqual([
        { kind: 'logged', index: 1, link: 'first' },
        { kind: 'duplicate', index: 1 },
      ])
      await again()
      expect(await store.append([entry], [])).toEqual([{ kind: 'duplicate', index: 1 }])
      expect(await store.leafCount()).toBe(2)
    })

    it('keeps a fork as evidence, once, and does not log it (HIST-21)', async () => {
      const first = entryOf(machine, machine.next())
      const other = entryOf(machine, machine.at(1, null))
      await store.append([first], [])
      expect(await store.append([other], [])).toEqual([{ kind: 'fork', index: 1 }])
      expect(await store.append([other], [])).toEqual([{ kind: 'fork', index: 1 }])
      await again()
      const { id, message, receivedAt } = other
      expect(await store.forks()).toEqual([{ machine: machine.id, index: 1, id, message, receivedAt }])
      expect(await store.leafCount()).toBe(2)
      expect(await store.machines()).toMatchObject([{ batches: 1, forks: 1 }])
    })

    it('flags a second successor of one predecessor as a branch, and logs it (HIST-20)', async () => {
      const first = machine.next()
      const second = machine.next()
      const branch = machine.at(2, first.id, { said: { boot: OTHER_BOOT } })
      const outcomes = await store.append(
        [first, second, branch].map((b) => entryOf(machine, b)),
        [],
      )
      expect(outcomes.at(-1)).toEqual({ kind: 'logged', index: 3, link: 'branch' })
      expect(await store.machines()).toMatchObject([{ batches: 3, branches: 1 }])
      expect((await store.leavesAt(machine.id, 2)).map(({ index }) => index)).toEqual([2, 3])
    })

    it('flags a second beginning as a branch', async () => {
      await store.append([entryOf(machine, machine.next())], [])
      const again = machine.at(1, null, { said: { boot: OTHER_BOOT } })
      expect(await store.append([entryOf(machine, again)], [])).toEqual([{ kind: 'logged', index: 2, link: 'branch' }])
    })

    it('records a gap and fills it late (HIST-20)', async () => {
      const [first, second, third] = [machine.next(), machine.next(), machine.next()].map((b) => entryOf(machine, b))
      if (first === undefined || second === undefined || third === undefined) throw new Error('three entries')
      expect(await store.append([first, third], [])).toMatchObject([{ link: 'first' }, { link: 'gap' }])
      expect(await store.append([second], [])).toEqual([{ kind: 'logged', index: 3, link: 'linked' }])
      await again()
      expect((await store.leaves(1, 4)).map(({ link }) => link)).toEqual(['first', 'linked', 'linked'])
    })

    it('logs what names another predecessor than the one that is held (HIST-20)', async () => {
      const [first, second] = [machine.next(), machine.next()]
      const broken = machine.at(3, first.id)
      const outcomes = await store.append(
        [first, second, broken].map((b) => entryOf(machine, b)),
        [],
      )
      expect(outcomes.at(-1)).toEqual({ kind: 'logged', index: 3, link: 'gap' })
    })

    it('takes a predecessor of another machine for a gap', async () => {
      const other = new TestMachine(-19)
      await enrol(other)
      const foreign = entryOf(other, other.next())
      const entry = entryOf(machine, machine.at(2, foreign.id))
      expect(await store.append([foreign, entry], [])).toMatchObject([{ link: 'first' }, { link: 'gap' }])
    })
  })

  describe('looking things up', () => {
    it('finds the newest statement by sequence, not by arrival', async () => {
      expect(await store.newestLeaf(machine.id)).toBeNull()
      const [first, second] = [machine.next(), machine.next()].map((b) => entryOf(machine, b))
      await store.append(
        [second, first].filter((e) => e !== undefined),
        [],
      )
      expect(await store.newestLeaf(machine.id)).toMatchObject({ sequence: 2, index: 1 })
    })

    it('lists the statements of one machine in a range of the log', async () => {
      const other = new TestMachine()
      await enrol(other)
      const mixed = [machine, other, machine, other, machine]
      await store.append(
        mixed.map((who) => entryOf(who, who.next())),
        [],
      )
      const found = await store.idsOf(machine.id, 2, 6, 10)
      expect(found.map(({ index }) => index)).toEqual([3, 5])
      expect((await store.idsOf(machine.id, 1, 6, 2)).map(({ index }) => index)).toEqual([1, 3])
      expect(await store.idsOf('a'.repeat(26) as MachineId, 0, 9, 9)).toEqual([])
    })

    it('finds batches by stream and time, oldest or newest first, below an index', async () => {
      await store.append(
        [1, 2, 3].map(() => entryOf(machine, machine.next())),
        [],
      )
      const query = { machine: machine.id, stream: 'weather', from: 0, below: 4, limit: 9, newestFirst: false }
      expect((await store.batches(query)).map(({ index }) => index)).toEqual([1, 2, 3])
      expect((await store.batches({ ...query, newestFirst: true, limit: 2 })).map(({ index }) => index)).toEqual([3, 2])
      const from = START_MS + 2 * 180_000 + 120_000
      expect((await store.batches({ ...query, from })).map(({ index }) => index)).toEqual([2, 3])
      expect((await store.batches({ ...query, below: 3 })).map(({ index }) => index)).toEqual([1, 2])
      expect(await store.batches({ ...query, stream: 'soil' })).toEqual([])
      expect(await store.streams(machine.id)).toEqual(['weather'])
    })

    it('sums up a machine', async () => {
      await store.append([entryOf(machine, machine.next()), entryOf(machine, machine.next())], [])
      await again()
      expect(await store.machines()).toEqual([
        {
          machine: machine.id,
          software: 'test 1',
          batches: 2,
          rows: 6,
          sequence: 2,
          lastReceivedAt: START_MS,
          branches: 0,
          forks: 0,
        },
      ])
    })

    it('keeps keys, their revocation, and definitions', async () => {
      const [key] = await store.keys()
      if (key === undefined) throw new Error('one key')
      expect(key).toMatchObject({ machine: machine.id, revoked: false, coseKey: encodeCoseKey(machine.key) })
      await store.putKey({ ...key, revoked: true, retiredSequence: 7 })
      await again()
      expect(await store.keys()).toEqual([{ ...key, revoked: true, retiredSequence: 7 }])
      expect(await store.definition(WEATHER_HASH)).toEqual(WEATHER_BYTES)
      expect(await store.definition(hash32(new Uint8Array(32)))).toBeNull()
    })

    it('keeps refusals, newest first (RCPT-30)', async () => {
      await store.append([], [refusal(1), refusal(2)])
      await again()
      expect(await store.refusals(9)).toEqual([refusal(2), refusal(1)])
      expect(await store.refusals(1)).toEqual([refusal(2)])
    })

    it('keeps the newest refusals and no more of them than its limit (RCPT-30)', async () => {
      const { count } = REFUSALS_KEPT
      const many = Array.from({ length: count }, (_, n) => refusal(n))
      await store.append([], many)
      await store.append([], [refusal(count), refusal(count + 1)])
      const kept = await store.refusals(count + 9)
      expect(kept).toHaveLength(count)
      expect(kept.at(0)?.detail).toBe(`no ${count + 1}`)
      expect(kept.at(-1)?.detail).toBe('no 2')
    })

    it('remembers how far a machine was told', async () => {
      expect(await store.told(machine.id)).toBe(0)
      await store.setTold([machine.id], 12)
      await again()
      expect(await store.told(machine.id)).toBe(12)
    })
  })

  describe('the committed head (LOG-4)', () => {
    const root = (byte: number) => hash32(new Uint8Array(32).fill(byte))

    it('moves from the expected head to a larger one', async () => {
      expect(await store.newestCheckpoint()).toBeNull()
      await store.advanceCheckpoint(null, { size: 1, root: root(1) })
      await store.advanceCheckpoint({ size: 1, root: root(1) }, { size: 5, root: root(5) })
      await again()
      expect(await store.newestCheckpoint()).toEqual({ size: 5, root: root(5), signatures: null })
    })

    it.each([
      ['refuses to shrink', { size: 5, root: root(5) }, { size: 4, root: root(4) }],
      ['refuses another root at one size', { size: 5, root: root(5) }, { size: 5, root: root(6) }],
      ['refuses when the size is not the expected one', { size: 4, root: root(5) }, { size: 9, root: root(9) }],
      ['refuses when the root is not the expected one', { size: 5, root: root(7) }, { size: 9, root: root(9) }],
      ['refuses to begin again', null, { size: 9, root: root(9) }],
    ])('%s', async (_name, expected, next) => {
      await store.advanceCheckpoint(null, { size: 5, root: root(5) })
      await expect(store.advanceCheckpoint(expected, next)).rejects.toMatchObject({ code: 'head-conflict' })
      expect(await store.newestCheckpoint()).toMatchObject({ size: 5, root: root(5) })
    })

    it('finds the smallest head that covers a leaf, with its signatures', async () => {
      await store.advanceCheckpoint(null, { size: 2, root: root(2) })
      await store.advanceCheckpoint({ size: 2, root: root(2) }, { size: 4, root: root(4) })
      const signatures = { receipt: new Uint8Array(64).fill(1), note: new Uint8Array(64).fill(2) }
      await store.signCheckpoint(4, signatures)
      await again()
      expect(await store.checkpointCovering(2)).toEqual({ size: 4, root: root(4), signatures })
      expect(await store.checkpointCovering(1)).toMatchObject({ size: 2, signatures: null })
      expect(await store.checkpointCovering(4)).toBeNull()
      await expect(store.signCheckpoint(3, signatures)).rejects.toMatchObject({ code: 'not-found' })
    })
  })

  describe('anchors', () => {
    const prepared = (size: number, nonce: number): PreparedAnchor => ({
      head: { size, root: hash32(new Uint8Array(32).fill(size)) },
      nonce,
      txHash: hash32(new Uint8Array(32).fill(nonce)),
      rawTransaction: Uint8Array.of(nonce, size),
    })
    const mined = { txHash: prepared(3, 1).txHash, blockNumber: 77, blockHash: hash32(new Uint8Array(32).fill(7)) }

    it('keep every transaction, their state and their evidence (ANCHOR-20)', async () => {
      const { id } = await store.putAnchorIntent(prepared(3, 1))
      await store.addAnchorTransaction(id, prepared(3, 2))
      expect(await store.anchorsIn('final')).toEqual([])
      const evidence = {
        header: Uint8Array.of(1),
        nodes: Array.from({ length: 300 }, (_, i) => new Uint8Array(532).fill(i)),
        beaconHeaders: [Uint8Array.of(3)],
        keys: [1, 2].map((byte) => hash32(new Uint8Array(32).fill(byte))),
        machines: [new Uint8Array(16).fill(3)],
      }
      await store.setAnchorState(id, 'final', mined)
      await store.setAnchorEvidence(id, evidence)
      await again()
      expect(await store.anchorsIn('final')).toEqual([
        {
          id,
          state: 'final',
          head: prepared(3, 1).head,
          transactions: [prepared(3, 1), prepared(3, 2)],
          mined,
        },
      ])
      expect(await store.anchorsIn('intent')).toEqual([])
      expect(await store.anchorEvidence(id)).toEqual(evidence)
      await store.setAnchorEvidence(id, { ...evidence, nodes: [] }) // as after a crash before the state was stored
      expect(await store.anchorEvidence(id)).toEqual({ ...evidence, nodes: [] })
      expect(await store.anchorCover(id)).toMatchObject({ keys: evidence.keys, machines: evidence.machines })
    })

    it('have no evidence until it is stored', async () => {
      const { id } = await store.putAnchorIntent(prepared(3, 1))
      expect(await store.anchorEvidence(id)).toBeNull()
      expect(await store.anchorEvidence(id + 1)).toBeNull()
      expect(await store.anchorCover(id)).toBeNull()
      expect(await store.anchorCover(id + 1)).toBeNull()
    })

    it('are found by the leaf that they cover, oldest first, and as the newest, once they are final (RCPT-1)', async () => {
      for (const size of [3, 9]) {
        const { id } = await store.putAnchorIntent(prepared(size, size))
        await store.setAnchorState(id, 'final', mined)
      }
      await store.putAnchorIntent(prepared(20, 20))
      const included = await store.putAnchorIntent(prepared(30, 30))
      await store.setAnchorState(included.id, 'included', mined)
      expect(await store.finalAnchorCovering(2)).toMatchObject({ head: { size: 3 } })
      expect(await store.finalAnchorCovering(3)).toMatchObject({ head: { size: 9 } })
      expect(await store.finalAnchorCovering(9)).toBeNull()
      expect(await store.newestFinalAnchor()).toMatchObject({ head: { size: 9 } })
    })

    it('cannot be changed when they are not there', async () => {
      await expect(store.setAnchorState(5, 'lost', null)).rejects.toMatchObject({ code: 'not-found' })
      const evidence = { header: Uint8Array.of(1), nodes: [], beaconHeaders: [], keys: [], machines: [] }
      await expect(store.setAnchorEvidence(5, evidence)).rejects.toMatchObject({ code: 'not-found' })
    })
  })

  function refusal(n: number): Refusal {
    const digest = hash32(new Uint8Array(32).fill(n))
    return {
      machine: machine.id,
      digest,
      code: 'malformed',
      detail: `no ${n}`,
      message: Uint8Array.of(n),
      receivedAt: START_MS,
    }
  }
}
