/**
 * RFC 9162 as the text defines it, by recursion over leaf ranges, for comparison with the contract, which follows the
 * iterative verifier. Sizes are bigint: the contract accepts up to 2^64 - 1.
 */
import { createHash } from 'node:crypto'
import { type Hex, hexToBytes } from 'viem'

function sha256(...parts: Uint8Array[]): Uint8Array {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
}

const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

/** Hash of an inner node, section 2.1.1. */
export function hashNode(left: Hex, right: Hex): Hex {
  return hex(sha256(Uint8Array.of(1), hexToBytes(left), hexToBytes(right)))
}

/** A path node's side, seen from the older tree, and whether the older root starts the path unsaid. */
export type Shape = string

/** Hashes of ranges in which all leaves are equal, by length. */
const EQUAL = new Map<string, Uint8Array>()

/** A tree whose leaf hashes are given by index; equal leaves, but for a few marked ones, make any size cheap. */
export class ReferenceTree {
  readonly #memo = new Map<string, Uint8Array>()
  readonly #allEqual: boolean
  readonly #marks: ReadonlyMap<bigint, string>

  constructor(allEqual = false, marks: ReadonlyMap<bigint, string> = new Map()) {
    this.#allEqual = allEqual
    this.#marks = marks
  }

  /** The same leaves but for one. */
  with(index: bigint, mark: string): ReferenceTree {
    return new ReferenceTree(this.#allEqual, new Map([...this.#marks, [index, mark]]))
  }

  /** MTH of the first `size` leaves, section 2.1.1. */
  root(size: bigint): Hex {
    return hex(this.#range(0n, size))
  }

  /** MTH of the leaves from `start` to before `end`. */
  node(start: bigint, end: bigint): Hex {
    return hex(this.#range(start, end))
  }

  /** PROOF(older, D_newer), section 2.1.4.1. */
  consistency(older: bigint, newer: bigint): Hex[] {
    return this.#subproof(older, 0n, newer, true).map(hex)
  }

  #range(start: bigint, end: bigint): Uint8Array {
    const plain = this.#allEqual && ![...this.#marks.keys()].some((index) => index >= start && index < end)
    const [memo, key] = plain ? [EQUAL, `${end - start}`] : [this.#memo, `${start}-${end}`]
    const known = memo.get(key)
    if (known !== undefined) return known
    const k = split(end - start)
    const hash =
      end - start === 1n
        ? sha256(Uint8Array.of(0), Buffer.from(this.#leaf(start)))
        : sha256(Uint8Array.of(1), this.#range(start, start + k), this.#range(start + k, end))
    memo.set(key, hash)
    return hash
  }

  #leaf(index: bigint): string {
    return this.#marks.get(index) ?? (this.#allEqual ? 'leaf' : `leaf ${index}`)
  }

  #subproof(m: bigint, start: bigint, end: bigint, whole: boolean): Uint8Array[] {
    const n = end - start
    if (m === n) return whole ? [] : [this.#range(start, end)]
    const k = split(n)
    return m <= k
      ? [...this.#subproof(m, start, start + k, whole), this.#range(start + k, end)]
      : [...this.#subproof(m - k, start + k, end, false), this.#range(start, start + k)]
  }
}

/** Which sides the nodes of PROOF(m, D_n) join from: all that a verifier learns from the two sizes. */
export function shape(m: bigint, n: bigint, whole = true): Shape {
  if (m === n) return whole ? 'root' : 'node'
  const k = split(n)
  return m <= k ? `${shape(m, k, whole)} right` : `${shape(m - k, n - k, false)} left`
}

/**
 * The two roots that a proof leads to when SUBPROOF of section 2.1.4.1 is followed backwards, from the older root; undefined
 * when nodes are missing or left over. A verdict on any proof at all, by other code than the iterative verifier.
 */
export function rootsOfProof(m: bigint, n: bigint, olderRoot: Hex, proof: readonly Hex[]): [Hex, Hex] | undefined {
  const rest = [...proof]
  const follow = (older: bigint, newer: bigint, whole: boolean): [Hex, Hex] | undefined => {
    if (older === newer) {
      const node = whole ? olderRoot : rest.shift()
      return node === undefined ? undefined : [node, node]
    }
    const k = split(newer)
    const below = older <= k ? follow(older, k, whole) : follow(older - k, newer - k, false)
    const node = rest.shift()
    if (below === undefined || node === undefined) return undefined
    const [a, b] = below
    return older <= k ? [a, hashNode(b, node)] : [hashNode(node, a), hashNode(node, b)]
  }
  const roots = follow(m, n, true)
  return rest.length === 0 ? roots : undefined
}

/** Largest power of two below n; 0 for 1. */
function split(n: bigint): bigint {
  return n === 1n ? 0n : 1n << BigInt((n - 1n).toString(2).length - 1)
}
