/** Rows for people and dashboards: decoded, scaled as their definition says, and never more than the log has signed. */
import { decodeStatement, type Hash } from '@fieldproof/sdk/crypto'
import { shownValue } from '@fieldproof/sdk/verify'
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import type { StoredLeaf } from '../ledger/store.ts'
import { rowsOfLeaf } from './opened-leaf.ts'

/** One row as JSON. */
export interface Reading {
  readonly sequence: number
  /** Row index in its batch, from 1. */
  readonly row: number
  readonly logIndex: number
  /** The machine's claim, ms since 1970. */
  readonly time: number
  readonly clockQuality: number
  readonly anchored: boolean
  /** One value a column: decimal text, hex, text, a truth value, or null. */
  readonly values: readonly (string | boolean | null)[]
}

/** Rows of one logged batch. */
export function readingsOf(
  leaf: StoredLeaf,
  definition: StreamDefinition,
  anchoredSize: number,
  hash: Hash,
): readonly Reading[] {
  const { clockQuality } = decodeStatement(leaf.statement, hash).statement
  return rowsOfLeaf(leaf, definition).rows.map(({ time, values }, i) => ({
    sequence: leaf.sequence,
    row: i + 1,
    logIndex: leaf.index,
    time,
    clockQuality,
    anchored: leaf.index < anchoredSize,
    values: definition.columns.map((column, at) => shownValue(column, values[at] ?? null)),
  }))
}
