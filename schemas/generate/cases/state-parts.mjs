/** What the state cases share: a chain whose state holds registry, AnchorLog and history, and files anchored in it. */

import {
  ANCHOR_LOG,
  BUOY,
  buoy,
  CAIP2,
  column,
  MILL,
  mill,
  REGISTRY,
  STATION,
  station,
  stationNext,
  T0,
} from '../fixtures.mjs'
import { homeSlot, keySlot, logSlots } from '../format/anchor.mjs'
import { encodeBundle } from '../format/bundle.mjs'
import { concat, hex, labelled, unbase32 } from '../format/bytes.mjs'
import { encodeDefinition } from '../format/definition.mjs'
import { kid, thumbprint } from '../format/keys.mjs'
import { buildState, collect, encodeHeader, HISTORY, readsOf, SLOTS, WINDOW } from '../format/state.mjs'
import { keccak } from '../format/trie.mjs'
import { batch, logOf } from '../world.mjs'
import { parts, TRUST } from './bundle-parts.mjs'

export const HEAD_BLOCK = 1300
export const timeOf = (number) => T0 / 1000 + (number - 1200) * 80

/** The header of any block that is not the file's own; 15 items, nothing in those that nobody reads. */
export const blockHeader = (number) =>
  encodeHeader({ number, time: timeOf(number), stateRoot: labelled(`state ${number}`) })
export const blockHash = (number) => keccak(blockHeader(number))
/** Beacons of this chain: unlike those of fixtures, their hashes are hashes of headers. */
export const beaconOf = (number) => [31337, number, blockHash(number)]

/** Items of a header as Ethereum has them since Prague; `items` 15 for the first form. */
export const mainnetItems = (items) => ({
  items,
  1: labelled('parent'),
  2: labelled('ommers'),
  3: labelled('beneficiary', 20),
  5: labelled('transactions'),
  6: labelled('receipts'),
  7: concat(...Array.from({ length: 8 }, (_, i) => labelled(`bloom ${i}`))),
  8: new Uint8Array(0),
  10: Uint8Array.of(0x02, 0x25, 0x51, 0x00),
  11: Uint8Array.of(0x01, 0x31, 0x2d, 0x00),
  13: labelled('extra data', 12),
  14: labelled('randao'),
  15: new Uint8Array(8),
  ...(items > 15 && {
    16: Uint8Array.of(0x07),
    17: labelled('withdrawals'),
    18: Uint8Array.of(0x02, 0x00, 0x00),
    19: new Uint8Array(0),
    20: labelled('beacon root'),
    21: labelled('requests'),
  }),
  ...(items > 21 && { 22: labelled('item 22'), 23: Uint8Array.of(0x05) }),
})

const tiny = encodeDefinition({ stream: 'level', columns: [column('level', 'm', -3)] })
export const tinyBatch = (overrides = {}, label = 'tiny batch', signer = buoy) =>
  batch(signer, tiny, [[T0, 1742]], label, {
    machine: BUOY,
    boot: labelled('buoy boot', 8),
    beacon: null,
    ...overrides,
  })
/** A log of one statement with one row, so that files with faults stay small. */
export const tinyLog = (overrides) => logOf([tinyBatch(overrides)])
export const TINY = tinyLog()

const keyOf = (key, machine, changes = {}) => ({
  thumbprint: thumbprint(key),
  machine: kid(machine),
  fromBlock: 1000,
  retiredSeq: 0,
  retiredBlock: 0,
  revokedBlock: 0,
  ...changes,
})

/** What the contracts hold for a log. `machines`: only these (as in tiny states), or all. */
export const factsOf = (log, machines = [BUOY]) => {
  const known = (machine) => machines.includes(machine)
  return {
    registry: REGISTRY,
    anchorLog: ANCHOR_LOG,
    keys: [
      ...(known(STATION) ? [keyOf(station.key, station.key, { retiredSeq: 3, retiredBlock: 1208 })] : []),
      ...(known(STATION) ? [keyOf(stationNext.key, station.key, { fromBlock: 1208 })] : []),
      ...(known(BUOY) ? [keyOf(buoy.key, buoy.key)] : []),
      ...(known(MILL) ? [keyOf(mill.key, mill.key, { fromBlock: 1001 })] : []),
    ],
    homes: machines.map((machine) => ({ machine: unbase32(machine), logId: log.id, since: 1000, until: 0 })),
    head: { root: log.root, size: log.size, time: timeOf(HEAD_BLOCK), blockNumber: HEAD_BLOCK, lastGoodSize: 0 },
    history: [],
    fillers: { accounts: 1, slots: 1 },
    others: [],
    extra: { registry: [], anchorLog: [] },
    tries: {},
  }
}

