/** Decoders of what a log publishes: notes, checkpoints, keys, tiles, receipts, genesis. */
import { decode } from 'cborg'
import type { Suite } from '../../../src/crypto/index.ts'
import { decodeSign1, pureHash } from '../../../src/crypto/index.ts'
import {
  assembleNote,
  decodeEntryBundle,
  encodeCheckpointBody,
  encodeEntryBundle,
  encodeVerifierKey,
  parseCheckpoint,
  parseNote,
  parseTilePath,
  parseVerifierKey,
  tilePath,
} from '../../../src/merkle/index.ts'
import { decodeGenesis, encodeGenesis, encodeReceipt, verifyReceipt } from '../../../src/verify/index.ts'
import { expectAgain, type Target } from '../engine.ts'
import { vectorBytes, vectorCases } from '../vectors.ts'

const texts = (field: string): string[] =>
  vectorCases('log').flatMap((c) => {
    const text = c[field]
    return typeof text === 'string' ? [text] : []
  })

const [RECEIPT] = vectorCases('receipt')
const LOG = {
  origin: String(RECEIPT?.['origin']),
  logKey: Uint8Array.from(Buffer.from(String(RECEIPT?.['publicKey']), 'hex')),
}
const ENTRY = Uint8Array.from(Buffer.from(String(RECEIPT?.['entry']), 'hex'))
/** Says yes, so that what is behind the signature is met too. */
const CREDULOUS: Suite = { alg: -19, publicKeyBytes: 32, isValidPublicKey: () => true, verify: () => true }

async function readReceipt(bytes: Uint8Array): Promise<void> {
  const { size, index } = await verifyReceipt(bytes, ENTRY, LOG, CREDULOUS, pureHash)
  const { unprotected, signature } = decodeSign1(bytes, 'receipt-invalid')
  const proofs = (unprotected as ReadonlyMap<number, ReadonlyMap<number, readonly Uint8Array[]>>).get(396)?.get(-1)
  const path = (decode(proofs?.[0] ?? new Uint8Array(0)) as readonly [number, number, readonly Uint8Array[]])[2]
  expectAgain(bytes, encodeReceipt(LOG, { size, index, path }, signature, pureHash))
}

const receipts: Target<Uint8Array> = {
  name: 'receipt',
  form: 'cbor',
  weight: 2,
  samples: vectorBytes('receipt', 'receipt'),
  run: readReceipt,
}

const genesis: Target<Uint8Array> = {
  name: 'genesis',
  form: 'cbor',
  samples: vectorBytes('log', 'genesis'),
  run: (bytes) => expectAgain(bytes, encodeGenesis(decodeGenesis(bytes))),
}

const entries: Target<Uint8Array> = {
  name: 'entry bundle',
  form: 'bytes',
  maxBytes: 1 << 20,
  // The first byte says how many entries the path promised.
  samples: [1, 2, 3, 40].map((count) => {
    const parts = Array.from({ length: count }, (_, i) => new Uint8Array(i * 7).fill(i))
    return Buffer.concat([Uint8Array.of(count), encodeEntryBundle(parts)])
  }),
  run: (bytes) =>
    expectAgain(bytes.subarray(1), encodeEntryBundle(decodeEntryBundle(bytes.subarray(1), bytes[0] ?? 0))),
}

/** Targets that are bytes. */
export const LOG_TARGETS: readonly Target<Uint8Array>[] = [receipts, genesis, entries]

/** Targets that are text. */
export const NOTE_TARGETS: readonly Target<string>[] = [
  {
    name: 'note',
    form: 'text',
    samples: texts('checkpoint'),
    run: (text) => {
      const { body, signatures } = parseNote(text)
      expectAgain(text, assembleNote(body, signatures))
    },
  },
  {
    name: 'checkpoint',
    form: 'text',
    samples: texts('checkpoint'),
    run: (text) => {
      const { origin, size, root, body, signatures } = parseCheckpoint(text)
      expectAgain(body, encodeCheckpointBody({ origin, size, root }))
      expectAgain(text, assembleNote(body, signatures))
    },
  },
  {
    name: 'verifier key',
    form: 'text',
    samples: texts('vkey'),
    run: (text) => {
      const { name, publicKey } = parseVerifierKey(text, pureHash)
      expectAgain(text, encodeVerifierKey(name, publicKey, pureHash))
    },
  },
  {
    name: 'tile path',
    form: 'text',
    samples: texts('path'),
    run: (path) => {
      const { level, index, width } = parseTilePath(path)
      expectAgain(path, tilePath(level, index, width))
    },
  },
]
