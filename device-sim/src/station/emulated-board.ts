/** An Arduino that is not there: its thread executes our firmware at the pace of the wall clock, over recorded weather. */
import type { OpenLine } from '@fieldproof/boards/line'
import { portOf } from '../line/uno-line.ts'
import { startUnoThread } from '../line/uno-thread.ts'
import type { BoardSceneData } from './board-scene.ts'

/** A board to open, and to end. */
export interface EmulatedBoard {
  readonly open: OpenLine
  /** Rejects when its thread fails; otherwise resolves when it has ended. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/**
 * Module of the thread, for `startUnoThread`; its data are {@link BoardSceneData}. A thread cannot load TypeScript, so it is the built one
 * also when this runs from its source.
 */
export const BOARD_SCENE: URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/station/board-scene.js' : './board-scene.js',
  import.meta.url,
)

/** Starts the board of a station. */
export async function startEmulatedBoard(data: BoardSceneData): Promise<EmulatedBoard> {
  const thread = await startUnoThread({ scene: BOARD_SCENE, data })
  return { open: portOf(thread).open, ended: thread.ended, close: () => thread.close() }
}

/** What a stream says about itself whose rows come from such a board. */
export function emulatedMethod({ seed }: Pick<BoardSceneData, 'seed'>): string {
  return (
    'Emulated, not measured here: Fieldproof firmware executed in an emulated Arduino Uno, with sensor models over fieldproof world 2 ' +
    `(NOAA Seattle 2012-2015), seed ${seed}.`
  )
}
