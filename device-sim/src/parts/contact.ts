/**
 * A contact to ground on a pin of the board, whose pull-up makes it high while open. A reed bounces: for some time after it
 * closes, and after it opens, it flips a few times more.
 */
import type { Uno } from '../avr/index.ts'
import { draw32, type Key, uniform } from '../world/rng.ts'

/** `unplugged`: nothing is at the pin; `stuck`: closed for ever. */
export type ContactFault = 'unplugged' | 'stuck'

/** A contact at a pin. */
export interface Contact {
  /** Closes or opens it now. Planned bounces of the edge before are over. */
  readonly set: (closed: boolean) => void
  /** Breaks or mends it now. */
  readonly fail: (fault: ContactFault | undefined) => void
}

/** How long a contact bounces. */
export interface Bounce {
  /** Shortest and longest train, ms. */
  readonly ms: readonly [number, number]
  /** Most pairs of flips, at most 3; 0 for a contact that does not bounce. */
  readonly pairs: number
}

/** An open contact. No two flips are closer than a quarter of `bounce.ms[0] / bounce.pairs`. */
export function createContact(uno: Uno, pin: number, key: Key, bounce: Bounce): Contact {
  let isClosed = false
  let broken: ContactFault | undefined
  let edges = 0
  const drive = (closed: boolean): void => {
    const low = broken === undefined ? closed : broken === 'stuck'
    uno.setPin(pin, low ? false : null)
  }
  drive(false)
  return {
    set: (closed) => {
      isClosed = closed
      const edge = ++edges
      drive(closed)
      const startMs = uno.nowMs()
      for (const [i, offsetMs] of flips(key, edge, bounce).entries()) {
        uno.at(startMs + offsetMs, () => {
          if (edge === edges) drive(i % 2 === 0 ? !closed : closed)
        })
      }
    },
    fail: (fault) => {
      broken = fault
      drive(isClosed)
    },
  }
}

/** Ms after an edge at which the contact flips, an even number of them. */
function flips(key: Key, edge: number, { ms: [least, most], pairs }: Bounce): readonly number[] {
  if (pairs === 0) return []
  const count = 2 * (1 + (draw32(key, 8 * edge) % pairs))
  const gapMs = (least + (most - least) * uniform(key, 8 * edge + 1)) / count
  // The second half of each gap: a gap is never shorter than half of the mean one.
  return Array.from({ length: count }, (_, i) => gapMs * (i + 0.5 + 0.5 * uniform(key, 8 * edge + 2 + i)))
}
