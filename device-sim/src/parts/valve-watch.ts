/** Who looks at the valve itself: when the pin opened it and closed it again, whatever anybody reports. */
import type { Uno } from '../avr/index.ts'

/** One watering, in virtual time. */
export interface ValveTurn {
  readonly openedMs: number
  /** Undefined while it is open. */
  readonly closedMs: number | undefined
}

/** A watch on a valve pin. */
export interface ValveWatch {
  readonly isOpen: () => boolean
  /** Waterings, the oldest first; the last 1000. */
  readonly turns: () => readonly ValveTurn[]
  readonly connect: (uno: Uno) => void
}

const DEFAULT_PIN = 7
const REMEMBERED = 1000

/** A watch on pin 7, or another. High is open. */
export function valveWatch(pin: number = DEFAULT_PIN): ValveWatch {
  const turns: ValveTurn[] = []
  const isOpen = (): boolean => turns.length > 0 && turns.at(-1)?.closedMs === undefined
  const see = (level: boolean, ms: number): void => {
    const last = turns.at(-1)
    if (level === isOpen()) return
    if (level) turns.push({ openedMs: ms, closedMs: undefined })
    else if (last !== undefined) turns[turns.length - 1] = { ...last, closedMs: ms }
    if (turns.length > REMEMBERED) turns.shift()
  }
  return {
    isOpen,
    turns: () => turns.slice(),
    connect: (uno) => {
      see(uno.level(pin), uno.nowMs())
      uno.onPin(pin, ({ level, ms }) => see(level, ms))
    },
  }
}
