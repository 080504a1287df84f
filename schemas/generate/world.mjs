/**
 * Logs seen whole. The log of five: genesis, two statements of the station, one of the buoy, one of the station's second key. The
 * wide log goes on with a second stream of the buoy, a sealed batch of the mill and a second stream of the station's second key.
 */

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
  MILL,
  mill,
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
import { sealedBatch, x25519Public } from './format/sealed.mjs'

export const LOG = { origin: ORIGIN, publicKey: readKey(log.key).publicKey, sign: log.sign }
export const GENESIS = encodeGenesis({ origin: ORIGIN, publicKey: LOG.publicKey, caip2: CAIP2, anchorLog: ANCHOR_LOG })
export const LOG_ID = logIdOf(OWNER, GENESIS)

/** An open batch and all that is needed to prove its rows. */
export const batch = (signer, definition, rows, label, overrides) => ({
  key: signer.key,
  definition,
  rows,
  seed: labelled(label),
  fields: fields(overrides),
  ...openBatch({ definition, rows, seed: labelled(label), signer, fields: fields(overrides) }),
})

/** A log of batches: {batches, entries, leaves, size, root, id}; index 0 is the genesis and has no batch. */
export function logOf(batches, id = LOG_ID) {
  const entries = [GENESIS, ...batches.map(({ statement }) => statement.bytes)]
  const leaves = entries.map((entry) => leafHash(entry))
  return { batches: [undefined, ...batches], entries, leaves, size: entries.length, root: root(leaves), id }
}

/** The four batches of the log of five. `beaconAt(number)` is the beacon that a machine heard of a block. */
export function fourBatches(beaconAt) {
  const first = batch(station, weatherBytes, weatherRows, 'batch 1', { beacon: beaconAt(1200) })
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
  const fourth = batch(stationNext, weatherBytes, hourLater(weatherRows), 'batch 4', {
    sequence: 3,
    prev: second.statement.id,
    boot: labelled('second boot', 8),
    issuedAt: T0 / 1000 + 4000,
    beacon: beaconAt(1210),
  })
  return [first, second, third, fourth]
}

const hourLater = (rows) => rows.map(([t, ...v]) => [t + 3600000, ...v])

/** Three machines, four keys, two streams, seven batches of which one is sealed. */
export function wideLog(beaconAt) {
  const four = fourBatches(beaconAt)
  const events = batch(buoy, eventsBytes, eventRows.slice(0, 2), 'batch 5', {
    machine: BUOY,
    boot: labelled('buoy boot', 8),
    sequence: 2,
    prev: four[2].statement.id,
    beacon: beaconAt(1210),
  })
  const last = batch(stationNext, eventsBytes, eventRows.slice(1, 4), 'batch 7', {
    sequence: 4,
    prev: four[3].statement.id,
    boot: labelled('second boot', 8),
    beacon: beaconAt(1211),
  })
  return logOf([...four, events, sealedOfMill(beaconAt), last])
}

function sealedOfMill(beaconAt) {
  const recipients = [
    { publicKey: x25519Public(labelled('buyer x25519')), ephemeralSecret: labelled('buyer ephemeral') },
  ]
  const rows = weatherRows.slice(0, 4)
  const signed = fields({ machine: MILL, boot: labelled('mill boot', 8), beacon: beaconAt(1204) })
  const sealed = sealedBatch({
    definition: weatherBytes,
    batchKey: labelled('batch key of the mill'),
    rows,
    recipients,
    fields: signed,
    signer: mill,
  })
  return { key: mill.key, definition: weatherBytes, rows, fields: signed, ...sealed }
}

const five = logOf(fourBatches(beaconAt))
/** Batches by log index; index 0 is the genesis and has none. */
export const BATCHES = five.batches
export const ENTRIES = five.entries
export const LEAVES = five.leaves
export const SIZE = five.size
export const ROOT = five.root
export const FIVE = five
