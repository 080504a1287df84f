/**
 * The CPU of avr8js with two things that it lacks. Clock events of one cycle happen in one fixed order, all of them at once;
 * and SLEEP stops the CPU until an interrupt, so that time can jump to where something happens. Jumping changes no byte
 * and no cycle: the timers of avr8js count many ticks in one call exactly when nothing happens at the ticks between.
 */
import { type AVRTimer, CPU } from 'avr8js'
import { nextTimerEvent } from './timer-event.ts'

/** `jump` moves to the next event while the CPU sleeps, `step` counts every cycle of the sleep. */
export type SleepMode = 'jump' | 'step'

/** Data sheet, "Sleep Modes": an interrupt that ends a sleep takes 4 cycles more. */
const WAKE_CYCLES = 4
const LAST = 1000

interface ClockEvent {
  readonly callback: () => void
  readonly cycles: number
  /** Order among events of the same cycle. */
  readonly rank: number
  next: ClockEvent | undefined
}

/** CPU with a clock that may jump. */
export class Processor extends CPU {
  private first: ClockEvent | undefined
  private readonly timers = new Map<() => void, { readonly timer: AVRTimer; readonly rank: number }>()

  /** Makes a timer known: its ticks come first among the events of a cycle, in the order of these calls. */
  addTimer(timer: AVRTimer): void {
    this.timers.set(timer.count, { timer, rank: this.timers.size })
  }

  override addClockEvent(callback: () => void, cycles: number): () => void {
    const rank = this.timers.get(callback)?.rank ?? LAST
    const at = this.cycles + Math.max(1, cycles)
    let before: ClockEvent | undefined
    let next = this.first
    while (next !== undefined && (next.cycles < at || (next.cycles === at && next.rank <= rank))) {
      before = next
      next = next.next
    }
    const event = { callback, cycles: at, rank, next }
    if (before === undefined) this.first = event
    else before.next = event
    return callback
  }

  override clearClockEvent(callback: () => void): boolean {
    let before: ClockEvent | undefined
    for (let event = this.first; event !== undefined; event = event.next) {
      if (event.callback === callback) {
        if (before === undefined) this.first = event.next
        else before.next = event.next
        return true
      }
      before = event
    }
    return false
  }

  override tick(): void {
    if (this.first !== undefined && this.first.cycles <= this.cycles) this.fireDue()
    super.tick()
  }

  /** Sleeps on, at most until `end`, and by one event. True when an interrupt has ended the sleep. */
  sleep(end: number, mode: SleepMode): boolean {
    const isPending = this.nextInterrupt >= 0 && this.interruptsEnabled
    const next = isPending || mode === 'step' ? 0 : this.nextStop()
    this.cycles = Math.max(this.cycles + 1, Math.min(next, end))
    const { pc } = this
    this.tick()
    if (this.pc === pc) return false
    this.cycles += WAKE_CYCLES
    return true
  }

  private fireDue(): void {
    for (let event = this.first; event !== undefined && event.cycles <= this.cycles; event = this.first) {
      this.first = event.next
      event.callback()
    }
  }

  /** Cycle of the next event that is more than a tick of a timer. */
  private nextStop(): number {
    let stop = Number.POSITIVE_INFINITY
    for (let event = this.first; event !== undefined && event.cycles < stop; event = event.next) {
      const timer = this.timers.get(event.callback)?.timer
      stop = Math.min(stop, timer === undefined ? event.cycles : nextTimerEvent(timer, event.cycles))
    }
    return stop
  }
}
