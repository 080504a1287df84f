/** Machines for tests: real keys, real signatures, and every part of a batch open to tampering. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  type BootId,
  bootId,
  type Hash32,
  hash32,
  type MachineId,
  machineIdOf,
  type StatementId,
  statementId,
} from '@fieldproof/sdk/base'
import {
  type Alg,
  encodeCoseKey,
  encodeStatement,
  KID_BYTES,
  normalizeS,
  type PublicKey,
  type Statement,
  sealBody,
  sealedSeed,
  sealKey,
  statementToBeSigned,
  thumbprint,
} from '@fieldproof/sdk/crypto'
import { batchRoot, definitionHash, leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import {
  type Batch,
  columnsOf,
  encodeBatch,
  encodeBirth,
  encodeCbor,
  encodeDefinition,
  type Row,
  type StreamDefinition,
} from '@fieldproof/sdk/wire'
import type { LogEntry } from '../../src/ledger/index.ts'

export const WEATHER: StreamDefinition = {
  name: 'weather',
  columns: [
    { name: 'temperature', unit: 'Cel', exponent: -2, type: 'int' },
    { name: 'note', unit: '', exponent: 0, type: 'text' },
  ],
  context: { cadenceMs: 60_000 },
}
// A copy: the decoder leaves a property on arrays that it has read.
export const WEATHER_BYTES: Uint8Array = encodeDefinition(WEATHER).slice()
export const WEATHER_HASH: Hash32 = definitionHash(nativeHash, WEATHER_BYTES)
export const START_MS = 1_700_000_000_000

/** `count` rows, one a minute. */
export function rows(count: number, first = 0): Row[] {
  return Array.from({ length: count }, (_, i) => ({
    time: START_MS + (first + i) * 60_000,
    values: [2137 + ((first + i) % 7), i % 5 === 0 ? 'ok' : null],
  }))
}

/** A batch with everything that a test may want to look at. */
export interface MadeBatch {
  readonly message: Uint8Array
  readonly statement: Uint8Array
  readonly id: StatementId
  readonly said: Statement
  readonly digest: Hash32
}

/** What may differ from an honest batch. */
export interface BatchChanges {
  readonly rows?: readonly Row[]
  readonly said?: Partial<Statement>
  readonly cover?: (honest: Batch) => Batch
  readonly signWith?: KeyObject
  /** Of another stream with the columns of {@link WEATHER}. */
  readonly definition?: StreamDefinition
  /** 32 bytes; random by default. */
  readonly seed?: Uint8Array
}

/** A machine that signs. */
export class TestMachine {
  readonly id: MachineId
  readonly key: PublicKey
  readonly thumbprint: Hash32
  readonly privateKey: KeyObject
  boot: BootId = bootId(new Uint8Array(randomBytes(8)))
  sequence = 0
  prev: StatementId | null = null

  constructor(alg: Alg = -9) {
    const pair = alg === -9 ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
    const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
    this.privateKey = pair.privateKey
    this.key = {
      alg,
      publicKey: new Uint8Array(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    }
    this.thumbprint = thumbprint(this.key, nativeHash)
    this.id = machineIdOf(this.thumbprint)
  }

  birth(definitions: readonly Uint8Array[] = [WEATHER_BYTES]): Uint8Array {
    return encodeBirth({ key: encodeCoseKey(this.key), definitions, software: 'test 1' })
  }

  /** The next batch of this machine's history. */
  next(changes: BatchChanges = {}): MadeBatch {
    const batch = this.at(this.sequence + 1, this.prev, changes)
    this.sequence += 1
    this.prev = batch.id
    return batch
  }

  /** A batch at any place; the machine's history does not move. */
  at(sequence: number, prev: StatementId | null, changes: BatchChanges = {}): MadeBatch {
    const { rows: given, said, cover, signWith, definition = WEATHER } = changes
    const seed = changes.seed ?? new Uint8Array(randomBytes(32))
    const hashed = definition === WEATHER ? WEATHER_HASH : definitionHash(nativeHash, encodeDefinition(definition))
    const content = given ?? rows(3, sequence * 3)
    const statement: Statement = {
      alg: this.key.alg,
      kid: this.thumbprint.slice(0, KID_BYTES),
      machine: this.id,
      issuedAt: START_MS / 1000 + sequence,
      boot: this.boot,
      sequence,
      leafCount: content.length + 1,
      prev,
      definitionHash: hashed,
      clockQuality: 2,
      beacon: null,
      sealed: null,
      root: batchRoot(nativeHash, hashed, seed, content),
      ...said,
    }
    const toBeSigned = statementToBeSigned(statement)
    const bytes = encodeStatement(statement, signBytes(signWith ?? this.privateKey, toBeSigned))
    const honest: Batch = { kind: 'open', statement: bytes, seed, columns: columnsOf(content, definition) }
    const message = encodeBatch(cover?.(honest) ?? honest)
    return {
      message,
      statement: bytes,
      id: statementId(nativeHash.sha256(toBeSigned)),
      said: statement,
      digest: hash32(nativeHash.sha256(message)),
    }
  }
}

/** The entry that G1 makes of an honest batch. */
export function entryOf(machine: TestMachine, { message, statement, id, said }: MadeBatch): LogEntry {
  return {
    machine: machine.id,
    boot: said.boot,
    sequence: said.sequence,
    id,
    prev: said.prev,
    definitionHash: said.definitionHash,
    stream: WEATHER.name,
    key: machine.thumbprint,
    statement,
    message,
    leafHash: leafHash(nativeHash, statement),
    rowCount: said.leafCount - 1,
    times: { first: START_MS + said.sequence * 180_000, last: START_MS + said.sequence * 180_000 + 120_000 },
    receivedAt: START_MS,
  }
}

function signBytes(key: KeyObject, message: Uint8Array): Uint8Array {
  if (key.asymmetricKeyType === 'ed25519') return new Uint8Array(sign(null, message, key))
  return normalizeS(new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })))
}

/** The changes that seal a batch for a recipient. @param recipient X25519 public key, 32 bytes */
export function sealedFor(recipient: Uint8Array, content: readonly Row[]): BatchChanges {
  const key = new Uint8Array(randomBytes(32))
  const body = sealBody(encodeCbor(columnsOf(content, WEATHER)), key)
  const box = sealKey(key, recipient, new Uint8Array(randomBytes(32)))
  return {
    rows: content,
    seed: sealedSeed(key, nativeHash),
    said: { sealed: hash32(nativeHash.sha256(body)) },
    cover: ({ statement }) => ({ kind: 'sealed', statement, body, boxes: [box] }),
  }
}

/** A new X25519 key pair, 32 bytes each. */
export function recipientKey(): { publicKey: Uint8Array; secret: Uint8Array } {
  const { x = '', d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  const [publicKey, secret] = [x, d].map((part) => new Uint8Array(Buffer.from(part, 'base64url')))
  if (publicKey === undefined || secret === undefined) throw new Error('no key')
  return { publicKey, secret }
}
