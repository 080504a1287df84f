/** The rule by which a statement's place in its machine's history is judged, shared by every store. */
import { equalBytes } from '@fieldproof/sdk/base'
import type { HistoryLink, LogEntry } from './store.ts'

/** What a store holds beside an entry: statements of its machine with the sequence before, the same, and after. */
export interface Neighbour {
  readonly index: number
  readonly sequence: number
  readonly boot: Uint8Array
  readonly id: Uint8Array
  readonly prev: Uint8Array | null
  readonly link: HistoryLink
}

/** The neighbour that has the entry's machine, boot and sequence: a duplicate when its id is the same, else a fork. */
export function heldTwin(entry: LogEntry, neighbours: readonly Neighbour[]): Neighbour | undefined {
  return neighbours.find((n) => n.sequence === entry.sequence && equalBytes(n.boot, entry.boot))
}

/** Link of an entry that has no twin. A gap never blocks, and a branch is shown, not refused. */
export function linkOf(entry: LogEntry, neighbours: readonly Neighbour[]): HistoryLink {
  const { sequence, prev } = entry
  if (neighbours.some((n) => n.sequence === sequence && samePrev(n.prev, prev))) return 'branch'
  if (prev === null) return 'first'
  // A predecessor counts only where the sequence says it must stand, so each lookup is local.
  return neighbours.some((n) => n.sequence === sequence - 1 && equalBytes(n.id, prev)) ? 'linked' : 'gap'
}

/** Neighbours whose gap this entry fills. */
export function filledBy(entry: LogEntry, neighbours: readonly Neighbour[]): readonly Neighbour[] {
  return neighbours.filter(
    (n) => n.sequence === entry.sequence + 1 && n.link === 'gap' && n.prev !== null && equalBytes(n.prev, entry.id),
  )
}

function samePrev(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b)
}
