/** What the bundle cases share: the anchor, the chain that confirms it, and the parts of a good bundle. */

import { ANCHOR_LOG, BUOY, buoy, CAIP2, REGISTRY, STATION, station, stationNext, T0 } from '../fixtures.mjs'
import { hex, labelled } from '../format/bytes.mjs'
import { thumbprint } from '../format/keys.mjs'
import { inclusionPath } from '../format/merkle.mjs'
import { batchLeaves, encodeRow, saltOf } from '../format/row.mjs'
import { BATCHES, ENTRIES, LEAVES, LOG_ID, ROOT, SIZE } from '../world.mjs'

export const ANCHOR = { block: 1300, hash: labelled('block 1300'), tx: labelled('transaction'), time: T0 / 1000 + 8000 }
export const TRUST = { caip2: CAIP2, registry: hex(REGISTRY) }
const keyEntry = (key, machine, changes = {}) => ({
  thumbprint: hex(thumbprint(key)),
  machine,
  fromBlock: 1000,
  retiredSeq: 0,
  revokedBlock: 0,
  flags: 0,
  ...changes,
})
export const CHAIN = {
  anchorLog: hex(ANCHOR_LOG),
  transaction: {
    txHash: hex(ANCHOR.tx),
    status: 1,
    blockNumber: ANCHOR.block,
    blockHash: hex(ANCHOR.hash),
    blockTime: ANCHOR.time,
    canonical: true,
    final: true,
    treeHeads: [{ address: hex(ANCHOR_LOG), logId: hex(LOG_ID), size: SIZE, root: hex(ROOT) }],
  },
  keys: [
    keyEntry(station.key, STATION, { retiredSeq: 3 }),
    keyEntry(stationNext.key, STATION, { fromBlock: 1208 }),
    keyEntry(buoy.key, BUOY, { flags: 1 }),
  ],
  homes: [STATION, BUOY].map((machine) => ({ machine, logId: hex(LOG_ID), since: 1000, until: 0 })),
  blocks: [1200, 1204, 1210].map((number) => ({
    number,
    hash: hex(labelled(`block ${number}`)),
    time: T0 / 1000 + (number - 1200) * 12,
  })),
}

/** Parts of a bundle that proves rows {logIndex: [row indexes]}. */
export function parts(wanted, size = SIZE) {
  const indexes = Object.keys(wanted).map(Number)
  const unique = (items) => items.filter((item, i) => items.indexOf(item) === i)
  const keys = unique(indexes.map((i) => BATCHES[i].key))
  const definitions = unique(indexes.map((i) => BATCHES[i].definition))
  return {
    keys,
    definitions,
    statements: indexes.map((i) => [
      ENTRIES[i],
      keys.indexOf(BATCHES[i].key),
      definitions.indexOf(BATCHES[i].definition),
      i,
      inclusionPath(i, LEAVES.slice(0, size)),
    ]),
    rows: indexes.flatMap((i, at) => wanted[i].map((index) => [at, index, ...rowProof(BATCHES[i], index)])),
    anchor: [CAIP2, LOG_ID, size, ANCHOR.block, ANCHOR.hash, ANCHOR.tx],
  }
}

const rowProof = ({ definition, seed, rows }, index) => [
  encodeRow(saltOf(seed, index), rows[index - 1]),
  inclusionPath(index, batchLeaves(definition, seed, rows)),
]

/** A changed copy. */
export function edit(value, change) {
  const copy = structuredClone(value)
  change(copy)
  return copy
}
