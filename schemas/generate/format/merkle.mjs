/** RFC 9162 trees: roots and proofs by the recursive definitions of section 2.1, checks by its verification algorithms. */
import { sameBytes, sha256 } from './bytes.mjs'

export const leafHash = (entry) => sha256(Uint8Array.of(0), entry)
const node = (left, right) => sha256(Uint8Array.of(1), left, right)
const split = (n) => 2 ** Math.floor(Math.log2(n - 1))

/** MTH over leaf hashes, at least one. */
export function root(leaves) {
  if (leaves.length === 1) return leaves[0]
  const k = split(leaves.length)
  return node(root(leaves.slice(0, k)), root(leaves.slice(k)))
}

/** PATH(m, D_n): from the leaf upwards. */
export function inclusionPath(index, leaves) {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return index < k
    ? [...inclusionPath(index, leaves.slice(0, k)), root(leaves.slice(k))]
    : [...inclusionPath(index - k, leaves.slice(k)), root(leaves.slice(0, k))]
}

/** PROOF(m, D_n), 0 < m <= n; empty for m = n. */
export function consistencyPath(m, leaves) {
  const subproof = (m, leaves, whole) => {
    if (m === leaves.length) return whole ? [] : [root(leaves)]
    const k = split(leaves.length)
    return m <= k
      ? [...subproof(m, leaves.slice(0, k), whole), root(leaves.slice(k))]
      : [...subproof(m - k, leaves.slice(k), false), root(leaves.slice(0, k))]
  }
  return subproof(m, leaves, true)
}

/** Section 2.1.3.2 without the last comparison: the root the path leads to, or null if the path has another length. */
export function rootOfPath(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) return null
  let [fn, sn, r] = [index, size - 1, leaf]
  for (const p of path) {
    if (sn === 0) return null
    if (fn % 2 === 1 || fn === sn) {
      r = node(p, r)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
    } else r = node(r, p)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 ? r : null
}

export function verifyInclusion({ leaf, index, size, path, root }) {
  const computed = rootOfPath(leaf, index, size, path)
  return computed !== null && sameBytes(computed, root)
}

/** Section 2.1.4.2. */
export function verifyConsistency({ size1, root1, size2, root2, path }) {
  if (!(size1 > 0 && size1 <= size2)) return false
  if (size1 === size2) return path.length === 0 && sameBytes(root1, root2)
  if (path.length === 0) return false
  const steps = Number.isInteger(Math.log2(size1)) ? [root1, ...path] : [...path]
  let [fn, sn] = [size1 - 1, size2 - 1]
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  let [fr, sr] = [steps[0], steps[0]]
  for (const c of steps.slice(1)) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      ;[fr, sr] = [node(c, fr), node(c, sr)]
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
    } else sr = node(sr, c)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && sameBytes(fr, root1) && sameBytes(sr, root2)
}
