/** Tries and RLP that no chain makes, each under a header whose hash is trusted: only the strictness of the reader is left. */

import { concat, isBytes, labelled, sameBytes, unhex } from '../format/bytes.mjs'
import { rlp } from '../format/rlp.mjs'
import { SLOTS } from '../format/state.mjs'
import { keccak, nibblesOf, prefixed } from '../format/trie.mjs'
import { logOf } from '../world.mjs'
import { caseOf, neighbour, scene, tinyBatch } from './state-parts.mjs'

/** Value of the home slot in these scenes (since 1000), as the leaf holds it. */
const HOME_VALUE = unhex('8203e8')
const isHomeLeaf = (node) => node.length === 2 && isBytes(node[1]) && sameBytes(node[1], HOME_VALUE)

export function rejectTries(cases) {
  const reject = (name, scenery) => {
    const item = caseOf(scene(scenery), { check: 'state' })
    cases.reject(name, 'check:state', item)
  }
  /** The leaf of the home slot in another encoding: `make(node, put)` gives its bytes. */
  const leaf = (name, make) =>
    reject(name, {
      change: (f) => {
        f.tries.registry = { encode: (node, put) => (isHomeLeaf(node) ? make(node, put) : rlp(node)) }
      },
    })
  const value = (name, bytes) => leaf(name, ([path]) => rlp([path, unhex(bytes)]))
  rejectEncodings(leaf, value)
  rejectPaths(leaf)
  rejectAccounts(reject)
  rejectShapes(reject, leaf)
}

const item = (head, ...parts) => concat(unhex(head), ...parts)

function rejectEncodings(leaf, value) {
  const payload = (node) => concat(...node.map(rlp))
  const sized = (head) => (node) => item(head + payload(node).length.toString(16).padStart(2, '0'), payload(node))
  leaf('RLP: long form of a short list', sized('f8'))
  leaf('RLP: length of a list with a leading zero', sized('f900'))
  leaf('RLP: list that is longer than its node', (node) =>
    item((0xc1 + payload(node).length).toString(16), payload(node)),
  )
  leaf('RLP: list that is shorter than its node', (node) =>
    item((0xbf + payload(node).length).toString(16), payload(node)),
  )
  leaf('RLP: a byte after the node', (node) => concat(rlp(node), Uint8Array.of(0)))
  leaf('RLP: long form of a short string', ([path, bytes]) => {
    const inner = concat(rlp(path), unhex('b803'), bytes)
    return item((0xc0 + inner.length).toString(16), inner)
  })
  leaf('RLP: node that is a string', (node) => rlp(payload(node)))
  value('RLP: a byte below 80 not as itself', '8101')
  value('RLP: value with a leading zero', '830003e8')
  value('RLP: value zero', '80')
  value('RLP: value that is the byte zero', '00')
  value('RLP: a byte after the value', '8203e800')
  value('RLP: value of 33 bytes', `a1${'01'.repeat(33)}`)
  value('RLP: value that is a list', 'c28203')
  value('RLP: value cut short', '8303e8')
  value('RLP: no value', '')
}

/** Nibbles of a node's path, without the prefix. */
const rest = (node) => nibblesOf(node[0]).slice(nibblesOf(node[0])[0] % 2 === 1 ? 1 : 2)

