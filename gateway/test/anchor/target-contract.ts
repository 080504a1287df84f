/** What every AnchorTarget does, whatever chain is behind it. */
import { equalBytes, hash32 } from '@fieldproof/sdk/base'
import { keccak256, type NodeSource, readHeader, readState, type StateAnswers } from '@fieldproof/sdk/evm'
import { beforeEach, describe, expect, it } from 'vitest'
import { NodePool } from '../../src/anchor/node-pool.ts'
import type { AnchorEvidence, AnchorTarget, EvidenceWanted, Head, PreparedAnchor } from '../../src/anchor/ports.ts'
import type { FakeLog } from './fake-chain.ts'

const NOTHING: EvidenceWanted = { keys: [], machines: [], beacons: [] }

/** A target over a fresh log of `log`'s first leaf, and hands on its chain. Transactions wait until `mine`. */
export interface TargetRig {
  readonly target: AnchorTarget
  /** Has 20 leaves. */
  readonly log: FakeLog
  mine(blocks?: number): Promise<void>
  /** Undoes blocks with all that is in them. */
  reorg(depth: number): Promise<void>
  /** The account's next nonce is taken by another transaction, mined. */
  mineForeign(): Promise<void>
  dropPool(): Promise<void>
}

/** @param finalDepth blocks on top that make a block final */
export function targetContract(name: string, finalDepth: number, open: () => Promise<TargetRig>): void {
  describe(name, () => {
    let rig: TargetRig
    beforeEach(async () => {
      rig = await open()
    })

    function headAt(size: number): Head {
      return { size, root: rig.log.rootAt(size) }
    }

    async function prepare(from: number, to: number, replaces?: PreparedAnchor): Promise<PreparedAnchor> {
      return rig.target.prepare(headAt(from), headAt(to), rig.log.consistency(from, to), replaces)
    }

    it('begins with the head that the log was created with', async () => {
      expect(await rig.target.head()).toEqual(headAt(1))
    })

    it('sends nothing while it prepares', async () => {
      const prepared = await prepare(1, 7)
      await rig.mine()
      expect((await rig.target.status(prepared.txHash)).kind).toBe('lost')
      expect(await rig.target.head()).toEqual(headAt(1))
    })

    it('leads a transaction from pending over included to final (ANCHOR-22)', async () => {
      const prepared = await prepare(1, 7)
      await rig.target.send(prepared)
      expect((await rig.target.status(prepared.txHash)).kind).toBe('pending')
      expect((await rig.target.head()).size).toBe(1)
      await rig.mine()
      const included = await rig.target.status(prepared.txHash)
      expect(included.kind).toBe('included')
      expect(await rig.target.head()).toEqual(headAt(7))
      await rig.mine(finalDepth - 1)
      expect(await rig.target.status(prepared.txHash)).toEqual(included)
      await rig.mine()
      expect(await rig.target.status(prepared.txHash)).toEqual({ ...included, kind: 'final' })
    })

    it('is not disturbed when the same transaction is sent again, pending or mined', async () => {
      const prepared = await prepare(1, 7)
      await rig.target.send(prepared)
      await rig.target.send(prepared)
      await rig.mine()
      await rig.target.send(prepared)
      await rig.mine()
      expect((await rig.target.status(prepared.txHash)).kind).toBe('included')
    })

    it('does not know a transaction that nobody sent', async () => {
      expect(await rig.target.status(hash32(new Uint8Array(32).fill(7)))).toEqual({ kind: 'lost' })
    })

    it('replaces a pending transaction by one with the same nonce, and only one of them is mined', async () => {
      const first = await prepare(1, 7)
      await rig.target.send(first)
      const second = await prepare(1, 7, first)
      expect(second.nonce).toBe(first.nonce)
      expect(equalBytes(second.txHash, first.txHash)).toBe(false)
      await rig.target.send(second)
      await rig.mine()
      expect((await rig.target.status(first.txHash)).kind).toBe('lost')
      expect((await rig.target.status(second.txHash)).kind).toBe('included')
    })

    it('loses what a reorganisation undid, and takes the same bytes again', async () => {
      const prepared = await prepare(1, 7)
      await rig.target.send(prepared)
      await rig.mine()
      await rig.reorg(1)
      expect((await rig.target.status(prepared.txHash)).kind).toBe('lost')
      expect(await rig.target.head()).toEqual(headAt(1))
      await rig.target.send(prepared)
      await rig.mine()
      expect((await rig.target.status(prepared.txHash)).kind).toBe('included')
      expect(await rig.target.head()).toEqual(headAt(7))
    })

    it('refuses a transaction whose nonce another one took', async () => {
      const prepared = await prepare(1, 7)
      await rig.mineForeign()
      await expect(rig.target.send(prepared)).rejects.toMatchObject({ code: 'transaction-failed' })
      expect((await rig.target.status(prepared.txHash)).kind).toBe('lost')
      const again = await prepare(1, 7)
      expect(again.nonce).toBe(prepared.nonce + 1)
    })

    it('refuses a transaction that would wait for a nonce which a reorganisation freed', async () => {
      await rig.mineForeign()
      const first = await prepare(1, 7)
      await rig.reorg(1)
      await expect(rig.target.send(first)).rejects.toMatchObject({ code: 'transaction-failed' })
      expect((await rig.target.status(first.txHash)).kind).toBe('lost')
      const second = await prepare(1, 7)
      expect(second.nonce).toBe(first.nonce - 1)
      await rig.target.send(second)
      await rig.mine()
      expect((await rig.target.status(second.txHash)).kind).toBe('included')
    })

    it('forgets what the nodes dropped', async () => {
      const prepared = await prepare(1, 7)
      await rig.target.send(prepared)
      await rig.dropPool()
      expect((await rig.target.status(prepared.txHash)).kind).toBe('lost')
    })

    it('takes head after head, each proven from the one before', async () => {
      for (const [from, to] of [
        [1, 2],
        [2, 3],
        [3, 8],
        [8, 13],
        [13, 20],
      ] as const) {
        await rig.target.send(await prepare(from, to))
        await rig.mine()
        expect(await rig.target.head()).toEqual(headAt(to))
      }
    })

    it('finds the transaction of the head that the contract holds, and of no other', async () => {
      const begun = await rig.target.find(headAt(1))
      expect(begun).not.toBeNull()
      const prepared = await prepare(1, 7)
      await rig.target.send(prepared)
      await rig.mine()
      const status = await rig.target.status(prepared.txHash)
      const { kind: _kind, ...where } = { ...status }
      expect(await rig.target.find(headAt(7))).toEqual({ nonce: prepared.nonce, txHash: prepared.txHash, ...where })
      expect(await rig.target.find(headAt(1))).toBeNull()
      expect(await rig.target.find(headAt(8))).toBeNull()
    })

    it('keeps evidence whose header has the hash of the block', async () => {
      const prepared = await prepare(1, 7)
      await rig.target.send(prepared)
      await rig.mine(1 + finalDepth)
      const status = await rig.target.status(prepared.txHash)
      if (status.kind !== 'final') throw new Error('not final')
      const evidence = await rig.target.evidence(headAt(7), status, NOTHING)
      expect(keccak256(evidence.header)).toEqual(status.blockHash)
      expect(evidence.beaconHeaders).toEqual([])
    })

    it('keeps evidence that shows AnchorLog and head to whoever trusts the registry and that hash', async () => {
      const { evidence, block } = await anchored(7, NOTHING)
      const { anchorLog, head } = read(evidence)
      expect(anchorLog).toEqual(new Uint8Array(rig.target.anchorLog))
      expect(head).toMatchObject({ ...headAt(7), blockNumber: block })
    })

    it('keeps each node once, and none that nothing needs', async () => {
      const { evidence } = await anchored(7, NOTHING)
      const pool = new NodePool(evidence.nodes).reader()
      read(evidence, [], pool.source)
      expect(evidence.nodes).toHaveLength(pool.used.length)
    })

    it('keeps the headers of beacons that are of this chain, and leaves out the others', async () => {
      await rig.mine(finalDepth)
      const { number, hash } = await rig.target.finalised()
      const beacons = [
        { number: number + 1_000_000, hash },
        { number, hash: hash32(new Uint8Array(32).fill(7)) },
        { number, hash },
        { number: Number.MAX_SAFE_INTEGER, hash },
      ]
      const { evidence } = await anchored(7, { ...NOTHING, beacons })
      expect(evidence.beaconHeaders.map((header) => readHeader(header))).toMatchObject([{ number, hash }])
      expect(read(evidence, [number]).blockHashes).toEqual([hash])
    })

    it('leaves out keys and machines that nobody enrolled', async () => {
      const keys = [hash32(new Uint8Array(32).fill(1)), hash32(new Uint8Array(32).fill(2))]
      const { evidence } = await anchored(7, { ...NOTHING, keys, machines: [new Uint8Array(16).fill(1)] })
      expect(read(evidence).head.size).toBe(7)
    })

    async function anchored(
      size: number,
      wanted: EvidenceWanted,
    ): Promise<{ evidence: AnchorEvidence; block: number }> {
      const prepared = await prepare(1, size)
      await rig.target.send(prepared)
      await rig.mine(1 + finalDepth)
      const status = await rig.target.status(prepared.txHash)
      if (status.kind !== 'final') throw new Error('not final')
      return { evidence: await rig.target.evidence(headAt(size), status, wanted), block: status.blockNumber }
    }

    function read(evidence: AnchorEvidence, blocks: number[] = [], source?: NodeSource): StateAnswers {
      const { registry, logId } = rig.target
      const { stateRoot } = readHeader(evidence.header)
      const pool = source ?? new NodePool(evidence.nodes).reader().source
      return readState(stateRoot, { registry, logId, keys: [], machines: [], blocks }, pool)
    }

    it('names canonical blocks, and the newest final one among them (WIRE-20)', async () => {
      await rig.mine(finalDepth + 1)
      const { number, hash } = await rig.target.finalised()
      expect(await rig.target.blockHash(number)).toEqual(hash)
      expect(await rig.target.blockHash(number + finalDepth)).not.toBeNull()
      expect(await rig.target.blockHash(number + finalDepth + 1)).toBeNull()
      expect(await rig.target.gasPrice()).toBeGreaterThan(0n)
    })
  })
}
