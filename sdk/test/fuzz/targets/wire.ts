/** Decoders of sdk/src/wire and crypto: everything that comes over MQTT. */
import {
  decodeCoseKey,
  decodeSign1,
  decodeStatement,
  encodeCoseKey,
  encodeSign1,
  encodeStatement,
  openBody,
  openKey,
  pureHash,
  pureSuites,
  sealBody,
} from '../../../src/crypto/index.ts'
import { decodeStoredRow, encodeStoredRow } from '../../../src/machine/index.ts'
import {
  type CborLimits,
  columnsOf,
  decodeBatch,
  decodeBeacon,
  decodeBirth,
  decodeCbor,
  decodeDefinition,
  decodeReceiptMessage,
  decodeRowInput,
  decodeStatus,
  encodeBatch,
  encodeBeacon,
  encodeBirth,
  encodeCbor,
  encodeDefinition,
  encodeReceiptMessage,
  encodeRowInput,
  encodeStatus,
  ITEM_LIMITS,
  MESSAGE_LIMITS,
  parseTopic,
  rowsOf,
  type SealedBox,
  type StreamDefinition,
  topicOf,
} from '../../../src/wire/index.ts'
import { expectAgain, expectThat, type Form, type Target } from '../engine.ts'
import { vectorBytes, vectorCases } from '../vectors.ts'

type BytesTarget = Target<Uint8Array>

const ALL_TYPES: StreamDefinition = {
  name: 'all',
  columns: (['int', 'bytes', 'text', 'bool'] as const).map((type) => ({
    name: `c_${type}`,
    unit: '',
    exponent: 0,
    type,
  })),
  context: {},
}

const messages = (kind: string): Uint8Array[] => vectorBytes('messages', 'bytes', (c) => c['kind'] === kind)
const statements = (): Uint8Array[] => [...vectorBytes('statement', 'statement'), ...vectorBytes('receipt', 'receipt')]

function codec<T>(
  name: string,
  samples: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  rest: { readonly form?: Form; readonly weight?: number } = {},
): BytesTarget {
  return { name, form: 'cbor', samples, ...rest, run: (bytes) => expectAgain(bytes, encode(decode(bytes))) }
}

/** Rows of every column type, valid and not. */
function rowSamples(): Uint8Array[] {
  const rows = [
    { time: 0, values: [0, new Uint8Array(0), '', false] },
    { time: 2 ** 48 - 1, values: [2 ** 52 - 1, new Uint8Array(1024), '\u00e9'.repeat(512), true] },
    { time: 1_767_225_600_000, values: [-(2 ** 52 - 1), null, '\ufeffx', null] },
  ]
  return [
    ...rows.map((row) => encodeRowInput(new Uint8Array(16).fill(5), row, ALL_TYPES)),
    ...vectorBytes('row', 'input'),
  ]
}

function columnSamples(): Uint8Array[] {
  const time = 1_767_225_600_000
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      time: time + i * 1000 + (i % 7),
      values: [i * i, Uint8Array.of(i), `t${i}`, i % 2 === 0],
    }))
  return [1, 2, 3, 40].map((count) => encodeCbor(columnsOf(rows(count), ALL_TYPES)))
}

function readSealedMessage(bytes: Uint8Array): void {
  const batch = decodeBatch(bytes)
  if (batch.kind !== 'sealed') return
  const secret = RECIPIENT
  for (const box of batch.boxes) {
    const key = openKey(box, secret)
    const columns = openBody(batch.body, key)
    expectAgain(batch.body, sealBody(columns, key))
    decodeCbor(columns, MESSAGE_LIMITS)
  }
}

const SEALED = vectorCases('sealed').filter((c) => c.valid)
const RECIPIENT = Uint8Array.from(Buffer.from(String(SEALED[0]?.['recipientSecret'] ?? ''), 'hex'))

/** A box as one item, so that its parts are damaged one by one. */
function readBox(bytes: Uint8Array): void {
  const [recipient, ephemeral, box] = decodeCbor(bytes, ITEM_LIMITS) as readonly Uint8Array[]
  const isBox = recipient instanceof Uint8Array && ephemeral?.length === 32 && box?.length === 48
  if (isBox) openKey({ recipient, ephemeral, box } satisfies SealedBox, RECIPIENT)
}

