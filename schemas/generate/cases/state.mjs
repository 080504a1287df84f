/** state.json: anchors with the state of the chain, checked without a network or with one. */

import { BUOY, MILL, STATION } from '../fixtures.mjs'
import { hex, labelled, unhex, utf8 } from '../format/bytes.mjs'
import { readHeader, SLOTS } from '../format/state.mjs'
import { buildTrie } from '../format/trie.mjs'
import { verifyBundle } from '../format/verify.mjs'
import { suite, toJson } from '../suite.mjs'
import { fourBatches, logOf, wideLog } from '../world.mjs'
import { edit } from './bundle-parts.mjs'
import { rejectStates } from './state-faults.mjs'
import { headerCases } from './state-headers.mjs'
import { rejectProofs } from './state-nodes.mjs'
import {
  beaconOf,
  blockHash,
  caseOf,
  chainOf,
  HEAD_BLOCK,
  mainnetItems,
  neighbour,
  scene,
  tinyBatch,
  tinyLog,
} from './state-parts.mjs'
import { rejectTries } from './state-tries.mjs'

const READERS = {
  header({ header }) {
    const { number, time, stateRoot, hash } = readHeader(unhex(header))
    return { number, time, stateRoot: hex(stateRoot), hash: hex(hash) }
  },
  bundle({ bundle, trust, chain, blockHash }) {
    const report = verifyBundle(unhex(bundle), trust, chain, blockHash)
    return { ...report, rows: report.rows.map((row) => ({ ...row, values: toJson(row.values) })) }
  },
}

/** Reads a case of any kind. */
export const readCase = (item) => READERS[item.kind](item)

const ALL = [STATION, BUOY, MILL]
const MANY = { accounts: 40, slots: 24 }

export function stateCases() {
  const cases = suite({
    description:
      'Anchors with the state of the chain. kind header: block headers in RLP; bundle: files with what the verifier trusts, `blockHash` of a trusted block for a verifier without the chain, or `chain` (canonical `blocks`, number `finalized`, newest entries of the contracts) for one with it. check: the first check that fails (schemas/spec/07-bundle.md), `unchecked` when one could not run; error: the code, where reading fails. notBefore null: lower bound unverified.',
    spec: 'schemas/spec/07-bundle.md',
    rules: [
      'ANCHOR-11',
      'ANCHOR-14',
      'ANCHOR-15',
      'ANCHOR-16',
      'BUNDLE-15',
      'BUNDLE-18',
      'BUNDLE-19',
      'BUNDLE-21',
      'BUNDLE-30',
      'BUNDLE-40',
      'BUNDLE-41',
      'BUNDLE-50',
      'BUNDLE-51',
      'BUNDLE-52',
      'BUNDLE-53',
      'BUNDLE-54',
      'BUNDLE-55',
      'BUNDLE-56',
      'BUNDLE-57',
      'BUNDLE-58',
      'BUNDLE-59',
    ],
    read: readCase,
  })
  headerCases(cases, readCase)
  goodBundles(cases)
  online(cases)
  rejectStates(cases)
  return cases.file()
}

const online = (cases) => {
  const good = scene({ at: 1400 })
  const accept = (name, change) => {
    const { blockHash: _, ...item } = caseOf(good, { chain: edit(chainOf(good), change) })
    cases.accept(`with the chain: ${name}`, item, readCase(item))
  }
  accept('block that is canonical and final', () => {})
  accept('block that was finalised just now', (c) => {
    c.finalized = 1400
  })
  accept('key retired at this sequence, and revoked, and home log left afterwards', (c) => {
    Object.assign(c.keys[0], { retiredSeq: 1, retiredBlock: HEAD_BLOCK + 1, revokedBlock: HEAD_BLOCK + 1 })
    c.homes[0].until = HEAD_BLOCK + 1
  })
}

/** Roots that the tests of Ethereum give, so that builder and reader are not wrong together. */
const KNOWN_ROOTS = [
  [{}, '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'],
  [
    { doe: 'reindeer', dog: 'puppy', dogglesworth: 'cat' },
    '8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3',
  ],
  [
    { do: 'verb', dog: 'puppy', doge: 'coin', horse: 'stallion' },
    '5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84',
  ],
]

function checkBuilder() {
  for (const [entries, root] of KNOWN_ROOTS) {
    const built = buildTrie(Object.entries(entries).map(([key, value]) => [utf8(key), utf8(value)]))
    if (hex(built.root) !== root) throw new Error(`trie of ${Object.keys(entries)}: ${hex(built.root)}`)
  }
}

