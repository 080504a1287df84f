/**
 * When a timer of avr8js next does more than count: sets a flag, wraps, or turns. Reads state that avr8js keeps private;
 * the test "sleeping changes no byte and no cycle" is what holds this to the version that is installed.
 */
import type { AVRTimer } from 'avr8js'

interface TimerState {
  readonly ocrA: number
  readonly ocrB: number
  readonly tcnt: number
  readonly TOP: number
  /** Cycle of the last tick. */
  readonly lastCycle: number
  /** Cycles of a tick; 0 when the timer stands, or counts a pin. */
  readonly divider: number
  readonly timerMode: number
  readonly countingUp: boolean
  readonly tcntUpdated: boolean
  readonly updateDivider: boolean
}

/** Values of avr8js's `TimerMode` that count up and down. */
const PHASE_MODES: readonly number[] = [1, 5]

/** Cycle of the next tick that does more than count; `nextTick` when the very next one may. */
export function nextTimerEvent(timer: AVRTimer, nextTick: number): number {
  const state = timer as unknown as TimerState
  if (state.divider === 0 || state.tcntUpdated || state.updateDivider) return nextTick
  const ticks = PHASE_MODES.includes(state.timerMode) ? ticksToTurn(state) : ticksToWrap(state)
  return Math.max(nextTick, state.lastCycle + ticks * state.divider)
}

function ticksToWrap({ tcnt, ocrA, ocrB, TOP }: TimerState): number {
  if (tcnt > TOP) return 1
  let ticks = TOP + 1 - tcnt
  for (const stop of [ocrA, ocrB]) if (stop > tcnt) ticks = Math.min(ticks, stop - tcnt)
  return ticks
}

function ticksToTurn({ tcnt, ocrA, ocrB, TOP, countingUp }: TimerState): number {
  const sign = countingUp ? 1 : -1
  let ticks = countingUp ? TOP - tcnt : tcnt
  for (const stop of [ocrA, ocrB]) {
    const distance = sign * (stop - tcnt)
    if (distance > 0) ticks = Math.min(ticks, distance)
  }
  return Math.max(ticks, 1)
}
