/** A voltage at an analog pin that follows a signal: brought up to date often enough for what changes slowly. */
import type { Uno } from '../avr/index.ts'
import type { Signal } from './part.ts'

/** The rail, and what the board measures against, V. */
export const RAIL_VOLTS = 5

/** Volts of a divider: `ohms` to ground, `pullUpOhms` to the rail. */
export function dividerVolts(ohms: number, pullUpOhms: number): number {
  return ohms === Number.POSITIVE_INFINITY ? RAIL_VOLTS : (RAIL_VOLTS * ohms) / (ohms + pullUpOhms)
}

/** Sets the volts of a channel now and every `everyMs`; returns a function that does it at once. */
export function followVolts(uno: Uno, channel: number, everyMs: number, volts: Signal): () => void {
  const set = (): void => uno.setAnalog(channel, Math.min(RAIL_VOLTS, Math.max(0, volts(uno.nowMs()))))
  const follow = (): void => {
    set()
    uno.at(uno.nowMs() + everyMs, follow)
  }
  follow()
  return set
}