/** The same files, with faults of the nodes: a file of its own, because it is long. */
export function trieCases() {
  const cases = suite({
    description:
      'Anchors with the state of the chain whose trie nodes do not prove it, or in another order, or in an encoding that no chain makes; fields as in state.json, kind bundle.',
    spec: 'schemas/spec/07-bundle.md',
    rules: ['BUNDLE-51', 'BUNDLE-52', 'BUNDLE-53', 'BUNDLE-54'],
    read: readCase,
  })
  checkBuilder()
  const whole = caseOf(scene({}))
  cases.accept('nodes in their order', whole, readCase(whole))
  rejectProofs(cases)
  rejectTries(cases)
  return cases.file()
}

function goodBundles(cases) {
  const accept = (name, wanted, rest) => {
    const item = caseOf(scene(wanted), rest)
    cases.accept(name, item, READERS.bundle(item))
  }
  const change = (edit) => ({ change: edit })
  accept("header of the anchor's own block", {})
  accept('header of a later block', { at: 2000 })
  const five = logOf(fourBatches(beaconOf))
  const rich = { machines: ALL, header: mainnetItems(21), change: (f) => void Object.assign(f, { fillers: MANY }) }
  accept('two keys of a machine, in a state of many accounts', { ...rich, log: five, wanted: { 1: [2], 4: [1, 3] } })
  accept('three machines, four keys, four beacons, one of two statements', {
    ...rich,
    log: wideLog(beaconOf),
    at: 1350,
    wanted: { 1: [1], 2: [3], 3: [1], 4: [1], 5: [2], 6: [2, 3], 7: [1] },
  })
  const claiming = (number) => tinyLog({ beacon: beaconOf(number) })
  accept('beacon that is the newest block before the header', { log: claiming(1299) })
  accept("beacon that is the anchor's own block, in the state of a later one", { log: claiming(HEAD_BLOCK), at: 1301 })
  accept('beacon 8191 blocks before the header', { log: claiming(1250), at: 1250 + 8191 })
  accept('beacon whose header the file does not hold', { log: claiming(1250), beacons: [] })
  accept('beacon of another chain', { log: tinyLog({ beacon: [1, 1250, blockHash(1250)] }) })
  const two = (beacon, other) => {
    const first = tinyBatch({ beacon })
    return logOf([first, tinyBatch({ sequence: 2, prev: first.statement.id, beacon: other }, 'tiny batch 2')])
  }
  const both = { wanted: { 1: [1], 2: [1] } }
  accept('two statements with one beacon', { ...both, log: two(beaconOf(1250), beaconOf(1250)) })
  accept('beacon with the number of a shown block but another hash', {
    ...both,
    log: two(beaconOf(1250), [31337, 1250, labelled('invented block')]),
  })
  accept('beacon with number and hash of a shown block, of another chain', {
    ...both,
    log: two(beaconOf(1250), [1, 1250, blockHash(1250)]),
  })
  const key = (edit) => change((f) => void Object.assign(f.keys[0], edit))
  accept("key revoked after the anchor's block", { at: 2000, ...key({ revokedBlock: 1301 }) })
  accept("key retired at this sequence after the anchor's block", {
    at: 2000,
    ...key({ retiredSeq: 1, retiredBlock: 1301 }),
  })
  accept("key retired at the next sequence in the anchor's block", key({ retiredSeq: 2, retiredBlock: HEAD_BLOCK }))
  accept("key retired at the next sequence before the anchor's block", key({ retiredSeq: 2, retiredBlock: 1100 }))
  accept("key enrolled in the anchor's block", key({ fromBlock: HEAD_BLOCK }))
  const home = (edit) => change((f) => void Object.assign(f.homes[0], edit))
  accept("home log left after the anchor's block", { at: 2000, ...home({ until: 1301 }) })
  accept("home log since the anchor's block", home({ since: HEAD_BLOCK }))
  accept('log that was retired', { at: 2000, ...change((f) => void Object.assign(f.head, { lastGoodSize: 2 })) })
  accept('a node that its parent embeds', {
    log: logOf([tinyBatch()], labelled('log 61016')),
    ...change((f) => {
      f.homes[0].since = 1
      f.extra.registry = [[labelled('slot 7230'), labelled('slot value')]]
    }),
  })
  accept('address, root and block hash that begin with a zero', {
    log: tinyLog({ beacon: beaconOf(921), issuedAt: 1767225900 + 325 }),
    ...change((f) => {
      f.anchorLog = labelled('anchor log 98', 20)
      if ([f.anchorLog, f.head.root, blockHash(921)].some(([first]) => first > 0)) throw new Error('no zero')
    }),
  })
  accept('extensions on the way', {
    ...change((f) => {
      f.extra.registry = [neighbour(SLOTS.key(f.keys[0].thumbprint), 3)]
      f.extra.anchorLog = [neighbour(SLOTS.head(f.homes[0].logId)[1], 3)]
    }),
  })
}
