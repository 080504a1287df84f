/** What a machine has signed: every batch of its outbox, verified as a gateway verifies it, and the rows that are in them. */
import { equalBytes, FieldproofError, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, pureHash, pureSuites, type Signer, verifyStatement } from '@fieldproof/sdk/crypto'
import type { Outbox, StoredBatch } from '@fieldproof/sdk/machine'
import { batchRoot, definitionHash } from '@fieldproof/sdk/merkle'
import { decodeBatch, encodeDefinition, rowsOf, type StreamDefinition, type Value } from '@fieldproof/sdk/wire'

/** A row that stands in a signed batch. */
export interface SignedRow {
  readonly stream: string
  /** Wall clock, ms since 1970. */
  readonly time: number
  /** Of its batch. */
  readonly sequence: number
  /** By column, in real units. */
  readonly values: Readonly<Record<string, Value>>
}

const PAGE = 100

/** Batches that wait in an outbox, in the order of their sequence. */
export async function pendingBatches(outbox: Outbox): Promise<readonly StoredBatch[]> {
  const batches: StoredBatch[] = []
  for (;;) {
    const page = await outbox.batches('pending', batches.at(-1)?.sequence ?? 0, PAGE)
    if (page.length === 0) return batches
    batches.push(...page)
  }
}

/**
 * Rows of open batches, in order.
 * @throws FieldproofError `bad-signature`, `root-mismatch`, `stream-unknown`, or a format's code
 */
export async function signedRows(
  batches: readonly StoredBatch[],
  signer: Pick<Signer, 'alg' | 'publicKey'>,
  definitions: readonly StreamDefinition[],
): Promise<readonly SignedRow[]> {
  const known = new Map(definitions.map((one) => [toHex(definitionHash(pureHash, encodeDefinition(one))), one]))
  const suite = pureSuites(signer.alg)
  const rows: SignedRow[] = []
  for (const { message, sequence } of batches) {
    const batch = decodeBatch(message)
    const signed = decodeStatement(batch.statement, pureHash)
    if (suite === undefined || !(await verifyStatement(signed, suite, signer.publicKey))) {
      throw new FieldproofError('bad-signature', `batch ${sequence} is not signed by its machine`)
    }
    const definition = known.get(toHex(signed.statement.definitionHash))
    if (definition === undefined || batch.kind === 'sealed') {
      throw new FieldproofError('stream-unknown', `batch ${sequence} is of no stream of this station`)
    }
    const plain = rowsOf(batch.columns, definition)
    const root = batchRoot(pureHash, signed.statement.definitionHash, batch.seed, plain)
    if (!equalBytes(root, signed.statement.root)) {
      throw new FieldproofError('root-mismatch', `the rows of batch ${sequence} are not those that were signed`)
    }
    for (const { time, values } of plain) {
      rows.push({ stream: definition.name, time, sequence, values: realValues(values, definition) })
    }
  }
  return rows
}

/** Values of a row by column, in real units. */
export function realValues(values: readonly Value[], { columns }: StreamDefinition): Record<string, Value> {
  return Object.fromEntries(
    columns.map(({ name, exponent }, i) => {
      const value = values[i] ?? null
      return [name, typeof value === 'number' ? Number(`${value}e${exponent}`) : value]
    }),
  )
}
