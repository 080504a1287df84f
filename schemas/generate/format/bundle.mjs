/** Proof bundles: the file and the verifier's checks, in the order of spec 07-bundle. */
import { concat, hex, isBytes, isMachineId, isUint, must, sameBytes, sha256 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { readDefinition } from './definition.mjs'
import { ESP256, kid, readKey, thumbprint, verifies } from './keys.mjs'
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
const allUsed = (items, used) =>
  items.every((_, i) => used.includes(i)) && used.every((i) => isUint(i, items.length - 1))
const hashes = (path) => Array.isArray(path) && path.every((node) => isBytes(node, 32))

/** Reads the file; nothing is checked that needs a signature or a chain. @throws Refused bundle-digest, bundle-invalid, … */
export function readBundle(file) {
  must(file.length > 32 && sameBytes(sha256(file.slice(32)), file.slice(0, 32)), 'bundle-digest', 'digest')
  const body = uncbor(file.slice(32), 'bundle')
  invalid(Array.isArray(body) && body.length === 6 && body[0] === 1, 'version or shape')
  const keys = list(body[1])
  const definitions = list(body[2])
  const anchor = readAnchor(body[5])
  const statements = list(body[3], 5).map(readEntry)
  const rows = list(body[4], 4).map((row) => readRowEntry(row, statements))
  invalid(eachOnce(keys) && eachOnce(definitions) && eachOnce(statements.map(({ bytes }) => bytes)), 'given twice')
  invalid(
    allUsed(
      keys,
      statements.map(({ key }) => key),
    ),
    'keys and their use',
  )
  invalid(
    allUsed(
      definitions,
      statements.map(({ definition }) => definition),
    ),
    'definitions and their use',
  )
  invalid(
    allUsed(
      statements,
      rows.map(({ statement }) => statement),
    ),
    'statements and their use',
  )
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
  return { bytes, key, definition, index, path, fields: readStatement(bytes) }
}

function readRowEntry([statement, index, bytes, path], statements) {
  invalid(isUint(statement, statements.length - 1) && isUint(index) && isBytes(bytes) && hashes(path), 'row entry')
  return { statement, index, bytes, path }
}

function readAnchor(item) {
  invalid(Array.isArray(item) && item.length === 6, 'anchor')
  const [caip2, logId, size, blockNumber, blockHash, txHash] = item
  invalid(isCaip2(caip2) && isBytes(logId, 32) && isUint(size) && isUint(blockNumber), 'anchor')
  invalid(isBytes(blockHash, 32) && isBytes(txHash, 32), 'anchor')
  return { caip2, logId, size, blockNumber, blockHash, txHash }
}

/** A failed check is a refusal whose code is the name of the check. */
const check = (name, condition, message) => must(condition, `check:${name}`, message)

/** All checks. `trust` and `chain` are the JSON facts of bundle.json. Returns what the proof says. */
export function verifyBundle(file, trust, chain) {
  const bundle = readBundle(file)
  const { keys, definitions, statements, rows, anchor } = bundle
  for (const { fields, key } of statements) check('keys', sameBytes(fields.keyId, kid(keys[key])), 'kid')
  for (const { fields, key } of statements) {
    const sameAlg = keys[key][2] === (fields.alg === ESP256 ? 2 : 1)
    check('signatures', sameAlg && verifies(keys[key], fields.tbs, fields.signature), 'signature')
  }
  for (const { fields, definition } of statements)
    check('definitions', sameBytes(leafHash(definitions[definition]), fields.definitionHash), 'definition')
  for (const { root, statement } of rows) check('rows', sameBytes(root, statements[statement].fields.root), 'row path')
  const logRoot = statements[0].logRoot
  check(
    'log',
    statements.every((s) => sameBytes(s.logRoot, logRoot)),
    'statements lead to different log roots',
  )
  check('chain', anchor.caip2 === trust.caip2, 'another chain')
  checkEvent(anchor, logRoot, chain)
  for (const { fields, key } of statements) checkEnrolment(fields, keys[key], anchor, chain)
  for (const { fields } of statements) checkHome(fields, anchor, chain)
  return report(bundle, logRoot, chain)
}

function checkEvent(anchor, logRoot, { anchorLog, transaction }) {
  check('event', transaction.txHash === hex(anchor.txHash) && transaction.status === 1, 'transaction')
  check(
    'event',
    transaction.blockNumber === anchor.blockNumber && transaction.blockHash === hex(anchor.blockHash),
    'block',
  )
  check('event', transaction.canonical && transaction.final, 'not canonical and final')
  const same = (e) =>
    e.address === anchorLog && e.logId === hex(anchor.logId) && e.size === anchor.size && e.root === hex(logRoot)
  check('event', transaction.treeHeads.some(same), 'no such TreeHead')
}

function checkEnrolment(fields, key, { blockNumber }, { keys }) {
  const entry = keys.find((candidate) => candidate.thumbprint === hex(thumbprint(key)))
  check('enrolment', entry && isMachineId(fields.machine) && entry.machine === fields.machine, 'key of that machine')
  check('enrolment', entry.fromBlock <= blockNumber, 'enrolled after the anchor')
  check('enrolment', entry.revokedBlock === 0 || blockNumber < entry.revokedBlock, 'revoked')
  check('enrolment', entry.retiredSeq === 0 || fields.sequence < entry.retiredSeq, 'retired')
}

function checkHome(fields, { logId, blockNumber }, { homes }) {
  const home = homes.find((candidate) => candidate.machine === fields.machine && candidate.logId === hex(logId))
  check('home', home && home.since > 0 && home.since <= blockNumber, 'not the home log')
  check('home', home.until === 0 || blockNumber < home.until, 'home log left')
}

/** The lower bound holds only for a beacon that is a block of the anchor's chain, at or before the anchor. */
function notBefore({ beacon }, anchor, blocks) {
  if (!beacon || `eip155:${beacon[0]}` !== anchor.caip2 || beacon[1] > anchor.blockNumber) return null
  const block = blocks.find(({ number, hash }) => number === beacon[1] && hash === hex(beacon[2]))
  return block ? block.time : null
}

function report({ definitions, statements, rows, anchor }, logRoot, { transaction, blocks }) {
  return {
    logRoot: hex(logRoot),
    statements: statements.map(({ fields, definition, index }) => ({
      id: hex(fields.id),
      machine: fields.machine,
      sequence: fields.sequence,
      stream: readDefinition(definitions[definition]).stream,
      logIndex: index,
      notBefore: notBefore(fields, anchor, blocks),
      notAfter: transaction.blockTime,
    })),
    rows: rows.map(({ statement, index, read }) => ({ statement, index, time: read.time, values: read.values })),
  }
}
