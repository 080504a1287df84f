/** What the bundle cases share: the anchor, the chain that confirms it, and the parts of a good bundle. */

import {
  ANCHOR_LOG,
  BUOY,
  beaconAt,
  buoy,
  CAIP2,
  MILL,
  mill,
  REGISTRY,
  STATION,
  station,
  stationNext,
  T0,
} from '../fixtures.mjs'
import { hex, labelled } from '../format/bytes.mjs'
import { thumbprint } from '../format/keys.mjs'
import { inclusionPath } from '../format/merkle.mjs'
import { batchLeaves, encodeRow, saltOf } from '../format/row.mjs'
import { FIVE, LOG_ID, ROOT, SIZE, wideLog } from '../world.mjs'

export const ANCHOR = { block: 1300, hash: labelled('block 1300'), tx: labelled('transaction'), time: T0 / 1000 + 8000 }
export const TRUST = { caip2: CAIP2, registry: hex(REGISTRY) }
const keyEntry = (key, machine, changes = {}) => ({
  thumbprint: hex(thumbprint(key)),
  machine,
  fromBlock: 1000,
  retiredSeq: 0,
  retiredBlock: 0,
  revokedBlock: 0,
  ...changes,
})
function blockAt(number) {
  return { number, hash: hex(labelled(`block ${number}`)), time: T0 / 1000 + (number - 1200) * 12 }
}
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
    keyEntry(station.key, STATION, { retiredSeq: 3, retiredBlock: 1208 }),
    keyEntry(stationNext.key, STATION, { fromBlock: 1208 }),
    keyEntry(buoy.key, BUOY),
  ],
  homes: [STATION, BUOY].map((machine) => ({ machine, logId: hex(LOG_ID), since: 1000, until: 0 })),
  blocks: [1200, 1204, 1210].map(blockAt),
}

/** The log goes on for three entries, and a third machine is there. */
export const WIDE = wideLog(beaconAt)
export const WIDE_CHAIN = edit(CHAIN, (chain) => {
  Object.assign(chain.transaction.treeHeads[0], { size: WIDE.size, root: hex(WIDE.root) })
  chain.keys.push(keyEntry(mill.key, MILL, { fromBlock: 1001 }))
  chain.homes.push({ ...chain.homes[0], machine: MILL })
  chain.blocks.push(blockAt(1211))
})

/** Parts of a bundle that proves rows {logIndex: [row indexes]} of a log. */
export function parts(wanted, log = FIVE) {
  const indexes = Object.keys(wanted).map(Number)
  const unique = (items) => items.filter((item, i) => items.indexOf(item) === i)
  const keys = unique(indexes.map((i) => log.batches[i].key))
  const definitions = unique(indexes.map((i) => log.batches[i].definition))
  return {
    keys,
    definitions,
    statements: indexes.map((i) => [
      log.entries[i],
      keys.indexOf(log.batches[i].key),
      definitions.indexOf(log.batches[i].definition),
      i,
      inclusionPath(i, log.leaves),
    ]),
    rows: indexes.flatMap((i, at) => wanted[i].map((index) => [at, index, ...rowProof(log.batches[i], index)])),
    anchor: [CAIP2, log.id, log.size, ANCHOR.block, ANCHOR.hash, ANCHOR.tx],
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
