/** Files made of parts of good files, and things given for what they are not. */

import { station } from '../fixtures.mjs'
import { encodeBundle } from '../format/bundle.mjs'
import { concat, hex } from '../format/bytes.mjs'
import { uncbor } from '../format/cbor.mjs'
import { inclusionPath, root } from '../format/merkle.mjs'
import { p256Sign } from '../format/p256.mjs'
import { signReceipt } from '../format/receipt.mjs'
import { batchLeaves } from '../format/row.mjs'
import { cose } from '../format/statement.mjs'
import { BATCHES, ENTRIES, GENESIS, LEAVES, LOG } from '../world.mjs'
import { CHAIN, edit, parts, TRUST, WIDE, WIDE_CHAIN } from './bundle-parts.mjs'

/** The statement with another signature of the same key: another entry, the same id. */
export function signedAnew(bytes) {
  const [header, , payload] = uncbor(bytes.slice(1))
  return cose(header, new Map(), payload, p256Sign(station.secret, BATCHES[1].statement.tbs, 1))
}

export function rejectMixtures(cases) {
  const reject = (name, check, base, change, chain = CHAIN) =>
    cases.reject(name, `check:${check}`, { bundle: hex(encodeBundle(edit(base, change))), trust: TRUST, chain, check })
  const form = (name, error, base, change) =>
    cases.reject(name, error, {
      bundle: hex(encodeBundle(edit(base, change))),
      trust: TRUST,
      chain: CHAIN,
      check: 'form',
    })
  const small = parts({ 1: [2], 4: [1] })
  const pair = parts({ 1: [2], 3: [1] })
  const large = parts({ 1: [2], 3: [1] }, WIDE)
  const path = (b, at, from) => {
    b.statements[at][4] = from.statements[at][4]
  }
  reject(
    'statements of one file, anchor of another of the same log',
    'event',
    pair,
    (b) => void b.anchor.splice(2, 1, WIDE.size),
    WIDE_CHAIN,
  )
  reject('log paths of another file of the same log', 'event', pair, (b) =>
    [0, 1].forEach((at) => void path(b, at, large)),
  )
  reject('log path of one statement of another file of the same log', 'log', pair, (b) => path(b, 0, large))
  reject(
    'anchor of another file of the same log, on its chain',
    'event',
    large,
    (b) => void b.anchor.splice(2, 1, pair.anchor[2]),
    WIDE_CHAIN,
  )
  reject('row with its path of another batch of the stream', 'rows', small, (b) => {
    b.rows[0] = [0, ...b.rows[1].slice(1)]
  })
  reject('key of another statement of the machine', 'keys', small, (b) => void b.keys.reverse())
  reject('statement with a new signature of its key', 'event', parts({ 1: [2] }), (b) => {
    b.statements[0][0] = signedAnew(ENTRIES[1])
  })
  form('keys not in the order of their use', 'bundle-invalid', small, (b) => {
    b.keys.reverse()
    for (const statement of b.statements) statement[1] = 1 - statement[1]
  })
  form('definitions not in the order of their use', 'bundle-invalid', parts({ 1: [1], 2: [1] }), (b) => {
    b.definitions.reverse()
    for (const statement of b.statements) statement[2] = 1 - statement[2]
  })
  const one = parts({ 1: [2] })
  const receipt = signReceipt({ log: LOG, size: 5, index: 1, path: inclusionPath(1, LEAVES), root: root(LEAVES) }).bytes
  form('receipt given as a statement', 'statement-invalid', one, (b) => {
    b.statements[0][0] = receipt
  })
  form('statement given as a row', 'not-deterministic', one, (b) => {
    b.rows[0][2] = ENTRIES[1]
  })
  form('genesis given as a row', 'row-invalid', one, (b) => {
    b.rows[0][2] = GENESIS
  })
  form('two leaves of the log given as a statement', 'statement-invalid', one, (b) => {
    b.statements[0][0] = concat(LEAVES[0], LEAVES[1])
  })
  // the first of these two begins with a small integer, so that bytes after an item are their only fault as CBOR
  const { definition, seed, rows } = BATCHES[3]
  const leaves = batchLeaves(definition, seed, rows)
  form('two leaves of the batch given as a row', 'malformed', parts({ 3: [1] }), (b) => {
    b.rows[0][2] = concat(leaves[2], leaves[3])
  })
}
