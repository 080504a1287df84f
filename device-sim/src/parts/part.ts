/** What every emulated sensor has: it is connected to an Uno, can be broken while it runs, and remembers what it said. */
import type { Uno } from '../avr/index.ts'
import type { Truth } from './truth.ts'

/** A quantity of the world over virtual time. It may look at something that changes instead, and ignore the time. */
export type Signal = (ms: number) => number

/** An emulated sensor. */
export interface Part<Fault> {
  /** What the sensor truly said, which is not what a broken line makes of it. */
  readonly truth: Truth
  /** Breaks it in one way, or mends it; takes effect at once. */
  readonly fail: (fault: Fault | undefined) => void
  /** Puts it on the pins of an Uno, which it stays on; once. */
  readonly connect: (uno: Uno) => void
}
