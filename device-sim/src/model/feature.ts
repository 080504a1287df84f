/** Feature 01 of the model: identity, counters, valve, line check (08-board, Feature 01). */
import { decodeRequest, FEATURE_ID, type ReplyBody, type Request, type ResetCause } from '@fieldproof/boards/protocol'
import type { Wires } from '../avr/wires.ts'
import { type BoardTime, CYCLES_PER_MS } from './board-time.ts'
import { COUNTER_PINS, createCounters } from './counters.ts'
import { VALVE_PIN } from './pin-modes.ts'
import { createValve } from './valve.ts'

/** Who the board is. */
export interface Identity {
  /** 8 bytes. */
  readonly buildId: Uint8Array
  readonly boots: number
  /** Empty when a bootloader has hidden it. */
  readonly resetCauses: readonly ResetCause[]
}

/** Feature 01. */
export interface Feature {
  /** A whole sysex, f0 01 ... f7. */
  readonly take: (bytes: Uint8Array) => void
  /** Something outside has changed at a pin of a counter. */
  readonly refreshCounter: (pin: number) => void
  /** Firmata's reset: closes the valve, ends reports; counts stay. */
  readonly reset: () => void
}

/** The feature of a board that has just started: valve closed, counts at 0, pull-ups on. */
export function createFeature(
  time: BoardTime,
  wires: Wires,
  reply: (body: ReplyBody) => void,
  identity: Identity,
): Feature {
  const counters = createCounters(time)
  const driveValve = (isHigh: boolean): void => wires.setLevel(VALVE_PIN, isHigh)
  const replyValve = (): void => reply({ kind: 'valve', isHigh: wires.level(VALVE_PIN), ...valve.status() })
  const valve = createValve(time, driveValve, replyValve)
  const replyCounters = (): void => reply({ kind: 'counters', counters: counters.read() })
  let interval = 0

  const setInterval = (intervalMs: number): void => {
    const current = ++interval
    reply({ kind: 'interval', intervalMs })
    const planNext = (): void => time.plan(time.nowCycles() + intervalMs * CYCLES_PER_MS, report)
    const report = (): void => {
      if (interval !== current) return
      planNext()
      replyCounters()
    }
    if (intervalMs > 0) planNext()
  }
  const obey = (request: Request): void => {
    switch (request.kind) {
      case 'set-debounce':
        counters.setDebounce(request.counter, request.debounceUs)
        break
      case 'open-valve':
        valve.open(request.forMs)
        break
      case 'close-valve':
        valve.close('closed-by-host')
        break
      default:
    }
    if (request.kind === 'identity') reply({ kind: 'identity', ...identity })
    else if (request.kind === 'set-interval') setInterval(request.intervalMs)
    else if (request.kind === 'check') reply({ kind: 'check' })
    else if (request.kind.endsWith('valve')) replyValve()
    else replyCounters()
  }
  const levelAt = (pin: number): boolean => wires.driven(pin) ?? true
  for (const pin of COUNTER_PINS) wires.setLevel(pin, levelAt(pin))
  driveValve(false)
  return {
    take: (bytes) => {
      const request = decodeRequest(bytes)
      if (request.kind !== 'refused') obey(request)
      else reply({ kind: 'error', sysex: FEATURE_ID, detail: request.detail, refusal: request.refusal })
    },
    refreshCounter: (pin) => {
      const level = levelAt(pin)
      if (level === wires.level(pin)) return
      counters.onEdge(COUNTER_PINS.indexOf(pin), level)
      wires.setLevel(pin, level)
    },
    reset: () => {
      valve.close('closed-by-reset')
      interval++
    },
  }
}
