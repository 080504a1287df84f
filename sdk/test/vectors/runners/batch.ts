/** batch.json: open batch messages as a gateway reads them, and as a machine writes them. */
import { FieldproofError, toHex } from '../../../src/base/index.ts'
import { batchLeaves } from '../../../src/merkle/index.ts'
import { columnsOf, encodeBatch } from '../../../src/wire/index.ts'
import { allBytesOf, bytesOf, type Runner } from '../runner.ts'
import { checkMessage, checkRows } from './batch-message.ts'
import { jsonOf, rowJson } from './json.ts'

/** Runs batch.json. */
export const batchRunner: Runner = {
  readers: {
    '': {
      given: [],
      read: async (item, context) => {
        const { file, hash } = context
        const known = { keys: allBytesOf(file['keys']), definitions: allBytesOf(file['definitions']) }
        const checked = await checkMessage(bytesOf(item['message']), known, context)
        const { batch, signed, definition, definitionBytes } = checked
        if (batch.kind === 'sealed') throw new FieldproofError('sealed-mismatch', 'want an open batch')
        const rows = checkRows(checked, batch.seed, batch.columns, context)
        const columns = columnsOf(rows, definition)
        const leaves = batchLeaves(hash, signed.statement.definitionHash, batch.seed, rows)
        return {
          definition: toHex(definitionBytes),
          seed: toHex(batch.seed),
          rows: rows.map(rowJson),
          leafHashes: Array.from({ length: leaves.length / 32 }, (_, i) => toHex(leaves.subarray(i * 32, i * 32 + 32))),
          root: toHex(signed.statement.root),
          columns: jsonOf(columns),
          statement: toHex(batch.statement),
          statementId: toHex(signed.id),
          message: toHex(encodeBatch({ ...batch, columns })),
        }
      },
    },
  },
}
