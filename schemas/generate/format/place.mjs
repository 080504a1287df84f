/** What the holder of rows makes of a place: a proof (spec 07-bundle, BUNDLE-61). */
import { batchRoot } from './batch.mjs'
import { encodeBundle, readPlace } from './bundle.mjs'
import { must, sameBytes } from './bytes.mjs'
import { uncbor } from './cbor.mjs'
import { inclusionPath } from './merkle.mjs'
import { batchLeaves, encodeRow, saltOf } from './row.mjs'

/**
 * The bundle that shows rows [statement index, row index] of a place, at least one of each statement. `opened`: {statement, seed, rows}
 * of each batch. @throws Refused root-mismatch
 */
export function proofOf(file, opened, wanted) {
  const { statements, definitions } = readPlace(file)
  const batches = opened.map(({ statement, seed, rows }) => {
    const { fields, definition } = statements[statement]
    const bytes = definitions[definition]
    must(sameBytes(batchRoot(bytes, seed, rows), fields.root), 'root-mismatch', 'opened rows are not the signed ones')
    return { statement, seed, rows, leaves: batchLeaves(bytes, seed, rows) }
  })
  const [version, keys, definitionList, entries, , anchor] = uncbor(file.slice(32))
  const rows = wanted.map(([statement, index]) => {
    const batch = batches.find((candidate) => candidate.statement === statement)
    const input = encodeRow(saltOf(batch.seed, index), batch.rows[index - 1])
    return [statement, index, input, inclusionPath(index, batch.leaves)]
  })
  return encodeBundle({ version, keys, definitions: definitionList, statements: entries, rows, anchor })
}
