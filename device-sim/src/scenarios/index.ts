/** What goes wrong with a board, played on the emulated one, and what stands signed of it. */
export { PLAYABLE, type Playable, type Played, play } from './play.ts'
export type { ScenarioResult } from './result.ts'
export type { PlayedStation } from './run-job.ts'
export type { SignedFault } from './scenario.ts'
export type { ValveKillResult } from './valve-kill.ts'
