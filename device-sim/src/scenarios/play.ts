/** Plays a scenario by its name, wherever it has to be played: in a thread with virtual time, or with real processes. */
import { runInThread } from '../lab/run-in-thread.ts'
import { journalLine } from './journal.ts'
import type { ScenarioResult } from './result.ts'
import type { PlayedScenario } from './run-job.ts'
import { SCENARIOS } from './scenarios.ts'
import { playValveKill, VALVE_KILL, type ValveKillResult } from './valve-kill.ts'

/** A scenario that can be played. */
export interface Playable {
  readonly name: string
  readonly summary: string
}

/** A scenario that was played. */
export interface Played {
  readonly result: ScenarioResult | ValveKillResult
  /** What happened, as lines for people. */
  readonly journal: readonly string[]
}

/** Every scenario, in the order of the list. */
export const PLAYABLE: readonly Playable[] = [...SCENARIOS, VALVE_KILL].map(({ name, summary }) => ({ name, summary }))

/**
 * Plays it.
 * @param onProgress told the virtual time, about every second of it
 * @throws FieldproofError `usage` for a name that is not in {@link PLAYABLE}, and what the lab throws
 */
export async function play(name: string, seed: number, onProgress?: (virtualMs: number) => void): Promise<Played> {
  if (name === VALVE_KILL.name) {
    const journal: string[] = []
    const result = await playValveKill(seed, (text, ms) => {
      journal.push(journalLine(ms, text))
      onProgress?.(ms)
    })
    return { result, journal }
  }
  const done = await runInThread({ kind: 'scenario', name, seed }, { ...(onProgress && { onProgress }) })
  return done as PlayedScenario
}
