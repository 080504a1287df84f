/** `fieldproof sim --pty`: an Arduino that is not there, at a path that any program can open, for as long as somebody wants it. */
import type { Context } from '@fieldproof/sdk/cli'
import { onPty } from '../line/pty.ts'
import { startUnoThread } from '../line/uno-thread.ts'
import type { BoardSceneData } from '../station/board-scene.ts'
import { BOARD_SCENE } from '../station/emulated-board.ts'

/** Which board. */
export interface ServedBoard {
  readonly station: BoardSceneData['station']
  readonly seed: number
  /** Path that leads to the terminal; without one its own path is printed. */
  readonly linkPath?: string
}

const START_DATE = '2014-03-01'
/** The weather passes as it did. */
const PACE = 1

/** Serves the board until `stopped` resolves. @throws FieldproofError `port-unavailable` where there is no python3 to make a terminal */
export async function servePty(
  board: ServedBoard,
  json: boolean,
  context: Context,
  stopped: Promise<void>,
): Promise<void> {
  const { station, seed, linkPath } = board
  const now = context.now()
  const data: BoardSceneData = { station, seed, startDate: START_DATE, startedAt: now, now, pace: PACE }
  const thread = await startUnoThread({ scene: BOARD_SCENE, data })
  try {
    const pty = await onPty(thread, linkPath === undefined ? {} : { linkPath })
    const path = pty.path()
    context.print(
      json
        ? JSON.stringify({ event: 'board-served', station, path })
        : `${path} is an emulated Arduino with our firmware and the sensors of the ${station}, until Ctrl-C\n` +
            `  try: npx fieldproof init DIR --station ${station} --port ${path}\n       npx fieldproof run DIR --verbose`,
    )
    await Promise.race([stopped, thread.ended])
    await pty.close()
  } finally {
    await thread.close()
  }
}
