/** anchor.json: log id, event, storage slots and signed words of the contracts. */

import { buoy, CHAIN_ID, OWNER, REGISTRY, station, stationNext, T0 } from '../fixtures.mjs'
import { enrolDigest, homeSlot, keySlot, logSlots, rotateDigest, treeHeadEvent } from '../format/anchor.mjs'
import { hex, labelled, sha256, unhex } from '../format/bytes.mjs'
import { kid, thumbprint, verifies } from '../format/keys.mjs'
import { logIdOf } from '../format/log.mjs'
import { leafHash } from '../format/merkle.mjs'
import { suite } from '../suite.mjs'
import { GENESIS, LOG_ID, ROOT, SIZE } from '../world.mjs'

const slotJson = ({ slot, value }) => ({ slot: hex(slot), value: hex(value) })

const READERS = {
  'log-id': ({ owner, genesis }) => ({
    genesisLeafHash: hex(leafHash(unhex(genesis))),
    logId: hex(logIdOf(unhex(owner), unhex(genesis))),
  }),
  'tree-head': ({ logId, size, root }) => {
    const { topics, data } = treeHeadEvent(unhex(logId), size, unhex(root))
    return { topics: topics.map(hex), data: hex(data) }
  },
  'log-slots': ({ logId, head }) => ({
    slots: logSlots(unhex(logId), { ...head, root: unhex(head.root) }).map(slotJson),
  }),
  'key-slot': ({ thumbprint, entry }) =>
    slotJson(keySlot(unhex(thumbprint), { ...entry, machine: unhex(entry.machine) })),
  'home-slot': ({ machine, logId, home }) => slotJson(homeSlot(unhex(machine), unhex(logId), home)),
  enrol: (item) => {
    const { chainId, registry, owner, homeLog, key, nonce, deadline, signature } = item
    const words = { owner: unhex(owner), homeLog: unhex(homeLog), thumbprint: thumbprint(unhex(key)), nonce, deadline }
    return signed(enrolDigest({ chainId, registry: unhex(registry) }, words), key, signature)
  },
  rotate: ({ chainId, registry, machine, key, nonce, deadline, signature }) => {
    const words = { machine: unhex(machine), thumbprint: thumbprint(unhex(key)), nonce, deadline }
    return signed(rotateDigest({ chainId, registry: unhex(registry) }, words), key, signature)
  },
}

function signed(digest, key, signature) {
  if (signature && !verifies(unhex(key), digest, unhex(signature))) throw new Error('signature of an EIP-712 digest')
  return { digest: hex(digest), signedHash: hex(sha256(digest)) }
}

export function anchorCases() {
  const cases = suite({
    description:
      'On chain. log-id, tree-head (event), log-slots, key-slot and home-slot (storage of AnchorLog and MachineRegistry; machine in 16 bytes), enrol and rotate (EIP-712 digest, SHA-256 of it, signature of the key in `key`).',
    spec: 'schemas/spec/06-anchor.md',
    rules: ['ANCHOR-1', 'ANCHOR-10', 'ANCHOR-12', 'ANCHOR-14'],
    read: (item) => READERS[item.kind](item),
  })
  const accept = (name, item, extra = {}) => cases.accept(name, { ...item, ...extra }, READERS[item.kind](item))
  const head = { root: hex(ROOT), size: SIZE, time: T0 / 1000 + 8000, blockNumber: 1300, lastGoodSize: 0 }
  const machine = hex(kid(station.key))
  accept('log id', { kind: 'log-id', owner: hex(OWNER), genesis: hex(GENESIS) })
  accept('tree head', { kind: 'tree-head', logId: hex(LOG_ID), size: SIZE, root: hex(ROOT) })
  accept('log in storage', { kind: 'log-slots', logId: hex(LOG_ID), head })
  accept('retired log in storage', { kind: 'log-slots', logId: hex(LOG_ID), head: { ...head, lastGoodSize: 4 } })
  const entry = { machine, fromBlock: 1000, retiredSeq: 0, retiredBlock: 0, revokedBlock: 0 }
  accept('key in storage', { kind: 'key-slot', thumbprint: hex(thumbprint(station.key)), entry })
  accept('retired and revoked key in storage', {
    kind: 'key-slot',
    thumbprint: hex(thumbprint(station.key)),
    entry: { ...entry, retiredSeq: 3, retiredBlock: 1208, revokedBlock: 2 ** 32 - 1 },
  })
  accept('Ed25519 key in storage', {
    kind: 'key-slot',
    thumbprint: hex(thumbprint(buoy.key)),
    entry: { ...entry, machine: hex(kid(buoy.key)) },
  })
  accept('home log in storage', { kind: 'home-slot', machine, logId: hex(LOG_ID), home: { since: 1000, until: 0 } })
  accept('former home log in storage', {
    kind: 'home-slot',
    machine,
    logId: hex(labelled('old log')),
    home: { since: 10, until: 1000 },
  })
  const where = { chainId: CHAIN_ID, registry: hex(REGISTRY), deadline: T0 / 1000 }
  const sign = (item, signer) => {
    const { digest } = READERS[item.kind](item)
    accept(`${item.kind} signed by ${signer.label}`, { ...item, signature: hex(signer.sign(unhex(digest))) })
  }
  sign({ kind: 'enrol', ...where, owner: hex(OWNER), homeLog: hex(LOG_ID), key: hex(station.key), nonce: 0 }, station)
  sign({ kind: 'rotate', ...where, machine, key: hex(stationNext.key), nonce: 1 }, stationNext)
  return cases.file()
}
