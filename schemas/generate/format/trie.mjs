/** The Merkle Patricia trie (Yellow Paper, appendices C and D): a builder, a follower of its paths, and the strict reader of proofs. */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { hex, isBytes, must, sameBytes } from './bytes.mjs'
import { rlp, unrlp } from './rlp.mjs'

export const keccak = (bytes) => keccak_256(bytes)
export const MAX_NODE = 1024
const EMBEDDED = 32

export const nibblesOf = (bytes) => [...bytes].flatMap((byte) => [byte >> 4, byte & 15])

/** Hex-prefix encoding of a path. */
export function prefixed(nibbles, leaf) {
  const flag = leaf ? 2 : 0
  const padded = nibbles.length % 2 === 0 ? [flag, 0, ...nibbles] : [flag + 1, ...nibbles]
  return Uint8Array.from({ length: padded.length / 2 }, (_, i) => 16 * padded[2 * i] + padded[2 * i + 1])
}

/**
 * Trie of [key bytes, value bytes] pairs: root hash, and encoded nodes by hash. `encode(node, put)` may replace the encoding of a
 * node, `embedBelow` the size under which a node stands in its parent: both only to make bad tries.
 */
export function buildTrie(pairs, { encode = rlp, embedBelow = EMBEDDED } = {}) {
  const nodes = new Map()
  const put = (bytes) => {
    const hash = keccak(bytes)
    nodes.set(hex(hash), bytes)
    return hash
  }
  const refer = (node) => {
    const bytes = encode(node, put)
    return bytes.length < embedBelow ? node : put(bytes)
  }
  const entries = pairs.map(([key, value]) => ({ path: nibblesOf(key), value }))
  if (entries.length === 0) return { root: put(rlp(new Uint8Array(0))), nodes }
  return { root: put(encode(nodeOf(entries, 0, refer), put)), nodes }
}

/** Keys of both tries of Ethereum are hashed first. */
export const buildSecureTrie = (pairs, options) =>
  buildTrie(
    pairs.map(([key, value]) => [keccak(key), value]),
    options,
  )

function nodeOf(entries, depth, refer) {
  const [{ path, value }] = entries
  if (entries.length === 1) return [prefixed(path.slice(depth), true), value]
  let shared = depth
  while (entries.every((entry) => shared < entry.path.length && entry.path[shared] === path[shared])) shared++
  if (shared > depth) return [prefixed(path.slice(depth, shared), false), refer(nodeOf(entries, shared, refer))]
  const children = Array.from({ length: 16 }, (_, nibble) => {
    const own = entries.filter((entry) => entry.path[depth] === nibble)
    return own.length > 0 ? refer(nodeOf(own, depth + 1, refer)) : new Uint8Array(0)
  })
  return [...children, entries.find((entry) => entry.path.length === depth)?.value ?? new Uint8Array(0)]
}

/** Encoded nodes on the way to a key, as far as there are any; checks nothing, so that it also follows bad tries. */
export function follow(nodes, root, key) {
  const found = []
  const path = nibblesOf(keccak(key))
  let reference = root
  for (let at = 0; at <= path.length; ) {
    const bytes = isBytes(reference) ? nodes.get(hex(reference)) : rlp(reference)
    if (bytes === undefined) break
    if (isBytes(reference)) found.push(bytes)
    const node = loosely(bytes)
    if (node === undefined) break
    if (node.length === 17) reference = node[path[at++]]
    else {
      const [first, ...rest] = nibblesOf(node[0])
      if (first >= 2) return { found, value: node[1] }
      at += first === 1 ? rest.length : rest.length - 1
      reference = node[1]
    }
  }
  return { found, value: undefined }
}

/** A list of two or more items, undefined for anything else. */
export function loosely(bytes) {
  try {
    const node = unrlp(bytes, 8)
    return Array.isArray(node) && node.length > 1 ? node : undefined
  } catch {
    return undefined // a node that is bad on purpose ends the way
  }
}

const invalid = (condition, message) => must(condition, 'proof-invalid', `trie: ${message}`)

/** The nodes of a file: each is taken when it is first needed, in their order, and then known by its hash. */
export function nodeList(nodes) {
  const known = new Map()
  let at = 0
  return {
    take(hash) {
      const bytes = known.get(hex(hash)) ?? nodes[at++]
      invalid(bytes !== undefined && bytes.length <= MAX_NODE, 'no node left, or a node too long')
      invalid(sameBytes(keccak(bytes), hash), 'not the node that is needed here')
      known.set(hex(hash), bytes)
      return bytes
    },
    done: () => invalid(at === nodes.length, 'a node that nothing needs'),
  }
}

/** Value of a key (which is hashed first) under a root. @throws Refused proof-invalid, also where there is no value */
export function readTrie(list, root, key) {
  const path = nibblesOf(keccak(key))
  let node = readNode(list.take(root))
  let at = 0
  for (;;) {
    let next
    if (node.length === 17) {
      invalid(at < path.length, 'the path ends in a branch')
      next = node[path[at++]]
    } else {
      const { leaf, nibbles } = readPrefix(node[0])
      invalid(
        nibbles.every((nibble, i) => path[at + i] === nibble),
        'another path',
      )
      at += nibbles.length
      if (leaf) {
        invalid(at === path.length, 'a leaf before the path is over')
        return node[1]
      }
      invalid(nibbles.length > 0, 'extension without a path')
      next = node[1]
    }
    node = Array.isArray(next) ? embedded(next) : readNode(list.take(referred(next)), EMBEDDED)
  }
}

const referred = (hash) => {
  invalid(hash.length === 32, hash.length === 0 ? 'nothing there' : 'reference')
  return hash
}

function embedded(node) {
  invalid(rlp(node).length < EMBEDDED, 'an embedded node of 32 bytes or more')
  return shaped(node)
}

/** A node that is listed though its parent should hold it is too short; a root may be. */
function readNode(bytes, least = 0) {
  invalid(bytes.length >= least, 'a node that its parent should embed')
  return shaped(unrlp(bytes, 8))
}

function shaped(node) {
  invalid(Array.isArray(node) && (node.length === 17 || node.length === 2), 'neither branch nor leaf nor extension')
  if (node.length === 17) {
    for (const child of node.slice(0, 16))
      invalid(Array.isArray(child) || child.length === 0 || child.length === 32, 'child of a branch')
    invalid(isBytes(node[16]) && node[16].length === 0, 'value of a branch: all keys are equally long')
  } else {
    const { leaf } = readPrefix(node[0])
    invalid(isBytes(node[1]) || !leaf, 'value of a leaf')
  }
  return node
}

function readPrefix(item) {
  invalid(isBytes(item) && item.length > 0, 'path of a node')
  const [first, ...rest] = nibblesOf(item)
  invalid(first < 4 && (first % 2 === 1 || rest[0] === 0), 'prefix of a path')
  return { leaf: first >= 2, nibbles: first % 2 === 1 ? rest : rest.slice(1) }
}
