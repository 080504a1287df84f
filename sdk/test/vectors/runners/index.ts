/** A runner for every file of schemas/vectors, by its name without `.json`. */
import type { Runner } from '../runner.ts'
import { anchorRunner } from './anchor.ts'
import { batchRunner } from './batch.ts'
import { bundleRunner } from './bundle.ts'
import { cborRunner } from './cbor.ts'
import { definitionRunner } from './definition.ts'
import { keyRunner } from './key.ts'
import { logRunner } from './log.ts'
import { merkleRunner } from './merkle.ts'
import { messagesRunner } from './messages.ts'
import { placeRunner } from './place.ts'
import { receiptRunner } from './receipt.ts'
import { rowRunner } from './row.ts'
import { sealedRunner } from './sealed.ts'
import { stateRunner } from './state.ts'
import { statementRunner } from './statement.ts'

/** All of them. */
export const RUNNERS: Readonly<Record<string, Runner>> = {
  anchor: anchorRunner,
  batch: batchRunner,
  bundle: bundleRunner,
  cbor: cborRunner,
  definition: definitionRunner,
  key: keyRunner,
  log: logRunner,
  merkle: merkleRunner,
  messages: messagesRunner,
  place: placeRunner,
  receipt: receiptRunner,
  row: rowRunner,
  sealed: sealedRunner,
  state: stateRunner,
  statement: statementRunner,
  trie: stateRunner,
}
