/** Block headers: of the main network, of every length that counts, and with one fault each. */

import { concat, hex, labelled, unhex } from '../format/bytes.mjs'
import { rlp, rlpInteger } from '../format/rlp.mjs'
import { encodeHeader } from '../format/state.mjs'
import { mainnetItems } from './state-parts.mjs'

const EMPTY_TRIE = unhex('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
/** The first block of Ethereum, whose hash everybody knows. */
const GENESIS_HASH = 'd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3'
const ethereumGenesis = encodeHeader({
  number: 0,
  time: 0,
  stateRoot: unhex('d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544'),
  items: 15,
  1: new Uint8Array(32),
  2: unhex('1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'),
  3: new Uint8Array(20),
  5: EMPTY_TRIE,
  6: EMPTY_TRIE,
  7: new Uint8Array(256),
  8: rlpInteger(2 ** 34),
  10: rlpInteger(5000),
  13: unhex('11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa'),
  14: new Uint8Array(32),
  15: unhex('0000000000000042'),
})

const item = (header) => ({ kind: 'header', header: hex(header) })
const base = { number: 19000000, time: 1767225600, stateRoot: labelled('state root') }

export function headerCases(cases, read) {
  const accept = (name, header, known = {}) =>
    cases.accept(`header: ${name}`, item(header), { ...read(item(header)), ...known })
  accept('first block of Ethereum', ethereumGenesis, { hash: GENESIS_HASH })
  accept('15 items', encodeHeader({ ...base, ...mainnetItems(15) }))
  accept('21 items', encodeHeader({ ...base, ...mainnetItems(21) }))
  accept('23 items', encodeHeader({ ...base, ...mainnetItems(23) }))
  accept('64 items', encodeHeader({ ...base, items: 64 }))
  accept('number and time of 2^53 - 1', encodeHeader({ ...base, number: 2 ** 53 - 1, time: 2 ** 53 - 1 }))
  accept('8192 bytes', padded(8192))
  rejectHeaders(cases)
}

/** A header of exactly that length. */
function padded(length) {
  const rest = length - encodeHeader({ ...base, 13: new Uint8Array(7000) }).length
  return encodeHeader({ ...base, 13: new Uint8Array(7000 + rest).fill(1) })
}

function rejectHeaders(cases) {
  const reject = (name, header) => cases.reject(`header: ${name}`, 'proof-invalid', item(header))
  const given = (name, changes) => reject(name, encodeHeader({ ...base, ...changes }))
  const good = encodeHeader(base)
  const payload = good.slice(good[0] > 0xf7 ? 2 : 1)
  const list = Array.from({ length: 15 }, () => new Uint8Array(0))
  list[3] = base.stateRoot
  /** Items 9 and 12 as they are given. */
  const raw = (name, number, time) => reject(name, rlp(list.with(8, number).with(11, time)))
  const one = Uint8Array.of(1)
  given('14 items', { items: 14 })
  given('65 items', { items: 65 })
  given('state root of 31 bytes', { stateRoot: base.stateRoot.slice(1) })
  given('state root of 33 bytes', { stateRoot: concat(one, base.stateRoot) })
  given('no state root', { stateRoot: new Uint8Array(0) })
  given('number of 2^53', { number: 2n ** 53n })
  given('time of 2^53', { time: 2n ** 53n })
  given('number of 33 bytes', { number: 2n ** 256n })
  raw('number with a leading zero', Uint8Array.of(0, 1), one)
  raw('time with a leading zero', one, Uint8Array.of(0, 1))
  raw('number that is the byte zero', Uint8Array.of(0), one)
  given('a list as item 17', { items: 17, 17: [] })
  given('a list as the state root', { stateRoot: [base.stateRoot] })
  raw('a list as the number', [], one)
  reject('8193 bytes', padded(8193))
  reject('a string, not a list', rlp(payload))
  reject('no items', Uint8Array.of(0xc0))
  reject('one byte', one)
  reject('cut short', good.slice(0, -1))
  reject('a byte after it', concat(good, one))
  reject('long form of a short list', concat(Uint8Array.of(0xf8, payload.length), payload))
  reject('length with a leading zero', concat(Uint8Array.of(0xf9, 0, payload.length), payload))
  reject('length that is longer than the header', concat(Uint8Array.of(0xf9, 0xff, 0xff), payload))
  reject('length of eight bytes', concat(Uint8Array.of(0xff, ...new Uint8Array(7).fill(0x7f), payload.length), payload))
  /** The last item in another encoding, under a right length. */
  const wide = (last) => concat(payload.slice(0, -1), last)
  reject('a byte below 80 not as itself', wrap(wide(Uint8Array.of(0x81, 0x05))))
  reject('long form of a short string', wrap(wide(Uint8Array.of(0xb8, 0x01, 0x85))))
  reject('string that is longer than the list', wrap(wide(Uint8Array.of(0x83, 0x01, 0x02))))
  let nested = Uint8Array.of(0xc0)
  for (let i = 0; i < 1000; i++) nested = wrap(nested)
  reject('1000 lists in each other', nested)
}

/** A list of one item that is already encoded. */
const wrap = (encoded) =>
  encoded.length <= 55
    ? concat(Uint8Array.of(0xc0 + encoded.length), encoded)
    : encoded.length < 256
      ? concat(Uint8Array.of(0xf8, encoded.length), encoded)
      : concat(Uint8Array.of(0xf9, encoded.length >> 8, encoded.length & 255), encoded)
