/** Proof bundles and places: the file and its form (spec 07-bundle). */
import { concat, hex, isBytes, isUint, must, sameBytes, sha256 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { readDefinition } from './definition.mjs'
import { readKey } from './keys.mjs'
import { isCaip2 } from './log.mjs'
import { leafHash, rootOfPath } from './merkle.mjs'
import { readRow } from './row.mjs'
import { readStatement } from './statement.mjs'

export const frame = (body) => concat(sha256(body), body)
export const encodeBundle = ({ version = 1, keys, definitions, statements, rows, anchor }) =>
  frame(cbor([version, keys, definitions, statements, rows, anchor]))

const invalid = (condition, message) => must(condition, 'bundle-invalid', message)
const list = (item, width, least = 1) => {
  invalid(Array.isArray(item) && item.length >= least, 'list')
  for (const entry of item)
    invalid(width === undefined ? isBytes(entry) : Array.isArray(entry) && entry.length === width, 'entry')
  return item
}
const eachOnce = (items) => new Set(items.map(hex)).size === items.length
/** Every item is used, and stands where it is first used. */
const inOrderOfUse = (items, used) => {
  const first = used.filter((index, i) => used.indexOf(index) === i)
  return first.length === items.length && first.every((index, i) => index === i)
}
const hashes = (path) => Array.isArray(path) && path.every((node) => isBytes(node, 32))

/** Reads the file; nothing is checked that needs a signature or a chain. @throws Refused bundle-digest, bundle-invalid, … */
export function readBundle(file) {
  const bundle = readFile(file)
  invalid(bundle.rows.length > 0, 'no rows')
  const used = bundle.rows.map(({ statement }) => statement)
  invalid(inOrderOfUse(bundle.statements, used), 'statements and their use')
  return bundle
}

/** Reads a place: statements without rows. @throws Refused like readBundle */
export function readPlace(file) {
  const place = readFile(file)
  invalid(place.rows.length === 0, 'a place with rows')
  return place
}

function readFile(file) {
  must(file.length > 32 && sameBytes(sha256(file.slice(32)), file.slice(0, 32)), 'bundle-digest', 'digest')
  const body = uncbor(file.slice(32), 'bundle')
  invalid(Array.isArray(body) && body.length === 6 && body[0] === 1, 'version or shape')
  const keys = list(body[1])
  const definitions = list(body[2])
  const anchor = readAnchor(body[5])
  const statements = list(body[3], 5).map(readEntry)
  const rows = list(body[4], 4, 0).map((row) => readRowEntry(row, statements))
  invalid(eachOnce(keys) && eachOnce(definitions) && eachOnce(statements.map(({ bytes }) => bytes)), 'given twice')
  const used = (part) => statements.map((statement) => statement[part])
  invalid(inOrderOfUse(keys, used('key')), 'keys and their use')
  invalid(inOrderOfUse(definitions, used('definition')), 'definitions and their use')
  invalid(
    statements.every((s, i) => i === 0 || statements[i - 1].index < s.index),
    'order of statements',
  )
  invalid(
    rows.every((row, i) => i === 0 || before(rows[i - 1], row)),
    'order of rows',
  )
  const columns = definitions.map((bytes) => readDefinition(bytes).columns)
  for (const bytes of keys) readKey(bytes)
  for (const s of statements) s.logRoot = rootOf(s.bytes, s.index, anchor.size, s.path)
  for (const row of rows) {
    const { leafCount } = statements[row.statement].fields
    row.root = rootOf(row.bytes, row.index, leafCount, row.path)
    row.read = readRow(row.bytes, columns[statements[row.statement].definition])
  }
  return { keys, definitions, statements, rows, anchor }
}

const before = (a, b) => a.statement < b.statement || (a.statement === b.statement && a.index < b.index)

/** Index and path length of an entry are a matter of form: exactly one length fits. */
function rootOf(bytes, index, size, path) {
  invalid(index >= 1 && index < size, 'index')
  const root = rootOfPath(leafHash(bytes), index, size, path)
  invalid(root !== null, 'length of a path')
  return root
}

function readEntry([bytes, key, definition, index, path]) {
  invalid(isBytes(bytes) && isUint(key) && isUint(definition) && isUint(index) && hashes(path), 'statement entry')
  must(bytes[0] === 0xd2, 'statement-invalid', 'a statement begins with tag 18')
  return { bytes, key, definition, index, path, fields: readStatement(bytes) }
}

function readRowEntry([statement, index, bytes, path], statements) {
  invalid(isUint(statement, statements.length - 1) && isUint(index) && isBytes(bytes) && hashes(path), 'row entry')
  return { statement, index, bytes, path }
}

/** The type of the fourth item tells a transaction from a state. */
function readAnchor(item) {
  invalid(Array.isArray(item) && item.length === 6, 'anchor')
  const [caip2, logId, size, ...rest] = item
  invalid(isCaip2(caip2) && isBytes(logId, 32) && isUint(size), 'anchor')
  if (isBytes(rest[0])) {
    const [header, nodes, beacons] = rest
    return { caip2, logId, size, header, nodes: list(nodes), beacons: list(beacons, undefined, 0) }
  }
  const [blockNumber, blockHash, txHash] = rest
  invalid(isUint(blockNumber) && isBytes(blockHash, 32) && isBytes(txHash, 32), 'anchor')
  return { caip2, logId, size, blockNumber, blockHash, txHash }
}