const pair = ({ slot, value }) => [slot, value]
const fillerSlots = (label, count) => Array.from({ length: count }, (_, i) => filler(`${label} ${i}`))
export const filler = (label) => [labelled(`${label} slot`), labelled(`${label} value`)]

/** Slots of a registry and of an AnchorLog that hold these facts. */
export const registryStorage = ({ anchorLog, named = anchorLog, keys, homes, fillers, extra }) => [
  ...(named.some((byte) => byte > 0) ? [[SLOTS.anchorLog(), concat(new Uint8Array(12), named)]] : []),
  ...keys.map((entry) => pair(keySlot(entry.thumbprint, entry))),
  ...homes.map((home) => pair(homeSlot(home.machine, home.logId, home))),
  ...fillerSlots('registry', fillers.slots),
  ...extra.registry,
]
export const logStorage = ({ head, fillers, extra }, logId) => [
  ...logSlots(logId, head).map(pair),
  ...fillerSlots('anchor log', fillers.slots),
  ...extra.anchorLog,
]

function accountsOf(facts, logId) {
  const history = facts.history.map(([number, hash]) => [SLOTS.block(number), hash])
  return [
    { address: facts.registry, storage: registryStorage(facts), trie: facts.tries.registry, ...facts.registryAccount },
    { address: facts.anchorLog, storage: logStorage(facts, facts.stored ?? logId), trie: facts.tries.anchorLog },
    ...(history.length > 0 ? [{ address: HISTORY, storage: history }] : []),
    ...Array.from({ length: facts.fillers.accounts }, (_, i) => ({
      address: labelled(`account ${i}`, 20),
      balance: 10n ** 18n + BigInt(i),
    })),
    ...facts.others,
  ]
}

/** A filler slot whose path begins like that of another slot, so that the trie has an extension. */
export function neighbour(slot, nibbles) {
  const wanted = hex(keccak(slot)).slice(0, nibbles)
  for (let i = 0; ; i++) {
    const candidate = labelled(`neighbour ${i}`)
    if (hex(keccak(candidate)).startsWith(wanted)) return [candidate, labelled('neighbour value')]
  }
}

/** Beacons that a header at `at` can show, of the statements of a file. */
const provable = (statements, at) => {
  const claims = statements.flatMap(({ beacon }) => (beacon && beacon[0] === 31337 ? [beacon[1]] : []))
  return [...new Set(claims)].filter((n) => n < at && n >= at - WINDOW && n <= HEAD_BLOCK).sort((a, b) => a - b)
}

/**
 * A file anchored in a state: parts, blockHash, and state and reads to take other nodes. `at`: number of the header's block; `change`
 * edits the facts; `beacons`: numbers of the beacon headers; `header`: further items of the header.
 */
export function scene({ log = TINY, wanted = { 1: [1] }, machines, at = HEAD_BLOCK, change, beacons, header = {} }) {
  const facts = factsOf(log, machines)
  const base = parts(wanted, log)
  const signed = Object.keys(wanted).map((index) => log.batches[index].fields)
  const shown = beacons ?? provable(signed, at)
  facts.history = [...new Set(shown)].map((number) => [number, blockHash(number)])
  change?.(facts)
  const state = buildState(accountsOf(facts, log.id), facts.tries.state)
  const reads = readsOf({
    registry: REGISTRY,
    anchorLog: facts.anchorLog,
    thumbprints: base.keys.map(thumbprint),
    machines: [...new Set(signed.map(({ machine }) => machine))].map(unbase32),
    logId: log.id,
    beacons: shown,
  })
  const own = encodeHeader({ number: at, time: timeOf(at), stateRoot: state.root, ...header })
  const anchor = [CAIP2, log.id, log.size, own, collect(state, reads), shown.map(blockHeader)]
  return { parts: { ...base, anchor }, blockHash: hex(keccak(own)), state, reads, facts, log, at }
}

/** The case of a scene, whose parts may have been changed. */
export const caseOf = ({ parts, blockHash }, rest = {}) => ({
  kind: 'bundle',
  bundle: hex(encodeBundle(parts)),
  trust: TRUST,
  blockHash,
  ...rest,
})

/** Facts of the chain for a verifier that has access to it, agreeing with a scene. */
export function chainOf({ facts, blockHash, log, at }) {
  const machineText = (bytes) => [BUOY, STATION, MILL].find((id) => hex(unbase32(id)) === hex(bytes))
  return {
    anchorLog: hex(facts.anchorLog),
    keys: facts.keys.map((entry) => ({
      ...entry,
      thumbprint: hex(entry.thumbprint),
      machine: machineText(entry.machine),
    })),
    homes: facts.homes.map(({ machine, since, until }) => ({
      machine: machineText(machine),
      logId: hex(log.id),
      since,
      until,
    })),
    blocks: [{ number: at, hash: blockHash, time: timeOf(at) }],
    finalized: at + 64,
  }
}
