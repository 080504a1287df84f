/** Files anchored in a state with one fault each: of the header, the entries, the beacons, the chain. */

import { stranger } from '../fixtures.mjs'
import { flip, hex, labelled } from '../format/bytes.mjs'
import { kid } from '../format/keys.mjs'
import { rlp, unrlp } from '../format/rlp.mjs'
import { collect, encodeHeader, HISTORY, WINDOW } from '../format/state.mjs'
import { keccak } from '../format/trie.mjs'
import { logOf } from '../world.mjs'
import { ANCHOR, edit, TRUST } from './bundle-parts.mjs'
import {
  beaconOf,
  blockHash,
  blockHeader,
  caseOf,
  chainOf,
  HEAD_BLOCK,
  scene,
  timeOf,
  tinyBatch,
  tinyLog,
} from './state-parts.mjs'

export const [HEADER, NODES, BEACONS] = [3, 4, 5]
/** A scene whose file was changed after it was made. */
export const bent = (base, change) => ({ ...base, parts: edit(base.parts, change) })

export function rejectStates(cases) {
  const reject = (name, check, bad, rest) => cases.reject(name, `check:${check}`, { ...caseOf(bad, rest), check })
  const plain = scene({})
  rejectHeaders(reject, plain)
  rejectEntries(reject)
  rejectBeacons(reject)
  rejectOnline(cases)
  rejectForms(cases, plain)
}

/** Extra data that makes a header of that many bytes, its number and time being those of the head's block. */
const longExtra = (length) => {
  const filled = (count) =>
    encodeHeader({ number: HEAD_BLOCK, time: timeOf(HEAD_BLOCK), stateRoot: labelled(''), 13: new Uint8Array(count) })
  return new Uint8Array(8000 + length - filled(8000).length)
}

/** Item n of a header, counted from 1, with its last bit changed. */
const bentItem = (bytes, n) =>
  rlp(unrlp(bytes, 1).map((item, i) => (i === n - 1 ? flip(item, 8 * item.length - 8) : item)))

function rejectHeaders(reject, plain) {
  const other = scene({ at: 1400 })
  reject('another block is trusted', 'block', { ...plain, blockHash: other.blockHash })
  reject('hash of the state root is trusted', 'block', { ...plain, blockHash: hex(keccak(plain.state.root)) })
  const header = (name, check, change) =>
    reject(
      name,
      check,
      bent(plain, (b) => {
        b.anchor[HEADER] = change(b.anchor[HEADER])
      }),
    )
  header('header of another block with the same state', 'block', () => other.parts.anchor[HEADER])
  header('a bit of the time in the header changed', 'block', (bytes) => bentItem(bytes, 12))
  header('a bit of the state root in the header changed', 'state', (bytes) => bentItem(bytes, 4))
  header('header cut short', 'state', (bytes) => bytes.slice(0, -1))
  header('a byte after the header', 'state', (bytes) => Uint8Array.of(...bytes, 0))
  header('header that is the hash of the block', 'state', (bytes) => keccak(bytes))
  header('header of no bytes', 'state', () => new Uint8Array(0))
  reject('header of 8193 bytes, though its hash is trusted', 'state', scene({ header: { 13: longExtra(8193) } }))
  reject('header of 14 items, though its hash is trusted', 'state', scene({ header: { items: 14 } }))
}

