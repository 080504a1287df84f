/**
 * Something that turns and does something at given angles. Only the next event is planned: the angle if it comes soon, or
 * else another look at the speed, so that calm costs next to nothing and changes are seen within {@link LOOK_MS}.
 */
import type { Uno } from '../avr/index.ts'
import type { Signal } from './part.ts'

/** A turning rotor. */
export interface Rotor {
  /** Looks at the speed again: it has jumped just now. */
  readonly wake: () => void
}

/** Longest time between two looks at the speed, ms. */
export const LOOK_MS = 50

/**
 * Starts a rotor at angle 0.
 * @param turnsPerSecond speed; less than 0 counts as 0
 * @param step what to do at an angle, in turns; returns the angle of the next step, larger than this one
 * @param first angle of the first step
 */
export function startRotor(uno: Uno, turnsPerSecond: Signal, step: (angle: number) => number, first: number): Rotor {
  let angle = 0
  let due = first
  let lookedMs = uno.nowMs()
  let turnsPerMs = 0
  let plans = 0
  const go = (): void => {
    const nowMs = uno.nowMs()
    angle += turnsPerMs * (nowMs - lookedMs)
    lookedMs = nowMs
  }
  const plan = (): void => {
    const mine = ++plans
    const at = (ms: number, action: () => void): void =>
      uno.at(ms, () => {
        if (mine === plans) action()
      })
    // In the middle of the time ahead, so that an even rise or fall is summed exactly.
    turnsPerMs = Math.max(0, turnsPerSecond(lookedMs + LOOK_MS / 2)) / 1000
    const leftMs = (due - angle) / turnsPerMs
    if (leftMs > LOOK_MS || Number.isNaN(leftMs)) at(lookedMs + LOOK_MS, look)
    else at(Math.max(lookedMs, lookedMs + leftMs), turn)
  }
  const look = (): void => {
    go()
    plan()
  }
  const turn = (): void => {
    go()
    angle = due // and not what rounding to cycles has made of it
    due = step(due)
    plan()
  }
  plan()
  return { wake: look }
}