function rejectPaths(leaf) {
  leaf('trie: leaf a nibble before the path is over', (node) => rlp([prefixed(rest(node).slice(0, -1), true), node[1]]))
  leaf('trie: leaf a nibble beyond the path', (node) => rlp([prefixed([...rest(node), 0], true), node[1]]))
  leaf('trie: leaf of a neighbouring path', (node) =>
    rlp([prefixed(rest(node).with(-1, 15 - rest(node).at(-1)), true), node[1]]),
  )
  leaf('trie: extension where a leaf is due', (node) => rlp([prefixed(rest(node), false), node[1]]))
  leaf('trie: value in a branch at the end of the path', (node, put) => {
    const branch = [
      ...Array.from({ length: 2 }, (_, i) => labelled(`child ${i}`)),
      ...Array(14).fill(new Uint8Array(0)),
      node[1],
    ]
    return rlp([prefixed(rest(node), false), put(rlp(branch))])
  })
  leaf('trie: value in a branch on the way', (node, put) => {
    const [first, ...others] = rest(node)
    const branch = Array(17).fill(new Uint8Array(0))
    branch[first] = put(rlp([prefixed(others, true), node[1]]))
    branch[16] = node[1]
    return rlp(branch)
  })
  leaf('trie: extension without a path', (node, put) => rlp([prefixed([], false), put(rlp(node))]))
  leaf('trie: leaf with an empty prefix', () => rlp([new Uint8Array(0), rlp(labelled('value'))]))
  leaf('trie: prefix 5', (node) => rlp([Uint8Array.of(node[0][0] + 0x20, ...node[0].slice(1)), node[1]]))
  leaf('trie: node of one item', (node) => rlp([node[0]]))
  leaf('trie: node of three items', (node) => rlp([...node, node[1]]))
  leaf('trie: branch of 16 items', () => rlp(Array(16).fill(labelled('child'))))
  leaf('trie: branch of 18 items', () => rlp(Array(18).fill(labelled('child'))))
}

function padding(prefix) {
  if (prefix[0] !== 0x20) throw new Error('not an even path')
  return concat(Uint8Array.of(0x21), prefix.slice(1))
}

function rejectAccounts(reject) {
  const account = (name, raw) =>
    reject(`account: ${name}`, {
      change: (f) => {
        f.registryAccount = { raw }
      },
    })
  account('nonce with a leading zero', (a) => rlp(a.with(0, Uint8Array.of(0, 1))))
  account('balance that is the byte zero', (a) => rlp(a.with(1, Uint8Array.of(0))))
  account('three items', (a) => rlp(a.slice(0, 3)))
  account('five items', (a) => rlp([...a, new Uint8Array(0)]))
  account('storage root of 31 bytes', (a) => rlp(a.with(2, a[2].slice(1))))
  account('storage root that is the root node', (a) => rlp(a.with(2, [a[2]])))
  account('not a list', (a) => rlp(concat(...a)))
  account('a byte after it', (a) => concat(rlp(a), Uint8Array.of(0)))
  account('no storage', (a) => rlp(a.with(2, keccak(Uint8Array.of(0x80)))))
}

function rejectShapes(reject, leaf) {
  reject('trie: a leaf of 32 bytes or more in its parent', {
    change: (f) => {
      f.tries.registry = { embedBelow: 64 }
    },
  })
  reject('trie: a short node that its parent does not embed', {
    log: logOf([tinyBatch()], labelled('log 61016')),
    change: (f) => {
      f.homes[0].since = 1
      f.extra.registry = [[labelled('slot 7230'), labelled('slot value')]]
      f.tries.registry = { embedBelow: 0 }
    },
  })
  reject('trie: even path whose padding is not zero', {
    change: (f) => {
      f.extra.registry = [neighbour(SLOTS.home(f.homes[0].machine, f.homes[0].logId), 1)]
      f.tries.registry = { encode: (node) => rlp(isHomeLeaf(node) ? [padding(node[0]), node[1]] : node) }
    },
  })
  leaf('trie: reference of 31 bytes', (node, put) =>
    rlp([prefixed(rest(node).slice(0, 1), false), put(rlp(node)).slice(1)]),
  )
  reject('trie: node of 1025 bytes', {
    change: (f) => {
      const length = 1025 - 3 - 33 - 3 - 3 - 1 - 3 - 66 // lengths of list, path, value and account, nonce, balance; two hashes
      f.registryAccount = { raw: (a) => rlp(a.with(1, new Uint8Array(length).fill(1))) }
    },
  })
}
