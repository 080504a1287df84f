/** place.json: files without rows, and proofs made of them by whoever holds the rows. */
import { toHex } from '../../../src/base/index.ts'
import { decodeStatement } from '../../../src/crypto/index.ts'
import { type BundleRow, decodePlace, encodeBundle, encodePlace, rowProver } from '../../../src/verify/index.ts'
import { decodeDefinition } from '../../../src/wire/index.ts'
import { bytesOf, type Case, type Context, type Outputs, type Runner } from '../runner.ts'
import { rowOf } from './json.ts'

/** Runs place.json. */
export const placeRunner: Runner = {
  readers: {
    place: { given: [], read: readPlace },
    proof: { given: ['place', 'opened', 'wanted'], read: proveRows },
  },
}

function readPlace(item: Case, { hash }: Context): Outputs {
  const place = decodePlace(bytesOf(item['place']), hash)
  const { caip2, logId, size } = place.anchor
  return {
    place: toHex(encodePlace(place, hash)),
    caip2,
    logId: toHex(logId),
    size,
    statements: place.statements.map(({ bytes, logIndex }) => {
      const { id, statement } = decodeStatement(bytes, hash)
      return { id: toHex(id), machine: statement.machine, sequence: statement.sequence, logIndex }
    }),
  }
}

interface OpenedJson {
  readonly statement: number
  readonly seed: string
  readonly rows: readonly unknown[]
}

function proveRows(item: Case, { hash }: Context): Outputs {
  const place = decodePlace(bytesOf(item['place']), hash)
  const wanted = item['wanted'] as readonly (readonly [statement: number, row: number])[]
  const rows = (item['opened'] as readonly OpenedJson[]).flatMap((opened): BundleRow[] => {
    const { statement: index, seed } = opened
    const source = place.statements[index]
    const definition = place.definitions[source?.definition ?? -1]
    if (source === undefined || definition === undefined) throw new Error(`the place has no statement ${index}`)
    const { statement } = decodeStatement(source.bytes, hash)
    const batch = { definition: decodeDefinition(definition), seed: bytesOf(seed), rows: opened.rows.map(rowOf) }
    const prove = rowProver(statement, batch, hash)
    return wanted.filter(([of]) => of === index).map(([, row]) => ({ statement: index, ...prove(row) }))
  })
  return { bundle: toHex(encodeBundle({ ...place, rows }, hash)) }
}
