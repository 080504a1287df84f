/** What every Outbox must do. Run on the fake and on the real thing, so that the one stands for the other. */
import { type Hash32, hash32, statementId, utf8 } from '../base/index.ts'
import { pureHash } from '../crypto/index.ts'
import type { StoredBatch } from '../machine/index.ts'
import type { EvidenceOutbox } from '../node/outbox-evidence.ts'
import type { TestApi } from './api.ts'

/** A place for one outbox, empty at first. */
export interface OutboxPlace {
  /** Opens the outbox; again after it was closed, with what it held. */
  open(bounds?: { readonly maxBytes?: number; readonly maxReceipts?: number }): Promise<EvidenceOutbox>
}

const STREAM = 'a1'
const OTHER = 'b2'

/** Adds the suite. `place` is called once a test. */
export function outboxContract(api: TestApi, name: string, place: () => Promise<OutboxPlace>): void {
  const { expect } = api
  const it = (rule: string, body: (place: OutboxPlace) => Promise<void>): void => {
    api.it(rule, async () => body(await place()))
  }
  const opened = async (at: OutboxPlace, bounds = {}): Promise<EvidenceOutbox> => {
    const outbox = await at.open(bounds)
    await outbox.putStream(STREAM, utf8('definition a'))
    await outbox.putStream(OTHER, utf8('definition b'))
    return outbox
  }

  api.describe(`outbox contract: ${name}`, () => {
    it('is empty at first', async (at) => {
      const outbox = await at.open()
      expect(await outbox.head()).toBe(null)
      expect(await outbox.usage()).toEqual({ rows: 0, pending: 0, logged: 0, parked: 0, sizeBytes: 0 })
      expect(await outbox.streams()).toEqual([])
      expect(await outbox.pendingCount(STREAM)).toBe(0)
      expect(await outbox.batch(idOf(1))).toBe(null)
      expect(await outbox.batchByDigest(digestOf(utf8('x')))).toBe(null)
      await outbox.close()
    })

    it('gives back the rows of a stream in order, with growing keys', async (at) => {
      const outbox = await opened(at)
      await outbox.appendRows(STREAM, [utf8('one'), utf8('two')])
      await outbox.appendRows(OTHER, [utf8('apart')])
      await outbox.appendRows(STREAM, [utf8('three')])
      const rows = await outbox.pendingRows(STREAM, 10)
      expect(rows.map((row) => row.bytes)).toEqual([utf8('one'), utf8('two'), utf8('three')])
      expect(rows[1]!.key).toBeGreaterThan(rows[0]!.key)
      expect(rows[2]!.key).toBeGreaterThan(rows[1]!.key)
      expect((await outbox.pendingRows(STREAM, 2)).map((row) => row.bytes)).toEqual([utf8('one'), utf8('two')])
      expect(await outbox.pendingCount(STREAM)).toBe(3)
      expect(await outbox.usage()).toMatchObject({ rows: 4, sizeBytes: 16 })
      await outbox.close()
    })

    it('refuses rows of a stream that was never put', async (at) => {
      const outbox = await opened(at)
      await expect(outbox.appendRows('c3', [utf8('row')])).rejects.toMatchObject({ code: 'stream-unknown' })
      expect(await outbox.usage()).toMatchObject({ rows: 0 })
      await outbox.close()
    })

    it('stores none of the rows when they would pass the cap, and all when they just fit', async (at) => {
      const outbox = await opened(at, { maxBytes: 10 })
      await outbox.appendRows(STREAM, [utf8('12345678')])
      const tooMany = outbox.appendRows(STREAM, [utf8('9'), utf8('10')])
      await expect(tooMany).rejects.toMatchObject({ code: 'outbox-full' })
      expect(await outbox.usage()).toMatchObject({ rows: 1, sizeBytes: 8 })
      await outbox.appendRows(STREAM, [utf8('9'), utf8('a')])
      expect(await outbox.usage()).toMatchObject({ rows: 3, sizeBytes: 10 })
      await outbox.close()
    })

    it('seals a batch: its rows go, the head moves, the message waits', async (at) => {
      const outbox = await opened(at)
      await outbox.appendRows(STREAM, [utf8('one'), utf8('two'), utf8('three')])
      await outbox.appendRows(OTHER, [utf8('apart')])
      const rows = await outbox.pendingRows(STREAM, 2)
      const batch = batchOf(1, { rowCount: 2 })
      await outbox.sealBatch(batch, rows[1]!.key)
      expect((await outbox.pendingRows(STREAM, 10)).map((row) => row.bytes)).toEqual([utf8('three')])
      expect((await outbox.pendingRows(OTHER, 10)).map((row) => row.bytes)).toEqual([utf8('apart')])
      expect(await outbox.head()).toEqual({ sequence: 1, id: batch.id })
      expect(await outbox.batches('pending', 0, 10)).toEqual([batch])
      expect(await outbox.batch(batch.id)).toEqual({ ...batch, state: 'pending' })
      expect(await outbox.batchByDigest(batch.digest)).toEqual({ ...batch, state: 'pending' })
      const sizeBytes = 'three'.length + 'apart'.length + batch.message.length
      expect(await outbox.usage()).toEqual({ rows: 2, pending: 1, logged: 0, parked: 0, sizeBytes })
      await outbox.close()
    })

    it('seals over the cap, because a signed batch is never dropped (RCPT-23)', async (at) => {
      const outbox = await opened(at, { maxBytes: 5 })
      await outbox.sealBatch(batchOf(1), 0)
      expect(await outbox.batches('pending', 0, 10)).toEqual([batchOf(1)])
      await expect(outbox.appendRows(STREAM, [utf8('1')])).rejects.toMatchObject({ code: 'outbox-full' })
      await outbox.markAnchored(idOf(1), utf8('receipt'), utf8('anchor'))
      await outbox.appendRows(STREAM, [utf8('1')])
      await outbox.close()
    })

    it('refuses a batch that does not come after the head, and keeps its rows', async (at) => {
      const outbox = await opened(at)
      await outbox.appendRows(STREAM, [utf8('one')])
      await outbox.adoptHead({ sequence: 5, id: idOf(5) })
      for (const sequence of [4, 5]) {
        await expect(outbox.sealBatch(batchOf(sequence), 99)).rejects.toMatchObject({ code: 'outbox-corrupt' })
      }
      expect(await outbox.head()).toEqual({ sequence: 5, id: idOf(5) })
      expect(await outbox.usage()).toMatchObject({ rows: 1, pending: 0 })
      await outbox.sealBatch(batchOf(9), 99)
      expect(await outbox.head()).toEqual({ sequence: 9, id: idOf(9) })
      await outbox.close()
    })

    it('refuses a batch whose digest is not that of its message', async (at) => {
      const outbox = await opened(at)
      const batch = { ...batchOf(1), digest: digestOf(utf8('another message')) }
      await expect(outbox.sealBatch(batch, 0)).rejects.toMatchObject({ code: 'outbox-corrupt' })
      expect(await outbox.usage()).toMatchObject({ pending: 0, sizeBytes: 0 })
      await outbox.close()
    })

    it('never uses the key of a row again', async (at) => {
      const outbox = await opened(at)
      await outbox.appendRows(STREAM, [utf8('one')])
      const [first] = await outbox.pendingRows(STREAM, 1)
      await outbox.sealBatch(batchOf(1), first!.key)
      await outbox.close()
      const again = await opened(at)
      await again.appendRows(STREAM, [utf8('two')])
      expect((await again.pendingRows(STREAM, 1))[0]!.key).toBeGreaterThan(first!.key)
      await again.close()
    })

    it('adopts a later head and ignores an earlier or equal one', async (at) => {
      const outbox = await opened(at)
      await outbox.adoptHead({ sequence: 7, id: idOf(7) })
      await outbox.adoptHead({ sequence: 6, id: idOf(6) })
      await outbox.adoptHead({ sequence: 7, id: idOf(70) })
      expect(await outbox.head()).toEqual({ sequence: 7, id: idOf(7) })
      await outbox.close()
    })

    it('lists the batches of one state after a sequence, lowest first', async (at) => {
      const outbox = await opened(at)
      for (const sequence of [1, 2, 3, 4, 5]) await outbox.sealBatch(batchOf(sequence), 0)
      await outbox.markLogged(idOf(2), utf8('receipt'))
      await outbox.markParked(idOf(4), 'bad-signature')
      const sequences = async (...args: Parameters<EvidenceOutbox['batches']>): Promise<readonly number[]> =>
        (await outbox.batches(...args)).map((batch) => batch.sequence)
      expect(await sequences('pending', 0, 10)).toEqual([1, 3, 5])
      expect(await sequences('pending', 1, 1)).toEqual([3])
      expect(await sequences('pending', 5, 10)).toEqual([])
      expect(await sequences('logged', 0, 10)).toEqual([2])
      expect(await sequences('parked', 0, 10)).toEqual([4])
      expect(await outbox.usage()).toMatchObject({ pending: 3, logged: 1, parked: 1 })
      await outbox.close()
    })

    it('keeps the first receipt, which a refusal does not undo and which undoes a refusal', async (at) => {
      const outbox = await opened(at)
      await outbox.sealBatch(batchOf(1), 0)
      await outbox.sealBatch(batchOf(2), 0)
      await outbox.markLogged(idOf(1), utf8('receipt'))
      await outbox.markLogged(idOf(1), utf8('another'))
      await outbox.markParked(idOf(1), 'fork')
      await outbox.markParked(idOf(2), 'fork')
      await outbox.markParked(idOf(2), 'malformed')
      const nothing = { receipt: null, anchor: null, refusal: null }
      const logged = { ...nothing, sequence: 1, state: 'logged', receipt: utf8('receipt') }
      expect(await outbox.evidence(idOf(1))).toEqual(logged)
      expect(await outbox.evidence(idOf(2))).toEqual({ ...nothing, sequence: 2, state: 'parked', refusal: 'fork' })
      await outbox.markLogged(idOf(2), utf8('receipt'))
      expect(await outbox.evidence(idOf(2))).toEqual({ ...logged, sequence: 2 })
      await outbox.close()
    })

    it('ignores receipts and refusals of batches that it does not hold', async (at) => {
      const outbox = await opened(at)
      await outbox.markLogged(idOf(1), utf8('receipt'))
      await outbox.markAnchored(idOf(1), utf8('receipt'), utf8('anchor'))
      await outbox.markParked(idOf(1), 'fork')
      expect(await outbox.evidence(idOf(1))).toBe(null)
      expect(await outbox.usage()).toEqual({ rows: 0, pending: 0, logged: 0, parked: 0, sizeBytes: 0 })
      await outbox.close()
    })

    it('drops the message of an anchored batch and keeps the newest receipts', async (at) => {
      const outbox = await opened(at, { maxReceipts: 2 })
      for (const sequence of [1, 2, 3]) {
        await outbox.sealBatch(batchOf(sequence), 0)
        await outbox.markAnchored(idOf(sequence), utf8(`receipt ${sequence}`), utf8('anchor'))
      }
      expect(await outbox.usage()).toEqual({ rows: 0, pending: 0, logged: 0, parked: 0, sizeBytes: 0 })
      expect(await outbox.batch(idOf(3))).toBe(null)
      expect(await outbox.evidence(idOf(1))).toBe(null)
      const kept = { state: 'anchored', anchor: utf8('anchor'), refusal: null }
      expect(await outbox.evidence(idOf(2))).toEqual({ ...kept, sequence: 2, receipt: utf8('receipt 2') })
      expect(await outbox.evidence(idOf(3))).toEqual({ ...kept, sequence: 3, receipt: utf8('receipt 3') })
      await outbox.close()
    })

    it('lists a stream while it has rows or messages, or was put since the outbox was opened', async (at) => {
      const first = await opened(at)
      await first.putStream(STREAM, utf8('ignored: the key is the hash of the definition'))
      await first.appendRows(STREAM, [utf8('one')])
      await first.close()
      const second = await at.open()
      expect(await second.streams()).toEqual([{ key: STREAM, definition: utf8('definition a') }])
      const [row] = await second.pendingRows(STREAM, 1)
      await second.sealBatch(batchOf(1), row!.key)
      expect(await second.streams()).toEqual([{ key: STREAM, definition: utf8('definition a') }])
      await second.markAnchored(idOf(1), utf8('receipt'), utf8('anchor'))
      expect(await second.streams()).toEqual([])
      await second.putStream(OTHER, utf8('definition b'))
      expect(await second.streams()).toEqual([{ key: OTHER, definition: utf8('definition b') }])
      await second.close()
    })

    it('counts durably', async (at) => {
      const outbox = await opened(at)
      expect(await outbox.count('dropped-rows', 0)).toBe(0)
      expect(await outbox.count('dropped-rows', 3)).toBe(3)
      expect(await outbox.count('other', 1)).toBe(1)
      await outbox.close()
      const again = await opened(at)
      expect(await again.count('dropped-rows', 4)).toBe(7)
      await again.close()
    })

    it('shares no memory with its caller', async (at) => {
      const outbox = await opened(at)
      const given = utf8('mine')
      await outbox.appendRows(STREAM, [given])
      given.fill(0)
      const [taken] = await outbox.pendingRows(STREAM, 1)
      expect(taken!.bytes).toEqual(utf8('mine'))
      taken!.bytes.fill(0)
      expect((await outbox.pendingRows(STREAM, 1))[0]!.bytes).toEqual(utf8('mine'))
      await outbox.close()
    })

    it('holds everything after it was closed and opened again', async (at) => {
      const outbox = await opened(at)
      await outbox.appendRows(STREAM, [utf8('one'), utf8('two')])
      const [row] = await outbox.pendingRows(STREAM, 1)
      await outbox.sealBatch(batchOf(1), row!.key)
      await outbox.markLogged(idOf(1), utf8('receipt'))
      const usage = await outbox.usage()
      await outbox.close()
      const again = await opened(at)
      expect(await again.usage()).toEqual(usage)
      expect(await again.head()).toEqual({ sequence: 1, id: idOf(1) })
      expect(await again.batches('logged', 0, 10)).toEqual([batchOf(1)])
      expect((await again.pendingRows(STREAM, 10)).map(({ bytes }) => bytes)).toEqual([utf8('two')])
      await again.close()
    })

    it('refuses a second opener while it is open, and every call once it is closed', async (at) => {
      const outbox = await opened(at)
      await expect(at.open()).rejects.toMatchObject({ code: 'store-locked' })
      await outbox.close()
      await outbox.close()
      await expect(outbox.head()).rejects.toMatchObject({ code: 'machine-stopped' })
      await expect(outbox.appendRows(STREAM, [utf8('late')])).rejects.toMatchObject({ code: 'machine-stopped' })
      const next = await at.open()
      expect(await next.usage()).toMatchObject({ rows: 0 })
      await next.close()
    })
  })
}

/** A batch that stands for a signed one. */
function batchOf(sequence: number, parts: { readonly rowCount?: number } = {}): StoredBatch {
  const message = utf8(`message ${sequence}`)
  const { rowCount = 1 } = parts
  return { sequence, id: idOf(sequence), stream: STREAM, rowCount, digest: digestOf(message), message }
}

function idOf(sequence: number): StoredBatch['id'] {
  return statementId(pureHash.sha256(utf8(`statement ${sequence}`)))
}

function digestOf(message: Uint8Array): Hash32 {
  return hash32(pureHash.sha256(message))
}
