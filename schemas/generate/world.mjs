/** A log of five entries, seen whole: genesis, two statements of the station, one of the buoy, one of the station's second key. */

import {
  ANCHOR_LOG,
  BUOY,
  beaconAt,
  buoy,
  CAIP2,
  eventRows,
  eventsBytes,
  fields,
  log,
  ORIGIN,
  OWNER,
  station,
  stationNext,
  T0,
  weatherBytes,
  weatherRows,
} from './fixtures.mjs'
import { openBatch } from './format/batch.mjs'
import { labelled } from './format/bytes.mjs'
import { readKey } from './format/keys.mjs'
import { encodeGenesis, logIdOf } from './format/log.mjs'
import { leafHash, root } from './format/merkle.mjs'

export const LOG = { origin: ORIGIN, publicKey: readKey(log.key).publicKey, sign: log.sign }
export const GENESIS = encodeGenesis({ origin: ORIGIN, publicKey: LOG.publicKey, caip2: CAIP2, anchorLog: ANCHOR_LOG })
export const LOG_ID = logIdOf(OWNER, GENESIS)

const batch = (signer, definition, rows, label, overrides) => ({
  key: signer.key,
  definition,
  rows,
  seed: labelled(label),
  ...openBatch({ definition, rows, seed: labelled(label), signer, fields: fields(overrides) }),
})

const first = batch(station, weatherBytes, weatherRows, 'batch 1', {})
const second = batch(station, eventsBytes, eventRows, 'batch 2', {
  sequence: 2,
  prev: first.statement.id,
  issuedAt: 1767226000,
  beacon: beaconAt(1204),
})
const third = batch(buoy, weatherBytes, weatherRows.slice(0, 3), 'batch 3', {
  machine: BUOY,
  boot: labelled('buoy boot', 8),
  beacon: null,
  clockQuality: 1,
})
const fourth = batch(
  stationNext,
  weatherBytes,
  weatherRows.map(([t, ...v]) => [t + 3600000, ...v]),
  'batch 4',
  {
    sequence: 3,
    prev: second.statement.id,
    boot: labelled('second boot', 8),
    issuedAt: T0 / 1000 + 4000,
    beacon: beaconAt(1210),
  },
)

/** Batches by log index; index 0 is the genesis and has none. */
export const BATCHES = [undefined, first, second, third, fourth]
export const ENTRIES = [GENESIS, ...BATCHES.slice(1).map(({ statement }) => statement.bytes)]
export const LEAVES = ENTRIES.map((entry) => leafHash(entry))
export const SIZE = ENTRIES.length
export const ROOT = root(LEAVES)
