/** Handlers that remember what a link told, and wait for it. */
import { type MachineId, toHex } from '../base/index.ts'
import type { LinkHandlers, LinkOpening } from '../machine/index.ts'
import type { TopicName } from '../wire/index.ts'

/** One thing that a link told: `up`, `down`, or `name hex-of-payload`. */
export type LinkEvent = 'up' | 'down' | `${TopicName} ${string}`

/** A recorder of one link. */
export interface LinkRecorder extends LinkHandlers {
  readonly events: readonly LinkEvent[]
  /** Resolves when `event` was told `times` times, at once if it was already. */
  until(event: LinkEvent, times?: number): Promise<void>
}

/** What a message is recorded as. */
export function eventOf(name: TopicName, payload: Uint8Array): LinkEvent {
  return `${name} ${toHex(payload)}`
}

/** @param onEvent called after each event was recorded; may throw, as a faulty machine would */
export function recordLink(onEvent: (event: LinkEvent) => void = () => {}): LinkRecorder {
  const events: LinkEvent[] = []
  const waiting = new Set<() => void>()
  const tell = (event: LinkEvent): void => {
    events.push(event)
    for (const check of waiting) check()
    onEvent(event)
  }
  return {
    events,
    onUp: () => tell('up'),
    onDown: () => tell('down'),
    onMessage: (name, payload) => tell(eventOf(name, payload)),
    until(event, times = 1) {
      return new Promise((resolve) => {
        const check = (): void => {
          if (events.filter((told) => told === event).length < times) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      })
    },
  }
}

/** An opening that records, subscribed to what a machine reads. */
export function openingOf(machine: MachineId, will: Uint8Array, handlers: LinkHandlers): LinkOpening {
  const subscriptions: readonly TopicName[] = ['receipt', 'head', 'beacon']
  return { machine, subscriptions, will: { name: 'status', payload: will }, ...handlers }
}
