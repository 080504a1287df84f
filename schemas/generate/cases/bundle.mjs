/** bundle.json: proof bundles with the chain facts to check them against. */

import { BUOY } from '../fixtures.mjs'
import { encodeBundle } from '../format/bundle.mjs'
import { hex, labelled, unhex } from '../format/bytes.mjs'
import { verifyBundle } from '../format/verify.mjs'
import { suite, toJson } from '../suite.mjs'
import { SIZE } from '../world.mjs'
import { rejectFiles } from './bundle-files.mjs'
import { rejectMixtures } from './bundle-mixtures.mjs'
import { ANCHOR, CHAIN, edit, parts, TRUST, WIDE, WIDE_CHAIN } from './bundle-parts.mjs'

const read = ({ bundle, trust, chain }) => {
  const report = verifyBundle(unhex(bundle), trust, chain)
  return { ...report, rows: report.rows.map((row) => ({ ...row, values: toJson(row.values) })) }
}

export function bundleCases() {
  const cases = suite({
    description:
      'Proof bundles with what the verifier trusts and what the chain says. check: the first check that fails (schemas/spec/07-bundle.md); error: the code, where reading the file already fails. notBefore null: lower bound unverified.',
    spec: 'schemas/spec/07-bundle.md',
    rules: [
      'ANCHOR-11',
      'ANCHOR-14',
      'LOG-1',
      'BUNDLE-1',
      'BUNDLE-2',
      'BUNDLE-3',
      'BUNDLE-4',
      'BUNDLE-5',
      'BUNDLE-6',
      'BUNDLE-7',
      'BUNDLE-8',
      'BUNDLE-10',
      'BUNDLE-11',
      'BUNDLE-12',
      'BUNDLE-13',
      'BUNDLE-14',
      'BUNDLE-15',
      'BUNDLE-16',
      'BUNDLE-17',
      'BUNDLE-18',
      'BUNDLE-19',
      'BUNDLE-30',
      'BUNDLE-40',
      'BUNDLE-41',
    ],
    read,
  })
  const accept = (name, wanted, chain = CHAIN) => {
    const item = { bundle: hex(encodeBundle(parts(wanted))), trust: TRUST, chain }
    cases.accept(name, item, read(item))
  }
  const wide = (name, wanted) => {
    const item = { bundle: hex(encodeBundle(parts(wanted, WIDE))), trust: TRUST, chain: WIDE_CHAIN }
    cases.accept(name, item, read(item))
  }
  accept('one row in a log of five', { 1: [2] })
  accept('two rows of two statements', { 1: [1], 2: [3] })
  accept('all rows of one batch', { 3: [1, 2, 3] })
  accept("three machines' keys, one log root", { 1: [5], 2: [1, 5], 3: [2], 4: [4] })
  accept('a statement without a beacon', { 3: [1] })
  accept(
    'beacon that is not a block of the chain',
    { 1: [2] },
    edit(CHAIN, (c) => {
      c.blocks[0].hash = hex(labelled('other block'))
    }),
  )
  accept(
    'beacon that the verifier could not look up',
    { 1: [2] },
    edit(CHAIN, (c) => {
      c.blocks = []
    }),
  )
  accept(
    'key revoked after the anchor',
    { 1: [2] },
    edit(CHAIN, (c) => {
      c.keys[0].revokedBlock = ANCHOR.block + 1
    }),
  )
  const retired = (name, retiredSeq, retiredBlock) =>
    accept(
      name,
      { 1: [2] },
      edit(CHAIN, (c) => void Object.assign(c.keys[0], { retiredSeq, retiredBlock })),
    )
  retired('key retired at the next sequence before the anchor', 2, 1100)
  retired("key retired at the next sequence in the anchor's block", 2, ANCHOR.block)
  retired('key retired at this sequence after the anchor', 1, ANCHOR.block + 1)
  accept(
    'home log left after the anchor',
    { 1: [2] },
    edit(CHAIN, (c) => {
      c.homes[0].until = ANCHOR.block + 1
    }),
  )
  accept(
    'other tree heads in the same transaction',
    { 1: [2] },
    edit(
      CHAIN,
      (c) => void c.transaction.treeHeads.unshift({ ...c.transaction.treeHeads[0], logId: hex(labelled('other log')) }),
    ),
  )

  wide('a row of a sealed batch, shown by one who can open it', { 6: [2] })
  wide('seven batches of three machines and two streams, keys and definitions once', {
    1: [1],
    2: [3],
    3: [1],
    4: [1, 2],
    5: [2],
    6: [4],
    7: [1],
  })

  rejectFiles(cases)
  rejectMixtures(cases)
  rejectFacts(cases)
  return cases.file()
}

