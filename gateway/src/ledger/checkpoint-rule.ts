/** G4's rule, shared by every store: a committed head only ever grows, and nobody else moved it meanwhile. */
import { equalBytes, FieldproofError, type Hash32 } from '@fieldproof/sdk/base'

/** A head as the rule sees it. */
export interface BareHead {
  readonly size: number
  readonly root: Hash32
}

/** @throws FieldproofError `head-conflict` unless `current` is `expected` and `next` is larger */
export function expectAdvance(current: BareHead | null, expected: BareHead | null, next: BareHead): void {
  if (!sameHead(current, expected)) {
    throw conflict('the committed head is not the one that was expected', current, expected?.size ?? 0)
  }
  if (current !== null && next.size <= current.size) {
    throw conflict('a committed head can only grow', current, next.size)
  }
}

function sameHead(a: BareHead | null, b: BareHead | null): boolean {
  return a === null || b === null ? a === b : a.size === b.size && equalBytes(a.root, b.root)
}

function conflict(why: string, current: BareHead | null, offered: number): FieldproofError {
  return new FieldproofError('head-conflict', why, { facts: { current: current?.size ?? 0, offered } })
}
