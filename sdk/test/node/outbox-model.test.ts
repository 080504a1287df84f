/** The fake stands for the real outbox: whatever is done to both, both show the same. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldproofError, hash32, statementId, utf8 } from '../../src/base/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { type EvidenceOutbox, openLibsqlOutbox } from '../../src/node/index.ts'
import { createMemoryDisk, openMemoryOutbox } from '../../src/testing/index.ts'

const STREAMS = ['a1', 'b2']
const BOUNDS = { maxBytes: 120, maxReceipts: 3 }
const stream = fc.constantFrom(...STREAMS, 'unknown')
const sequence = fc.integer({ min: 1, max: 12 })
const state = fc.constantFrom('pending', 'logged', 'parked')

const step = fc.oneof(
  fc.record({ do: fc.constant('putStream'), stream: fc.constantFrom(...STREAMS) }),
  fc.record({ do: fc.constant('append'), stream, sizes: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }) }),
  fc.record({ do: fc.constant('seal'), stream, sequence, upTo: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ do: fc.constant('adopt'), sequence }),
  fc.record({ do: fc.constant('mark'), sequence, as: fc.constantFrom('logged', 'anchored', 'parked') }),
  fc.record({ do: fc.constant('count'), add: fc.nat({ max: 5 }) }),
  fc.record({ do: fc.constant('list'), state, after: sequence, limit: fc.nat({ max: 4 }) }),
  fc.record({ do: fc.constant('reopen') }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const idOf = (n: number) => statementId(nativeHash.sha256(utf8(`statement ${n}`)))

async function run(outbox: EvidenceOutbox, what: Step): Promise<unknown> {
  if ('sizes' in what)
    return outbox.appendRows(
      what.stream,
      what.sizes.map((size) => new Uint8Array(size).fill(size)),
    )
  if ('upTo' in what) {
    const message = utf8(`message ${what.sequence} of ${what.stream}`)
    const { sequence, stream } = what
    const digest = hash32(nativeHash.sha256(message))
    return outbox.sealBatch({ sequence, id: idOf(sequence), stream, rowCount: 1, digest, message }, what.upTo)
  }
  if ('as' in what) {
    const [id, receipt] = [idOf(what.sequence), utf8(`receipt ${what.sequence}`)]
    if (what.as === 'logged') return outbox.markLogged(id, receipt)
    if (what.as === 'parked') return outbox.markParked(id, 'fork')
    return outbox.markAnchored(id, receipt, utf8('anchor'))
  }
  if ('limit' in what) return outbox.batches(what.state as 'pending', what.after, what.limit)
  if ('add' in what) return outbox.count('dropped-rows', what.add)
  if ('stream' in what) return outbox.putStream(what.stream, utf8(`definition of ${what.stream}`))
  if ('sequence' in what) return outbox.adoptHead({ sequence: what.sequence, id: idOf(what.sequence) })
  return undefined
}

const outcome = (outbox: EvidenceOutbox, what: Step): Promise<unknown> =>
  run(outbox, what).catch((error: unknown) => (error instanceof FieldproofError ? error.code : error))

async function shown(outbox: EvidenceOutbox): Promise<unknown> {
  const evidence = Array.from({ length: 12 }, (_, i) => outbox.evidence(idOf(i + 1)))
  const rows = STREAMS.map((key) => outbox.pendingRows(key, 100))
  const counts = STREAMS.map((key) => outbox.pendingCount(key))
  const all = [outbox.head(), outbox.streams(), outbox.usage(), ...evidence, ...rows, ...counts]
  return Promise.all<unknown>(all)
}

it('shows the same as the memory outbox after any steps', { timeout: 60_000 }, async () => {
  const scenario = async (steps: readonly Step[]): Promise<void> => {
    const dir = mkdtempSync(join(tmpdir(), 'outbox-'))
    const disk = createMemoryDisk()
    const openReal = () => openLibsqlOutbox(join(dir, 'outbox.db'), BOUNDS)
    const openFake = () => openMemoryOutbox({ disk, ...BOUNDS })
    let [real, fake] = [await openReal(), await openFake()]
    for (const what of steps) {
      if (what.do === 'reopen') {
        await real.close()
        await fake.close()
        ;[real, fake] = [await openReal(), await openFake()]
      }
      expect(await outcome(real, what)).toEqual(await outcome(fake, what))
    }
    expect(await shown(real)).toEqual(await shown(fake))
    await real.close()
    rmSync(dir, { recursive: true })
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), scenario), { seed: 1, numRuns: 60 })
})
