/** From rows of the database to what the store speaks of. Whatever does not fit is a damaged database. */
import { bootId, hash32, machineId, statementId } from '@fieldproof/sdk/base'
import type { Neighbour } from './history-link.ts'
import { type CellRow, cellBytes, cellBytesOrNull, cellNumber, cellText } from './libsql-database.ts'
import type { HistoryLink, StoredLeaf } from './store.ts'

/** A leaf with the names that numbers stand for; a WHERE clause follows. */
export const SELECT_LEAF: string = `SELECT l.*, m.id AS machine_id, s.name AS stream_name, d.hash AS definition_hash, k.thumbprint AS key_hash
  FROM leaves l JOIN machines m ON m.number = l.machine JOIN streams s ON s.number = l.stream
  JOIN definitions d ON d.number = l.definition JOIN keys k ON k.number = l.key`

/** A row of `leaves` beside an entry. */
export function readNeighbour(row: CellRow): Neighbour {
  return {
    index: cellNumber(row['idx']),
    sequence: cellNumber(row['sequence']),
    boot: cellBytes(row['boot']),
    id: cellBytes(row['id']),
    prev: cellBytesOrNull(row['prev']),
    link: cellText(row['link']) as HistoryLink,
  }
}

/** A row of {@link SELECT_LEAF}. */
export function readLeaf(row: CellRow): StoredLeaf {
  const prev = cellBytesOrNull(row['prev'])
  const sealed = row['first_time'] === null
  return {
    index: cellNumber(row['idx']),
    machine: machineId(cellText(row['machine_id'])),
    boot: bootId(cellBytes(row['boot'])),
    sequence: cellNumber(row['sequence']),
    id: statementId(cellBytes(row['id'])),
    prev: prev && statementId(prev),
    definitionHash: hash32(cellBytes(row['definition_hash'])),
    stream: cellText(row['stream_name']),
    key: hash32(cellBytes(row['key_hash'])),
    statement: cellBytes(row['statement']),
    message: cellBytes(row['message']),
    leafHash: hash32(cellBytes(row['leaf_hash'])),
    rowCount: cellNumber(row['row_count']),
    times: sealed ? null : { first: cellNumber(row['first_time']), last: cellNumber(row['last_time']) },
    receivedAt: cellNumber(row['received_at']),
    link: cellText(row['link']) as HistoryLink,
  }
}
