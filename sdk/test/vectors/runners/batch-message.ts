/** What a gateway checks of a batch message, in the order of BATCH-40, made of the SDK's parts. */
import { equalBytes, FieldproofError } from '../../../src/base/index.ts'
import {
  decodeCoseKey,
  decodeStatement,
  KID_BYTES,
  type SignedStatement,
  thumbprint,
  verifyStatement,
} from '../../../src/crypto/index.ts'
import { batchRoot, definitionHash } from '../../../src/merkle/index.ts'
import {
  type Batch,
  type CborValue,
  decodeBatch,
  decodeDefinition,
  type Row,
  rowCountOf,
  rowsOf,
  type StreamDefinition,
} from '../../../src/wire/index.ts'
import type { Context } from '../runner.ts'

/** A message that passed every check that needs no rows. */
export interface CheckedBatch {
  readonly batch: Batch
  readonly signed: SignedStatement
  /** The definition's bytes, and what they say. */
  readonly definitionBytes: Uint8Array
  readonly definition: StreamDefinition
}

/** What a gateway knows. */
export interface Known {
  /** COSE_Key bytes. */
  readonly keys: readonly Uint8Array[]
  readonly definitions: readonly Uint8Array[]
}

/** @throws FieldproofError with the code of the refusal */
export async function checkMessage(message: Uint8Array, known: Known, context: Context): Promise<CheckedBatch> {
  const { hash, suites } = context
  const [batch, signed] = malformedIfForm(() => {
    const read = decodeBatch(message)
    return [read, decodeStatement(read.statement, hash)] as const
  })
  const { kid, definitionHash: wanted, sealed } = signed.statement
  const keys = known.keys.map((bytes) => decodeCoseKey(bytes, suites))
  const key = keys.find((one) => equalBytes(thumbprint(one, hash).subarray(0, KID_BYTES), kid))
  if (key === undefined) throw new FieldproofError('unknown-key', 'no such key')
  const suite = suites(key.alg)
  if (suite === undefined || !(await verifyStatement(signed, suite, key.publicKey))) {
    throw new FieldproofError('bad-signature', 'not signed by its key')
  }
  const definitionBytes = known.definitions.find((bytes) => equalBytes(definitionHash(hash, bytes), wanted))
  if (definitionBytes === undefined) throw new FieldproofError('stream-unknown', 'no such definition')
  const body = batch.kind === 'sealed' ? batch.body : null
  if ((body === null) !== (sealed === null) || (body && sealed && !equalBytes(hash.sha256(body), sealed))) {
    throw new FieldproofError('sealed-mismatch', 'another body than the signed one')
  }
  return { batch, signed, definitionBytes, definition: decodeDefinition(definitionBytes) }
}

/** Rows of columns, against the signed count and root. @throws FieldproofError with the code of the refusal */
export function checkRows(checked: CheckedBatch, seed: Uint8Array, columns: CborValue, { hash }: Context): Row[] {
  const { leafCount, root, definitionHash: wanted } = checked.signed.statement
  const count = malformedIfForm(() => rowCountOf(columns, checked.definition))
  if (count + 1 !== leafCount) throw new FieldproofError('count-mismatch', `${count} rows`)
  const rows = malformedIfForm(() => rowsOf(columns, checked.definition))
  if (equalBytes(batchRoot(hash, wanted, seed, rows), root)) return rows
  throw new FieldproofError('root-mismatch', 'another root than the signed one')
}

/** A format's own codes are `malformed` in a refusal; those below 100 are refusals already. */
export function malformedIfForm<T>(task: () => T): T {
  try {
    return task()
  } catch (error) {
    if (!(error instanceof FieldproofError) || error.number < 100) throw error
    throw new FieldproofError('malformed', error.message, { cause: error })
  }
}