/** What the contracts hold is proven, and it is not what the rules ask for. */
function rejectEntries(reject) {
  const of = (part) => (name, check, changes, rest) =>
    reject(name, check, scene({ ...rest, change: (f) => void Object.assign(part(f), changes) }))
  const head = of((f) => f.head)
  head('head of another size', 'head', { size: 3 })
  head('head of another root', 'head', { root: labelled('other root') })
  head('head of size 0', 'head', { size: 0 })
  head('head of a block after the header', 'head', { blockNumber: HEAD_BLOCK + 1 })
  head('head of a time after the header', 'head', { time: 2 ** 40 })
  const key = of((f) => f.keys[0])
  key('key retired without a block', 'state', { retiredSeq: 5 })
  key('key retired without a sequence', 'state', { retiredBlock: HEAD_BLOCK + 1 })
  key('key retired before it was enrolled', 'state', { retiredSeq: 5, retiredBlock: 999 })
  key('key revoked before it was enrolled', 'state', { revokedBlock: 999 })
  key("key revoked in the anchor's block", 'enrolment', { revokedBlock: HEAD_BLOCK })
  key("key revoked before the anchor's block", 'enrolment', { revokedBlock: 1100 })
  key("key retired at this sequence in the anchor's block", 'enrolment', { retiredSeq: 1, retiredBlock: HEAD_BLOCK })
  key("key retired at this sequence before the anchor's block", 'enrolment', { retiredSeq: 1, retiredBlock: 1100 })
  key('key from block 0, which is no entry', 'enrolment', { fromBlock: 0 })
  key("key enrolled after the anchor's block, before the header's", 'enrolment', { fromBlock: 1301 }, { at: 2000 })
  key('key of another machine', 'enrolment', { machine: kid(stranger.key) })
  const home = of((f) => f.homes[0])
  home('home since block 0, which is no entry', 'home', { since: 0, until: HEAD_BLOCK + 100 })
  home("home log left in the anchor's block", 'home', { until: HEAD_BLOCK })
  home("home log left before the anchor's block", 'home', { until: 1250 })
  home("log that became the home after the anchor's block", 'home', { since: 1301 }, { at: 2000 })
  const first = tinyBatch()
  const second = tinyBatch({ sequence: 2, prev: first.statement.id }, 'tiny batch 2')
  const log = logOf([first, second])
  const retired = { log, wanted: { 1: [1], 2: [1] } }
  key('key retired before the second of two statements', 'enrolment', { retiredSeq: 2, retiredBlock: 1100 }, retired)
}

function rejectBeacons(reject) {
  const claiming = (...numbers) => {
    const batches = []
    for (const [i, number] of numbers.entries())
      batches.push(
        tinyBatch(
          { beacon: beaconOf(number), sequence: i + 1, prev: i === 0 ? null : batches[i - 1].statement.id },
          `tiny batch ${i}`,
        ),
      )
    return { log: logOf(batches), wanted: Object.fromEntries(numbers.map((_, i) => [i + 1, [1]])) }
  }
  const state = (name, scenery) => reject(`beacon header: ${name}`, 'state', scene(scenery))
  const one = claiming(1250)
  state('8192 blocks before the header', { ...one, at: 1250 + WINDOW + 1, beacons: [1250] })
  state("the header's own number", { ...claiming(HEAD_BLOCK), beacons: [HEAD_BLOCK] })
  state("above the anchor's block", { ...claiming(1301), at: 2000, beacons: [1301] })
  state('that no statement names', { ...one, beacons: [1249, 1250] })
  state('of a statement without a beacon', { beacons: [1250] })
  state('twice', { ...one, beacons: [1250, 1250] })
  state('not sorted', { ...claiming(1250, 1260), beacons: [1260, 1250] })
  state('of a beacon of another chain', { log: tinyLog({ beacon: [1, 1250, blockHash(1250)] }), beacons: [1250] })
  state('of a beacon with another hash', {
    log: tinyLog({ beacon: [31337, 1250, labelled('invented block')] }),
    beacons: [1250],
  })
  state('that the history contract does not know', {
    ...one,
    change: (f) => {
      f.history = [[1251, blockHash(1251)]]
    },
  })
  state('whose slot holds another hash', {
    ...one,
    change: (f) => {
      f.history = [[1250, blockHash(1250 + WINDOW)]]
    },
  })
  state('in a state without the history contract', {
    ...one,
    change: (f) => {
      f.history = []
    },
  })
  const invented = scene({ ...one })
  const forged = bentItem(blockHeader(1250), 12)
  reject(
    'beacon header: invented, with the signed number',
    'state',
    bent(invented, (b) => void b.anchor[BEACONS].splice(0, 1, forged)),
  )
  const lied = scene({ log: tinyLog({ beacon: [31337, 1250, keccak(forged)] }), beacons: [1250] })
  reject(
    'beacon header: invented, with signed number and hash',
    'state',
    bent(lied, (b) => void b.anchor[BEACONS].splice(0, 1, forged)),
  )
  reject(
    'beacon header: left out, its nodes not',
    'state',
    bent(invented, (b) => void b.anchor[BEACONS].pop()),
  )
  reject(
    'beacon header: its nodes left out',
    'state',
    bent(invented, (b) => {
      b.anchor[NODES] = collect(
        invented.state,
        invented.reads.filter(([a]) => hex(a) !== hex(HISTORY)),
      )
    }),
  )
  reject(
    'beacon header: cut short',
    'state',
    bent(invented, (b) => {
      b.anchor[BEACONS][0] = b.anchor[BEACONS][0].slice(0, -1)
    }),
  )
}