const gate = (name: string, limits: CborLimits, weight: number): BytesTarget =>
  codec(
    name,
    [...vectorBytes('cbor', 'bytes'), ...vectorBytes('batch', 'message')],
    (bytes) => decodeCbor(bytes, limits),
    encodeCbor,
    { weight },
  )

/** Targets of this layer. */
export const WIRE_TARGETS: readonly BytesTarget[] = [
  gate('cbor, message limits', MESSAGE_LIMITS, 2),
  gate('cbor, item limits', ITEM_LIMITS, 1),
  codec('definition', vectorBytes('definition', 'bytes'), decodeDefinition, encodeDefinition, { weight: 2 }),
  codec(
    'row input',
    rowSamples(),
    (bytes) => decodeRowInput(bytes, ALL_TYPES),
    ({ salt, row }) => encodeRowInput(salt, row, ALL_TYPES),
  ),
  codec(
    'columns',
    columnSamples(),
    (bytes) => rowsOf(decodeCbor(bytes, MESSAGE_LIMITS), ALL_TYPES),
    (rows) => encodeCbor(columnsOf(rows, ALL_TYPES)),
    { weight: 2 },
  ),
  codec(
    'stored row',
    rowSamples().map((bytes) => encodeCbor((decodeCborOr(bytes) as never[]).slice(1))),
    (bytes) => decodeStoredRow(bytes, ALL_TYPES),
    encodeStoredRow,
  ),
  codec(
    'batch message',
    [...vectorBytes('batch', 'message'), ...vectorBytes('sealed', 'message')],
    decodeBatch,
    encodeBatch,
    { weight: 2 },
  ),
  {
    name: 'sealed message',
    form: 'cbor',
    weight: 0.1,
    samples: vectorBytes('sealed', 'message'),
    run: readSealedMessage,
  },
  { name: 'sealed box', form: 'cbor', weight: 0.1, samples: boxSamples(), run: readBox },
  { name: 'sealed body', form: 'bytes', weight: 0.3, samples: vectorBytes('sealed', 'body'), run: readBody },
  codec(
    'statement',
    statements(),
    (bytes) => decodeStatement(bytes, pureHash),
    (s) => encodeStatement(s.statement, s.signature),
    { weight: 2 },
  ),
  codec('COSE_Sign1', statements(), (bytes) => decodeSign1(bytes, 'statement-invalid'), encodeSign1),
  codec('COSE_Key', vectorBytes('key', 'coseKey'), (bytes) => decodeCoseKey(bytes, pureSuites), encodeCoseKey, {
    weight: 0.5,
  }),
  codec('birth', messages('birth'), decodeBirth, encodeBirth),
  codec('status', messages('status'), decodeStatus, encodeStatus),
  codec('beacon', messages('beacon'), decodeBeacon, encodeBeacon),
  codec(
    'receipt message',
    [...messages('receipt'), ...vectorBytes('receipt', 'message')],
    decodeReceiptMessage,
    encodeReceiptMessage,
    { weight: 2 },
  ),
]

/** Topics are text. */
export const TOPIC_TARGET: Target<string> = {
  name: 'topic',
  form: 'text',
  samples: vectorCases('messages').flatMap((c) => (typeof c['topic'] === 'string' ? [c['topic']] : [])),
  run: (topic) => {
    const { machine, name } = parseTopic(topic)
    expectAgain(topic, topicOf(machine, name))
  },
}

function readBody(body: Uint8Array): void {
  const key = Uint8Array.from(Buffer.from(String(SEALED[0]?.['batchKey']), 'hex'))
  expectAgain(body, sealBody(openBody(body, key), key))
}

function boxSamples(): Uint8Array[] {
  const boxes = SEALED.flatMap((c) =>
    (c['boxes'] as string[][]).map((parts) => parts.map((part) => Uint8Array.from(Buffer.from(part, 'hex')))),
  )
  expectThat(boxes.length > 0, 'there are boxes')
  return boxes.map((box) => encodeCbor(box))
}

/** Items of a row, or none for a row vector that is no array. */
function decodeCborOr(bytes: Uint8Array): unknown[] {
  try {
    const value = decodeCbor(bytes, MESSAGE_LIMITS)
    return Array.isArray(value) ? [...(value as unknown[])] : []
  } catch {
    return [] // an invalid vector serves as a sample elsewhere
  }
}
