/** merkle.json: RFC 9162 roots, inclusion and consistency proofs of trees of 1 to 20 leaves. */
import { flip, hex, must, sameBytes, unhex } from '../format/bytes.mjs'
import {
  consistencyPath,
  inclusionPath,
  leafHash,
  root,
  verifyConsistency,
  verifyInclusion,
} from '../format/merkle.mjs'
import { suite } from '../suite.mjs'

const MAX = 20
const leaves = Array.from({ length: MAX }, (_, i) => leafHash(Uint8Array.of(i)))
const rootAt = (size) => hex(root(leaves.slice(0, size)))

const CHECKS = {
  root: ({ size, root: expected }) => sameBytes(root(leaves.slice(0, size)), unhex(expected)),
  inclusion: ({ leaf, index, size, path, root: expected }) =>
    verifyInclusion({ leaf: unhex(leaf), index, size, path: path.map(unhex), root: unhex(expected) }),
  consistency: ({ size1, root1, size2, root2, path }) =>
    verifyConsistency({ size1, root1: unhex(root1), size2, root2: unhex(root2), path: path.map(unhex) }),
}

export function merkleCases() {
  const cases = suite({
    description: 'Trees of leaf hashes (leaf i is the one byte i). kind: root, inclusion or consistency.',
    spec: 'schemas/spec/04-log.md',
    rules: ['LOG-10', 'LOG-11', 'LOG-12'],
    read: (item) => must(CHECKS[item.kind](item), 'proof-invalid', item.name),
    leafHashes: leaves.map(hex),
  })
  const inclusion = (size, index) => ({
    kind: 'inclusion',
    size,
    index,
    leaf: hex(leaves[index]),
    path: inclusionPath(index, leaves.slice(0, size)).map(hex),
    root: rootAt(size),
  })
  const consistency = (size1, size2) => ({
    kind: 'consistency',
    size1,
    root1: rootAt(size1),
    size2,
    root2: rootAt(size2),
    path: consistencyPath(size1, leaves.slice(0, size2)).map(hex),
  })
  for (let size = 1; size <= MAX; size++) {
    cases.accept(`root of ${size}`, { kind: 'root', size, root: rootAt(size) })
    for (let index = 0; index < size; index++) cases.accept(`leaf ${index} of ${size}`, inclusion(size, index))
    for (let size1 = 1; size1 <= size; size1++) cases.accept(`${size1} to ${size}`, consistency(size1, size))
  }
  const zero = hex(new Uint8Array(32))
  const bent = (path, at) => path.map((node, i) => (i === at ? hex(flip(unhex(node))) : node))
  for (const [size, index] of [
    [2, 1],
    [7, 3],
    [11, 10],
    [13, 4],
    [20, 19],
  ]) {
    const good = inclusion(size, index)
    const bad = (name, change) =>
      cases.reject(`leaf ${index} of ${size}: ${name}`, 'proof-invalid', { ...good, ...change })
    bad('another leaf', { leaf: hex(leaves[0]) === good.leaf ? zero : hex(leaves[0]) })
    bad('leaf and root exchanged', { leaf: good.root, root: good.leaf })
    bad('another root', { root: zero })
    bad('the next index', { index: index + 1 })
    bad('the index before', { index: index - 1 })
    bad('index equal to the size', { index: size })
    bad('twice the size', { size: 2 * size })
    bad('path one node short', { path: good.path.slice(0, -1) })
    bad('path without its first node', { path: good.path.slice(1) })
    bad('path with a node more', { path: [...good.path, zero] })
    bad('path with a node before', { path: [zero, ...good.path] })
    bad('empty path', { path: [] })
    bad('first node changed', { path: bent(good.path, 0) })
    bad('last node changed', { path: bent(good.path, good.path.length - 1) })
    if (good.path.length > 1) bad('path turned round', { path: [...good.path].reverse() })
  }
  cases.reject('one leaf: path that is not empty', 'proof-invalid', { ...inclusion(1, 0), path: [zero] })
  cases.reject('one leaf: another root', 'proof-invalid', { ...inclusion(1, 0), root: zero })
  cases.reject('tree of size 0', 'proof-invalid', { ...inclusion(1, 0), size: 0 })
  for (const [size1, size2] of [
    [1, 2],
    [3, 7],
    [4, 8],
    [6, 20],
    [8, 13],
    [19, 20],
  ]) {
    const good = consistency(size1, size2)
    const bad = (name, change) => cases.reject(`${size1} to ${size2}: ${name}`, 'proof-invalid', { ...good, ...change })
    bad('old root changed', { root1: zero })
    bad('new root changed', { root2: zero })
    bad('roots exchanged', { root1: good.root2, root2: good.root1 })
    bad('sizes exchanged', { size1: size2, size2: size1 })
    bad('old size one less', { size1: size1 - 1 })
    bad('empty path', { path: [] })
    bad('path with a node more', { path: [...good.path, zero] })
    bad('path with a node before', { path: [zero, ...good.path] })
    bad('path one node short', { path: good.path.slice(0, -1) })
    bad('first node changed', { path: bent(good.path, 0) })
    bad('last node changed', { path: bent(good.path, good.path.length - 1) })
  }
  cases.reject('from size 0', 'proof-invalid', { ...consistency(1, 4), size1: 0 })
  cases.reject('same size, another root', 'proof-invalid', { ...consistency(5, 5), root2: zero })
  cases.reject('same size, path that is not empty', 'proof-invalid', { ...consistency(5, 5), path: [zero] })
  cases.reject('from a larger tree', 'proof-invalid', { ...consistency(4, 5), size1: 6 })
  return cases.file()
}
