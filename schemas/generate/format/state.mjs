/** State of a chain as a proof anchor: headers, accounts, and what a bundle reads of them (spec 07-bundle, BUNDLE-50 to BUNDLE-55). */
import { homeSlot, keySlot, logSlots } from './anchor.mjs'
import { base32, bigOf, bigTo32, concat, hex, isBytes, must, sameBytes, unhex } from './bytes.mjs'
import { integerOf, rlp, rlpInteger, unrlp } from './rlp.mjs'
import { buildSecureTrie, follow, keccak, loosely, readTrie } from './trie.mjs'

/** EIP-2935: hashes of the blocks before this one, in a ring of 8191 slots. */
export const HISTORY = unhex('0000f90827f1c53a10cb7a02335b175320002935')
export const WINDOW = 8191
const MAX_HEADER = 8192

const invalid = (condition, message) => must(condition, 'proof-invalid', `state: ${message}`)

function small(item) {
  const value = integerOf(item)
  invalid(value <= BigInt(Number.MAX_SAFE_INTEGER), 'integer of 2^53 or more')
  return Number(value)
}

/** Reads a block header. Items are counted from 1. @throws Refused proof-invalid */
export function readHeader(bytes) {
  invalid(bytes.length <= MAX_HEADER, 'header too long')
  const items = unrlp(bytes, 1)
  invalid(Array.isArray(items) && items.length >= 15 && items.length <= 64, 'not a list of 15 to 64 items')
  invalid(
    items.every((item) => isBytes(item)),
    'a list in the header',
  )
  invalid(items[3].length === 32, 'state root')
  return { number: small(items[8]), time: small(items[11]), stateRoot: items[3], hash: keccak(bytes) }
}

/** Storage root of an account's value: [nonce, balance, storage root, code hash]. */
function readAccount(value) {
  const account = unrlp(value, 1)
  invalid(Array.isArray(account) && account.length === 4 && account.every((item) => isBytes(item)), 'account')
  invalid(integerOf(account[0]) >= 0n && integerOf(account[1]) >= 0n, 'nonce or balance')
  invalid(account[2].length === 32 && account[3].length === 32, 'storage root or code hash')
  return account[2]
}

const slotOfBlock = (number) => bigTo32(BigInt(number % WINDOW))
const KEY_BASE = { machine: new Uint8Array(16), fromBlock: 0, retiredSeq: 0, retiredBlock: 0, revokedBlock: 0 }
const HEAD_BASE = { root: new Uint8Array(32), size: 0, time: 0, blockNumber: 0, lastGoodSize: 0 }

/** Slots by what they hold. `thumbprint` and `machine` (16 bytes) name the entry. */
export const SLOTS = {
  anchorLog: () => bigTo32(0n),
  key: (thumbprint) => keySlot(thumbprint, KEY_BASE).slot,
  home: (machine, logId) => homeSlot(machine, logId, { since: 0, until: 0 }).slot,
  head: (logId) => logSlots(logId, HEAD_BASE).map(({ slot }) => slot),
  block: slotOfBlock,
}

/** The reads of a proof in their order, as [address, slot]. */
export const readsOf = ({ registry, anchorLog, thumbprints, machines, logId, beacons }) => [
  [registry, SLOTS.anchorLog()],
  ...thumbprints.map((thumbprint) => [registry, SLOTS.key(thumbprint)]),
  ...machines.map((machine) => [registry, SLOTS.home(machine, logId)]),
  ...SLOTS.head(logId).map((slot) => [anchorLog, slot]),
  ...beacons.map((number) => [HISTORY, SLOTS.block(number)]),
]

const bits = (word, from, width) => (word >> BigInt(from)) & ((1n << BigInt(width)) - 1n)
const count = (word, from, width) => {
  const value = bits(word, from, width)
  invalid(value <= BigInt(Number.MAX_SAFE_INTEGER), 'number of 2^53 or more in a slot')
  return Number(value)
}

/** What the state says, in the form of the chain facts of bundle.json. `names`: {registry, thumbprints, machines, logId}. */
export function readState(list, header, names, beacons) {
  const read = (address, slot) => {
    const storageRoot = readAccount(readTrie(list, header.stateRoot, address))
    const value = integerOf(unrlp(readTrie(list, storageRoot, slot), 0))
    invalid(value > 0n, 'no value')
    return value
  }
  const { registry, thumbprints, machines, logId } = names
  const anchorLog = read(registry, SLOTS.anchorLog())
  invalid(anchorLog < 1n << 160n, 'no address')
  const keys = thumbprints.map((thumbprint) => readKeyEntry(thumbprint, read(registry, SLOTS.key(thumbprint))))
  const homes = machines.map((machine) => readHome(machine, logId, read(registry, SLOTS.home(machine, logId))))
  const [root, head] = SLOTS.head(logId).map((slot) => read(bigTo32(anchorLog).slice(12), slot))
  const hashes = beacons.map(({ number }) => bigTo32(read(HISTORY, SLOTS.block(number))))
  list.done()
  return { anchorLog: hex(bigTo32(anchorLog).slice(12)), keys, homes, head: readHead(root, head), hashes }
}

