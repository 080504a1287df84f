/** The verifier's checks of a bundle, in the order of spec 07-bundle. */
import { readBundle } from './bundle.mjs'
import { hex, isMachineId, must, Refused, sameBytes, unbase32, unhex } from './bytes.mjs'
import { readDefinition } from './definition.mjs'
import { ESP256, kid, thumbprint, verifies } from './keys.mjs'
import { leafHash } from './merkle.mjs'
import { checkBeacons, isKeyEntry, readHeader, readState } from './state.mjs'
import { nodeList } from './trie.mjs'

/** A failed check is a refusal whose code is the name of the check. */
const check = (name, condition, message) => must(condition, `check:${name}`, message)

/**
 * All checks. `trust`: {caip2, registry}; `chain`: the JSON facts of bundle.json or state.json, undefined without access to the chain;
 * `blockHash`: hash of a trusted block, for an anchor with a state. Returns what the proof says.
 */
export function verifyBundle(file, trust, chain, blockHash) {
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
  check('unchecked', trust.caip2 !== undefined, 'no trusted chain')
  check('chain', anchor.caip2 === trust.caip2, 'another chain')
  return report(
    bundle,
    logRoot,
    (anchor.header ? byState : byTransaction)(bundle, logRoot, { trust, chain, blockHash }),
  )
}

function byTransaction({ statements, keys, anchor }, logRoot, { chain }) {
  check('unchecked', chain !== undefined, 'a transaction needs the chain')
  checkMachines(statements, keys, anchor, anchor.blockNumber, chain)
  checkEvent(anchor, logRoot, chain)
  return {
    notBefore: ({ beacon }) => lowerBound(beacon, anchor.caip2, anchor.blockNumber, chain.blocks),
    notAfter: chain.transaction.blockTime,
  }
}

function byState({ statements, keys, anchor }, logRoot, { trust, chain, blockHash }) {
  const { header, beacons, state } = inState(() => proven(statements, keys, anchor, trust.registry))
  const { head } = state
  check('state', chain === undefined || chain.anchorLog === state.anchorLog, 'name of the AnchorLog')
  for (const facts of chain ? [state, chain] : [state]) checkMachines(statements, keys, anchor, head.blockNumber, facts)
  check('head', head.size === anchor.size && sameBytes(head.root, logRoot), 'another head')
  check('head', head.blockNumber <= header.number && head.time <= header.time, 'a head of the future')
  if (chain === undefined) {
    check('unchecked', blockHash !== undefined, 'no trusted block')
    check('block', hex(header.hash) === blockHash, 'another block')
  } else {
    const known = chain.blocks.find(({ number }) => number === header.number)
    check('block', known?.hash === hex(header.hash) && header.number <= chain.finalized, 'not canonical and final')
  }
  const blocks = beacons.map(({ number, hash, time }) => ({ number, hash: hex(hash), time }))
  return {
    notBefore: ({ beacon }) => lowerBound(beacon, anchor.caip2, head.blockNumber, blocks),
    notAfter: head.time,
  }
}

/** What a state anchor proves, before anything is compared. @throws Refused proof-invalid */
function proven(statements, keys, anchor, registry) {
  const header = readHeader(anchor.header)
  const beacons = anchor.beacons.map(readHeader)
  const machines = [...new Set(statements.map(({ fields }) => fields.machine))].map(unbase32)
  const names = { registry: unhex(registry), thumbprints: keys.map(thumbprint), machines, logId: anchor.logId }
  const state = readState(nodeList(anchor.nodes), header, names, beacons)
  const claims = statements.map(({ fields }) => fields.beacon)
  checkBeacons(beacons, state.hashes, { header, head: state.head, claims, caip2: anchor.caip2 })
  return { header, beacons, state }
}

/** A fault of the proof is the failure of one check. */
function inState(read) {
  try {
    return read()
  } catch (error) {
    throw error.code === 'proof-invalid' ? new Refused('check:state', error.message) : error
  }
}

function checkMachines(statements, keys, { logId }, blockNumber, facts) {
  for (const { fields, key } of statements) checkEnrolment(fields, keys[key], blockNumber, facts)
  for (const { fields } of statements) checkHome(fields, logId, blockNumber, facts)
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

function checkEnrolment(fields, key, blockNumber, { keys }) {
  const entry = keys.find((candidate) => candidate.thumbprint === hex(thumbprint(key)))
  check('enrolment', entry && isMachineId(fields.machine) && entry.machine === fields.machine, 'key of that machine')
  check('enrolment', isKeyEntry(entry), 'an entry of another layout')
  check('enrolment', entry.fromBlock > 0 && entry.fromBlock <= blockNumber, 'not enrolled, or after the anchor')
  check('enrolment', entry.revokedBlock === 0 || blockNumber < entry.revokedBlock, 'revoked')
  const { retiredSeq, retiredBlock } = entry
  check('enrolment', retiredBlock === 0 || blockNumber < retiredBlock || fields.sequence < retiredSeq, 'retired')
}

function checkHome(fields, logId, blockNumber, { homes }) {
  const home = homes.find((candidate) => candidate.machine === fields.machine && candidate.logId === hex(logId))
  check('home', home && home.since > 0 && home.since <= blockNumber, 'not the home log')
  check('home', home.until === 0 || blockNumber < home.until, 'home log left')
}

/** The lower bound holds only for a beacon that is a block of the anchor's chain, at or before the anchor. */
function lowerBound(beacon, caip2, blockNumber, blocks) {
  if (!beacon || `eip155:${beacon[0]}` !== caip2 || beacon[1] > blockNumber) return null
  const block = blocks.find(({ number, hash }) => number === beacon[1] && hash === hex(beacon[2]))
  return block ? block.time : null
}

function report({ definitions, statements, rows }, logRoot, { notBefore, notAfter }) {
  return {
    logRoot: hex(logRoot),
    statements: statements.map(({ fields, definition, index }) => ({
      id: hex(fields.id),
      machine: fields.machine,
      sequence: fields.sequence,
      stream: readDefinition(definitions[definition]).stream,
      logIndex: index,
      notBefore: notBefore(fields),
      notAfter,
    })),
    rows: rows.map(({ statement, index, read }) => ({ statement, index, time: read.time, values: read.values })),
  }
}
