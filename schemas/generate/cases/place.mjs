/** Places: what a log knows of statements, and the proofs that somebody with the rows makes of them. */

import { BUOY, MILL, STATION } from '../fixtures.mjs'
import { encodeBundle, readPlace } from '../format/bundle.mjs'
import { hex, labelled, unhex } from '../format/bytes.mjs'
import { proofOf } from '../format/place.mjs'
import { fromJson, suite, toJson } from '../suite.mjs'
import { fourBatches, logOf, wideLog } from '../world.mjs'
import { edit, parts } from './bundle-parts.mjs'
import { beaconOf, scene, TINY } from './state-parts.mjs'

const MACHINES = [STATION, BUOY, MILL]
const withoutRows = (bundle) => ({ ...bundle, rows: [] })
const place = (bundle) => hex(encodeBundle(withoutRows(bundle)))

const READERS = {
  place({ place }) {
    const { statements, anchor } = readPlace(unhex(place))
    return {
      caip2: anchor.caip2,
      logId: hex(anchor.logId),
      size: anchor.size,
      statements: statements.map(({ fields, index }) => ({
        id: hex(fields.id),
        machine: fields.machine,
        sequence: fields.sequence,
        logIndex: index,
      })),
    }
  },
  proof({ place, opened, wanted }) {
    const batches = opened.map(({ statement, seed, rows }) => ({ statement, seed: unhex(seed), rows: fromJson(rows) }))
    return { bundle: hex(proofOf(unhex(place), batches, wanted)) }
  },
}

export function placeCases() {
  const cases = suite({
    description:
      'kind place: files without rows, with an anchor of either form; proof: a place, rows `opened` of it (seed and all rows of a batch), those `wanted` as [statement, row], and the `bundle` that shows them.',
    spec: 'schemas/spec/07-bundle.md',
    rules: ['BATCH-33', 'BUNDLE-3', 'BUNDLE-4', 'BUNDLE-6', 'BUNDLE-8', 'BUNDLE-60', 'BUNDLE-61'],
    read: readCase,
  })
  places(cases)
  proofs(cases)
  return cases.file()
}

const readCase = (item) => READERS[item.kind](item)

function places(cases) {
  const accept = (name, bundle) => {
    const item = { kind: 'place', place: place(bundle) }
    cases.accept(name, item, readCase(item))
  }
  const tiny = scene({}).parts
  const two = parts({ 1: [1], 3: [1] }, logOf(fourBatches(beaconOf)))
  accept('of one statement, in a state', tiny)
  accept('of two statements, in a transaction', two)
  const reject = (name, error, bundle) => cases.reject(name, error, { kind: 'place', place: hex(encodeBundle(bundle)) })
  const bent = (name, base, change) => reject(name, 'bundle-invalid', edit(withoutRows(base), change))
  reject('with rows', 'bundle-invalid', tiny)
  bent('without statements', tiny, (b) => {
    b.statements = []
  })
  bent('a key that no statement uses', tiny, (b) => void b.keys.push(two.keys[0]))
  bent('keys not in the order of their use', two, (b) => {
    b.keys.reverse()
    for (const statement of b.statements) statement[1] = 1 - statement[1]
  })
  bent('statements not sorted', two, (b) => {
    b.statements.reverse()
    b.keys.reverse()
  })
  bent('a statement twice', tiny, (b) => void b.statements.push(b.statements[0]))
  bent('a statement twice, at two places of the log', two, (b) => {
    const [bytes, key, definition] = b.statements[0]
    b.statements[1].splice(0, 3, bytes, key, definition)
    b.keys.length = 1
    b.definitions.length = 1
  })
  bent('log path one node short', tiny, (b) => void b.statements[0][4].pop())
  bent('log index equal to the size', tiny, (b) => {
    b.statements[0][3] = TINY.size
  })
  bent('version 2', tiny, (b) => {
    b.version = 2
  })
}

/** kind proof: the rows of batches that were opened, those that are wanted, and the file that comes of it. */
function proofs(cases) {
  const log = wideLog(beaconOf)
  const shown = { 3: [1], 4: [5], 6: [2, 4] }
  const inState = (wanted) => scene({ log, machines: MACHINES, at: 1350, wanted }).parts
  const item = (bundle, opened, wanted) => ({
    kind: 'proof',
    place: place(bundle),
    opened: opened.map(({ rows, seed }, statement) => ({ statement, seed: hex(seed), rows: toJson(rows) })),
    wanted,
  })
  const accept = (name, bundle, indexes, wanted) =>
    cases.accept(
      `proof: ${name}`,
      item(
        bundle,
        indexes.map((index) => log.batches[index]),
        wanted,
      ),
      { bundle: hex(encodeBundle(bundle)) },
    )
  const all = [
    [0, 1],
    [1, 5],
    [2, 2],
    [2, 4],
  ]
  accept('three batches, one of them sealed, in a state', inState(shown), [3, 4, 6], all)
  const sealed = parts({ 6: [2] }, log)
  accept('a row of a sealed batch, in a transaction', sealed, [6], [[0, 2]])
  accept(
    'every row of a sealed batch',
    parts({ 6: [1, 2, 3, 4] }, log),
    [6],
    [1, 2, 3, 4].map((row) => [0, row]),
  )
  const batch = log.batches[6]
  const reject = (name, opened) => cases.reject(`proof: ${name}`, 'root-mismatch', item(sealed, [opened], [[0, 2]]))
  const [time, temperature, humidity] = batch.rows[0]
  reject('an opened row is another than signed', {
    ...batch,
    rows: batch.rows.with(0, [time, temperature + 1, humidity]),
  })
  reject('an opened row is missing', { ...batch, rows: batch.rows.slice(0, -1) })
  reject('a row more than signed', { ...batch, rows: [...batch.rows, batch.rows[0]] })
  reject('two opened rows exchanged', { ...batch, rows: batch.rows.with(0, batch.rows[1]).with(1, batch.rows[0]) })
  reject('another seed', { ...batch, seed: labelled('another seed') })
  reject('rows and seed of another batch', log.batches[1])
}
