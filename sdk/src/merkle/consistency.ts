/**
 * Consistency proofs, RFC 9162 section 2.1.4. They have the shape of an inclusion path: the last complete node of the old
 * tree is led to the root of the new one, and the left siblings met on the way are, by themselves, the old root.
 */
import { equalBytes, FieldproofError } from '../base/index.ts'
import type { Hash } from '../crypto/ports.ts'
import { nodeHash } from './hash.ts'
import { expectProofHash, inclusionPathLength } from './inclusion.ts'

/** A consistency proof; all of it may come from an attacker, save what the caller knows of the old head. */
export interface Consistency {
  readonly oldSize: number
  /** 32 bytes. */
  readonly oldRoot: Uint8Array
  readonly newSize: number
  /** 32 bytes. */
  readonly newRoot: Uint8Array
  /** 32 bytes each. */
  readonly path: readonly Uint8Array[]
}

/**
 * Number of hashes in the consistency path between two sizes, 0 when they are equal.
 * @throws FieldproofError `tree-range` unless 1 <= oldSize <= newSize <= 2^53 - 1
 */
export function consistencyPathLength(oldSize: number, newSize: number): number {
  if (!areSizes(oldSize, newSize)) {
    throw new FieldproofError('tree-range', `no consistency from size ${oldSize} to ${newSize}`, {
      facts: { oldSize, newSize },
    })
  }
  if (oldSize === newSize) return 0
  const { at, last } = seedOf(oldSize, newSize)
  return inclusionPathLength(at, last + 1) + (at === 0 ? 0 : 1)
}

/**
 * Accepts exactly when `path` shows that the first `oldSize` leaves of the new tree are those of the old tree.
 * @throws FieldproofError `proof-invalid`; the fact `fault` is one of sizes, path-length, hash-length, old-root, new-root
 */
export function verifyConsistency(hash: Hash, { oldSize, oldRoot, newSize, newRoot, path }: Consistency): void {
  if (!areSizes(oldSize, newSize)) {
    throw invalid('sizes', `no consistency from size ${oldSize} to ${newSize}`, { oldSize, newSize })
  }
  const want = consistencyPathLength(oldSize, newSize)
  if (path.length !== want) {
    throw invalid('path-length', `the path has ${path.length} hashes, want ${want}`, {
      oldSize,
      newSize,
      got: path.length,
      want,
    })
  }
  for (const bytes of [oldRoot, newRoot, ...path]) {
    if (bytes.length !== 32) throw invalid('hash-length', 'every hash has 32 bytes', { got: bytes.length, want: 32 })
  }
  const folded = oldSize === newSize ? { old: oldRoot, new: oldRoot } : fold(hash, oldSize, newSize, oldRoot, path)
  if (!equalBytes(folded.old, oldRoot))
    throw invalid('old-root', 'the path leads to another old root', { oldSize, newSize })
  if (!equalBytes(folded.new, newRoot))
    throw invalid('new-root', 'the path leads to another new root', { oldSize, newSize })
}

/** Both roots that the path leads to. */
function fold(
  hash: Hash,
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  path: readonly Uint8Array[],
): { old: Uint8Array; new: Uint8Array } {
  let { at, last } = seedOf(oldSize, newSize)
  let next = 0
  // RFC 9162 section 2.1.4.2 step 1: an old tree of a power of two is itself the seed, and the path leaves it out.
  const seed = at === 0 ? oldRoot : expectProofHash(path[next++], 'path element')
  const roots = { old: seed, new: seed }
  for (; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    const isRight = at % 2 === 1
    if (!isRight && at === last) continue
    const sibling = expectProofHash(path[next++], 'path element')
    if (isRight) {
      roots.old = nodeHash(hash, sibling, roots.old)
      roots.new = nodeHash(hash, sibling, roots.new)
    } else roots.new = nodeHash(hash, roots.new, sibling)
  }
  return roots
}

/** Where the last maximal complete node of the old tree sits, and where its level of the new tree ends. */
function seedOf(oldSize: number, newSize: number): { at: number; last: number } {
  let count = oldSize
  let last = newSize - 1
  for (; count % 2 === 0; count /= 2) last = Math.floor(last / 2)
  return { at: count - 1, last }
}

function areSizes(oldSize: number, newSize: number): boolean {
  return Number.isSafeInteger(oldSize) && Number.isSafeInteger(newSize) && oldSize >= 1 && oldSize <= newSize
}

function invalid(fault: string, detail: string, facts: Readonly<Record<string, number>>): FieldproofError {
  return new FieldproofError('proof-invalid', detail, { facts: { fault, ...facts } })
}