/** ANCHOR-16: what a registry of this version can hold. */
export const isKeyEntry = ({ fromBlock, retiredSeq, retiredBlock, revokedBlock }) =>
  (retiredSeq === 0) === (retiredBlock === 0) &&
  [retiredBlock, revokedBlock].every((block) => block === 0 || block >= fromBlock)

function readKeyEntry(thumbprint, word) {
  const entry = {
    thumbprint: hex(thumbprint),
    machine: base32(bigTo32(bits(word, 0, 128)).slice(16)),
    fromBlock: count(word, 128, 32),
    retiredSeq: count(word, 160, 32),
    retiredBlock: count(word, 192, 32),
    revokedBlock: count(word, 224, 32),
  }
  invalid(isKeyEntry(entry), 'no entry of a key')
  return entry
}
const readHome = (machine, logId, word) => ({
  machine: base32(machine),
  logId: hex(logId),
  since: count(word, 0, 64),
  until: count(word, 64, 64),
})
const readHead = (root, word) => ({
  root: bigTo32(root),
  size: count(word, 0, 64),
  time: count(word, 64, 64),
  blockNumber: count(word, 128, 64),
})

/** BUNDLE-55, after the history contract was read. `claims`: beacons of the statements. @throws Refused proof-invalid */
export function checkBeacons(beacons, hashes, { header, head, claims, caip2 }) {
  beacons.forEach(({ number, hash }, i) => {
    invalid(i === 0 || beacons[i - 1].number < number, 'beacon headers do not increase')
    invalid(
      claims.some(
        (claim) => claim && `eip155:${claim[0]}` === caip2 && claim[1] === number && sameBytes(claim[2], hash),
      ),
      'a beacon header that no statement names',
    )
    invalid(number <= head.blockNumber, "a beacon above the anchor's block")
    invalid(header.number - WINDOW <= number && number < header.number, 'a beacon outside the window')
    invalid(sameBytes(hashes[i], hash), 'the history contract holds another hash')
  })
}

/** Header of 15 or more items; what is not given is derived from the number, or empty. */
export function encodeHeader({ number, time, stateRoot, items = 15, ...given }) {
  const list = Array.from({ length: items }, (_, i) => given[i + 1] ?? new Uint8Array(0))
  list[3] = stateRoot
  list[8] = rlpInteger(number)
  list[11] = rlpInteger(time)
  return rlp(list)
}

/**
 * A whole state: {root, nodes}. Accounts: {address, storage: [[slot, value of 32 bytes]], trie, nonce, balance, raw}; `trie` are options
 * of buildTrie for the storage, `raw` replaces the account's value, a slot's value may be {raw} too.
 */
export function buildState(accounts, trie) {
  const nodes = new Map()
  const keep = (built) => {
    for (const [hash, bytes] of built.nodes) nodes.set(hash, bytes)
    return built.root
  }
  const values = accounts.map(({ address, storage = [], nonce = 1, balance = 0, trie: options, raw }) => {
    const root = keep(
      buildSecureTrie(
        storage.map(([slot, value]) => [slot, value.raw ?? rlp(rlpInteger(bigOf(value)))]),
        options,
      ),
    )
    const fields = [rlpInteger(nonce), rlpInteger(balance), root, keccak(concat(address, Uint8Array.of(1)))]
    return [address, raw ? raw(fields) : rlp(fields)]
  })
  return { root: keep(buildSecureTrie(values, trie)), nodes }
}

/** Nodes for reads [address, slot], in the order of first use, each once. */
export function collect({ root, nodes }, reads) {
  const found = new Map()
  const note = (way) => {
    for (const bytes of way.found) found.set(hex(keccak(bytes)), bytes)
    return way.value
  }
  for (const [address, slot] of reads) {
    const value = note(follow(nodes, root, address))
    const account = value === undefined ? undefined : loosely(value)
    if (isBytes(account?.[2], 32)) note(follow(nodes, account[2], slot))
  }
  return [...found.values()]
}
