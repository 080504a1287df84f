/**
 * G1: everything about a batch that its bytes alone, a key and a definition can tell. Checks of bytes only, so any number
 * run at once; the signature is verified on another thread while the root is recomputed on this one.
 */
import { equalBytes, FieldproofError, type Hash32, type MachineId, type UnixMs } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash, type SignedStatement, type Suites, verifyStatement } from '@fieldproof/sdk/crypto'
import { batchRoot, leafHash } from '@fieldproof/sdk/merkle'
import {
  type Batch,
  decodeBatch,
  MAX_MESSAGE_BYTES,
  rowCountOf,
  rowsOf,
  type StreamDefinition,
} from '@fieldproof/sdk/wire'
import type { LogEntry } from '../ledger/store.ts'
import type { KnownKey } from './key-directory.ts'

/** What G1 looks things up in. */
export interface BatchContext {
  readonly hash: Hash
  readonly suites: Suites
  /** @throws FieldproofError `unknown-key` or `revoked-key` */
  keyFor(kid: Uint8Array, machine: MachineId): Promise<KnownKey>
  definitionOf(hash: Hash32): Promise<StreamDefinition | null>
}

/**
 * Checks a batch message.
 * @param machine the machine whose topic it came on
 * @throws FieldproofError with the code of a refusal, or a format's code, see {@link refusalOf}
 */
export async function checkBatch(
  message: Uint8Array,
  machine: MachineId,
  context: BatchContext,
  receivedAt: UnixMs,
): Promise<LogEntry> {
  const { hash } = context
  if (message.length > MAX_MESSAGE_BYTES) {
    throw new FieldproofError('too-large', `a message has at most ${MAX_MESSAGE_BYTES} bytes, not ${message.length}`)
  }
  const batch = decodeBatch(message)
  const signed = decodeStatement(batch.statement, hash)
  const { statement } = signed
  if (statement.machine !== machine) {
    throw new FieldproofError('wrong-topic', `a statement of machine ${statement.machine} came on another's topic`)
  }
  const key = await context.keyFor(statement.kid, machine)
  if (key.retiredSequence !== 0 && statement.sequence >= key.retiredSequence) {
    throw new FieldproofError('revoked-key', `the key is retired from sequence ${key.retiredSequence} on`)
  }
  const definition = await context.definitionOf(statement.definitionHash)
  const { stream, times } = await checkSigned(signed, batch, key, definition, context)
  return {
    machine,
    boot: statement.boot,
    sequence: statement.sequence,
    id: signed.id,
    prev: statement.prev,
    definitionHash: statement.definitionHash,
    stream,
    key: key.thumbprint,
    statement: batch.statement,
    message,
    leafHash: leafHash(hash, batch.statement),
    rowCount: statement.leafCount - 1,
    times,
    receivedAt,
  }
}

/** Signature and contents at once. A bad signature is the answer whatever else is wrong: nobody said the rest. */
async function checkSigned(
  signed: SignedStatement,
  batch: Batch,
  key: KnownKey,
  definition: StreamDefinition | null,
  { hash, suites }: BatchContext,
): Promise<Pick<LogEntry, 'stream' | 'times'>> {
  const suite = suites(key.publicKey.alg)
  const verified = suite === undefined ? false : verifyStatement(signed, suite, key.publicKey.publicKey)
  const contents = settle(() => ({
    stream: announced(definition).name,
    times: checkContents(signed, batch, announced(definition), hash),
  }))
  if (!(await verified)) throw new FieldproofError('bad-signature', "the machine's key did not sign this statement")
  return contents()
}

function announced(definition: StreamDefinition | null): StreamDefinition {
  if (definition !== null) return definition
  throw new FieldproofError('stream-unknown', 'the definition has not been announced; send the birth message again')
}

function checkContents(
  { statement }: SignedStatement,
  batch: Batch,
  definition: StreamDefinition,
  hash: Hash,
): LogEntry['times'] {
  if (batch.kind === 'sealed') {
    if (statement.sealed === null || !equalBytes(hash.sha256(batch.body), statement.sealed)) {
      throw new FieldproofError('sealed-mismatch', 'the sealed rows are not the ones that were signed')
    }
    return null // contents unchecked until someone opens them
  }
  if (statement.sealed !== null) throw new FieldproofError('sealed-mismatch', 'signed as sealed, sent open')
  const count = rowCountOf(batch.columns, definition)
  if (count + 1 !== statement.leafCount) {
    throw new FieldproofError('count-mismatch', `${count} rows came, ${statement.leafCount - 1} were signed`)
  }
  const rows = rowsOf(batch.columns, definition)
  if (!equalBytes(batchRoot(hash, statement.definitionHash, batch.seed, rows), statement.root)) {
    throw new FieldproofError('root-mismatch', 'the rows do not have the root that was signed')
  }
  let first = Number.POSITIVE_INFINITY
  let last = 0
  for (const { time } of rows) {
    first = Math.min(first, time)
    last = Math.max(last, time)
  }
  return { first, last }
}

/** Runs `task` now and gives its outcome, value or error, when asked. */
function settle<T>(task: () => T): () => T {
  try {
    const value = task()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}
