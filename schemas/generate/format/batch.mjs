/** Batch messages, open and sealed (spec 02-batch). */
import { isBytes, must, Refused, sameBytes, sha256 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { decodeColumns, encodeColumns } from './columns.mjs'
import { readDefinition } from './definition.mjs'
import { leafHash, root } from './merkle.mjs'
import { batchLeaves } from './row.mjs'
import { checkSignature, readStatement, signStatement } from './statement.mjs'

export const MAX_MESSAGE = 65535
const MAX_RECIPIENTS = 16

/** Root of a batch of rows [time, v1 .. vk]. */
export const batchRoot = (definition, seed, rows) => root(batchLeaves(definition, seed, rows))

/** Fields that a statement takes from its batch. */
export const batchFields = (definition, rows) => ({ leafCount: rows.length + 1, definitionHash: leafHash(definition) })

/** A whole open batch: statement and message. */
export function openBatch({ definition, seed, rows, fields, signer }) {
  const batch = batchRoot(definition, seed, rows)
  const statement = signStatement({ ...fields, ...batchFields(definition, rows), sealed: null }, batch, signer)
  const columns = encodeColumns(rows, readDefinition(definition).columns)
  return { root: batch, statement, columns, message: cbor([statement.bytes, seed, columns]) }
}

/** What a gateway checks of a message, in this order. @throws Refused with the code of the refusal */
export function readBatch(message, { keys, definitions }) {
  must(message.length <= MAX_MESSAGE, 'too-large', `${message.length} bytes`)
  const item = uncbor(message, 'batch')
  must(Array.isArray(item) && item.length === 3 && isBytes(item[0]), 'malformed', 'batch shape')
  const [statementBytes, seed, contents] = item
  must(seed === null ? isSealed(contents) : isBytes(seed, 32) && Array.isArray(contents), 'malformed', 'contents')
  const statement = asRefusal(() => readStatement(statementBytes))
  const key = keys.find((bytes) => sameBytes(sha256(bytes).slice(0, 16), statement.keyId))
  must(key, 'unknown-key', 'no such key')
  checkSignature(statement, key)
  const definition = definitions.find((bytes) => sameBytes(leafHash(bytes), statement.definitionHash))
  must(definition, 'stream-unknown', 'no such definition')
  must((seed === null) === (statement.sealed !== null), 'sealed-mismatch', 'sealed header and message differ')
  if (seed === null) return { statement, ...readSealed(contents, statement.sealed) }
  return { statement, rows: openRows(statement, definition, seed, contents) }
}

/** Rows of the columns, checked against the signed root. */
export function openRows(statement, definition, seed, columns) {
  const rows = decodeColumns(columns, readDefinition(definition).columns, statement.leafCount - 1)
  must(sameBytes(batchRoot(definition, seed, rows), statement.root), 'root-mismatch', 'root')
  return rows
}

function isSealed(contents) {
  if (!Array.isArray(contents) || contents.length !== 2 || !isBytes(contents[0]) || !Array.isArray(contents[1]))
    return false
  const isBox = (box) =>
    Array.isArray(box) && box.length === 3 && isBytes(box[0], 32) && isBytes(box[1], 32) && isBytes(box[2], 48)
  return contents[1].length >= 1 && contents[1].length <= MAX_RECIPIENTS && contents[1].every(isBox)
}

function readSealed([body, boxes], digest) {
  must(sameBytes(sha256(body), digest), 'sealed-mismatch', 'digest of the sealed body')
  return { body, boxes }
}

/** A statement that is not one makes the message malformed. */
function asRefusal(read) {
  try {
    return read()
  } catch (error) {
    throw error.code === 'statement-invalid' ? new Refused('malformed', error.message) : error
  }
}
