/** G1 as a whole, and births: what machines and strangers publish. */
import { FieldproofError, fromHex } from '@fieldproof/sdk/base'
import { decodeStatus } from '@fieldproof/sdk/wire'
import { expectThat, type Target } from '../../../../sdk/test/fuzz/engine.ts'
import { vectorBytes } from '../../../../sdk/test/fuzz/vectors.ts'
import { checkBatch } from '../../../src/ingest/check-batch.ts'
import { refusalOf } from '../../../src/ingest/refusal.ts'
import { MemoryStore } from '../../../src/ledger/index.ts'
import { births, makePlace, openDirectory, RECEIVED_AT } from '../place.ts'

const { context, machine } = await makePlace()
const known = new Set(
  vectorBytes('batch', 'message', ({ valid }) => valid).map((message) => Buffer.from(message).toString('hex')),
)
for (const message of vectorBytes('sealed', 'message', ({ valid }) => valid))
  known.add(Buffer.from(message).toString('hex'))

/** Every error of a message is a refusal that a machine can be told. */
async function refusable(task: () => Promise<unknown>): Promise<void> {
  try {
    await task()
  } catch (error) {
    if (error instanceof FieldproofError) {
      const refusal = refusalOf(error)
      expectThat(
        refusal !== undefined && refusal.number < 100 && refusal.detail.length <= 1024,
        `no refusal: ${error.message}`,
      )
    }
    throw error
  }
}

/** Targets of this kind. */
export const INGEST_TARGETS: readonly Target<Uint8Array>[] = [
  {
    name: 'gateway: batch (G1)',
    form: 'cbor',
    weight: 3,
    samples: [...vectorBytes('batch', 'message'), ...vectorBytes('sealed', 'message')],
    run: (message) =>
      refusable(async () => {
        const entry = await checkBatch(message, machine, context, RECEIVED_AT)
        // Boxes of a sealed batch are outside the signature: nobody but their recipients can tell a good one.
        const isKnown = known.has(Buffer.from(message).toString('hex')) || entry.times === null
        expectThat(isKnown, 'a batch is accepted that nobody signed')
      }),
  },
  {
    name: 'gateway: birth',
    form: 'cbor',
    weight: 0.5,
    samples: [...births(), ...vectorBytes('messages', 'bytes', (c) => c['kind'] === 'birth')],
    run: (message) => refusable(async () => (await openDirectory(new MemoryStore())).announce(machine, message)),
  },
  {
    name: 'gateway: status',
    form: 'cbor',
    weight: 0.2,
    samples: [fromHex('830101485097488353b390e8')],
    run: (message) => refusable(async () => decodeStatus(message)),
  },
]