/** A verifier with access to the chain, and none with a trusted hash. */
function rejectOnline(cases) {
  const good = scene({ at: 1400 })
  const reject = (name, check, change) => {
    const { blockHash: _, ...item } = caseOf(good, { chain: edit(chainOf(good), change), check })
    cases.reject(`with the chain: ${name}`, `check:${check}`, item)
  }
  reject('block that is not final', 'block', (c) => {
    c.finalized = 1399
  })
  reject('block that was reorganised away', 'block', (c) => {
    c.blocks[0].hash = hex(labelled('uncle'))
  })
  reject('registry that names another AnchorLog', 'state', (c) => {
    c.anchorLog = hex(labelled('elsewhere', 20))
  })
  reject('key retired at this sequence before the anchor', 'enrolment', (c) => {
    Object.assign(c.keys[0], { retiredSeq: 1, retiredBlock: 1200 })
  })
  reject('key revoked before the anchor', 'enrolment', (c) => {
    c.keys[0].revokedBlock = 1200
  })
  reject('key that the registry does not know', 'enrolment', (c) => void c.keys.pop())
  reject('home log left before the anchor', 'home', (c) => {
    c.homes[0].until = 1200
  })
  reject('log that is no home', 'home', (c) => void c.homes.pop())
}

/** Forms, and what a verifier without the chain cannot say. */
function rejectForms(cases, plain) {
  const form = (name, change) =>
    cases.reject(name, 'bundle-invalid', {
      ...caseOf(bent(plain, change)),
      check: 'form',
    })
  form('no nodes', (b) => {
    b.anchor[NODES] = []
  })
  form('nodes that are no bytes', (b) => {
    b.anchor[NODES][0] = 5
  })
  form('beacon headers that are no list', (b) => {
    b.anchor[BEACONS] = null
  })
  form('anchor with a seventh item', (b) => void b.anchor.push([]))
  form('transaction anchor with a header', (b) => {
    b.anchor[NODES] = ANCHOR.hash
    b.anchor[BEACONS] = ANCHOR.tx
  })
  const byTransaction = bent(plain, (b) => {
    b.anchor = [...b.anchor.slice(0, 3), ANCHOR.block, ANCHOR.hash, ANCHOR.tx]
  })
  const reject = (name, check, bad, rest = {}) => cases.reject(name, `check:${check}`, { ...caseOf(bad, rest), check })
  reject('anchor with a transaction', 'unchecked', byTransaction)
  reject('anchor with a transaction of another chain', 'chain', byTransaction, {
    trust: { ...TRUST, caip2: 'eip155:1' },
  })
  reject('state of another chain', 'chain', plain, { trust: { ...TRUST, caip2: 'eip155:1' } })
  reject('no chain is trusted', 'unchecked', plain, { trust: { registry: TRUST.registry } })
  reject('another registry is trusted', 'state', plain, {
    trust: { ...TRUST, registry: hex(labelled('elsewhere', 20)) },
  })
  const { blockHash: _, ...unknown } = caseOf(plain, { check: 'unchecked' })
  cases.reject('neither block nor chain known', 'check:unchecked', unknown)
  const signature = (b) => {
    b.statements[0][0] = flip(b.statements[0][0], 8 * b.statements[0][0].length - 200)
  }
  reject('signature changed', 'signatures', bent(plain, signature))
  reject('anchor with a transaction, signature changed', 'signatures', bent(byTransaction, signature))
}