/** A good file, and a chain that says something else. */
function rejectFacts(cases) {
  const bundle = hex(encodeBundle(parts({ 1: [2], 4: [1] })))
  const reject = (name, check, change) =>
    cases.reject(name, `check:${check}`, { bundle, trust: TRUST, chain: edit(CHAIN, change), check })
  cases.reject('verifier trusts another chain', 'check:chain', {
    bundle,
    trust: { ...TRUST, caip2: 'eip155:1' },
    chain: CHAIN,
    check: 'chain',
  })
  const head = (name, change) =>
    reject(`event: ${name}`, 'event', (c) => void change(c.transaction.treeHeads[0], c.transaction))
  head('from another contract', (h) => {
    h.address = hex(labelled('impostor', 20))
  })
  head('of another log', (h) => {
    h.logId = hex(labelled('other log'))
  })
  head('of another size', (h) => {
    h.size = SIZE + 1
  })
  head('of another root', (h) => {
    h.root = hex(labelled('other root'))
  })
  head('missing', (_, t) => {
    t.treeHeads = []
  })
  head('in a transaction that failed', (_, t) => {
    t.status = 0
  })
  head('in a block that is not final', (_, t) => {
    t.final = false
  })
  head('in a block that was reorganised away', (_, t) => {
    t.canonical = false
  })
  head('in another block', (_, t) => {
    t.blockHash = hex(labelled('uncle'))
  })
  reject('registry names another AnchorLog', 'event', (c) => {
    c.anchorLog = hex(labelled('impostor', 20))
  })
  reject('key that nobody enrolled', 'enrolment', (c) => void c.keys.shift())
  reject('key of another machine in the registry', 'enrolment', (c) => {
    c.keys[0].machine = BUOY
  })
  reject('key enrolled after the anchor', 'enrolment', (c) => {
    c.keys[0].fromBlock = ANCHOR.block + 1
  })
  reject("key revoked in the anchor's block", 'enrolment', (c) => {
    c.keys[0].revokedBlock = ANCHOR.block
  })
  reject('key revoked before the anchor', 'enrolment', (c) => {
    c.keys[0].revokedBlock = 1100
  })
  reject("key retired at this sequence in the anchor's block", 'enrolment', (c) => {
    Object.assign(c.keys[0], { retiredSeq: 1, retiredBlock: ANCHOR.block })
  })
  reject('key retired at this sequence before the anchor', 'enrolment', (c) => {
    Object.assign(c.keys[0], { retiredSeq: 1, retiredBlock: 1100 })
  })
  reject('key retired at the next sequence and revoked, both before the anchor', 'enrolment', (c) => {
    Object.assign(c.keys[0], { retiredSeq: 2, retiredBlock: 1100, revokedBlock: 1100 })
  })
  reject('key from block 0, which is no entry', 'enrolment', (c) => {
    c.keys[0].fromBlock = 0
  })
  reject("log that never was the machine's home", 'home', (c) => void c.homes.shift())
  reject('home since block 0, which is no entry', 'home', (c) => {
    Object.assign(c.homes[0], { since: 0, until: 1400 })
  })
  reject('log that became the home after the anchor', 'home', (c) => {
    c.homes[0].since = ANCHOR.block + 1
  })
  reject('home log left before the anchor', 'home', (c) => {
    c.homes[0].until = 1250
  })
  reject("home log left in the anchor's block", 'home', (c) => {
    c.homes[0].until = ANCHOR.block
  })
}
