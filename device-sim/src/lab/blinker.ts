/**
 * A Johnny-Five component at work beside the station, on every session of its board: its timers are the thread's global ones, so a
 * lab whose blinks came at other times than virtual ones would show that Johnny-Five runs in real time.
 */
import type { BoardSession, JohnnyFiveBoard } from '@fieldproof/boards'

/** Blinks on sessions. */
export interface Blinker {
  /** Starts on a session; ends with it. */
  readonly start: (session: BoardSession) => Promise<void>
}

/** Of an LED's two states. */
export const BLINK_MS = 500
const PIN = 13

interface Led {
  blink(ms: number): void
  stop(): void
}

interface JohnnyFive {
  readonly Led: new (options: { readonly pin: number; readonly board: JohnnyFiveBoard }) => Led
}

/** A blinker, or null where Johnny-Five is not installed. To be made before time begins: what it loads comes from a disk. */
export async function createBlinker(): Promise<Blinker | null> {
  const five = await loaded()
  if (five === null) return null
  return {
    start: async (session) => {
      const board = await session.johnnyFive()
      if (session.signal.aborted) return
      const led = new five.Led({ pin: PIN, board })
      led.blink(BLINK_MS)
      session.signal.addEventListener('abort', () => led.stop(), { once: true })
    },
  }
}

async function loaded(): Promise<JohnnyFive | null> {
  try {
    return ((await import('johnny-five' as string)) as { readonly default: JohnnyFive }).default
  } catch {
    return null // an optional peer of the boards package
  }
}
