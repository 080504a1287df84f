/** Johnny-Five, where it is installed: an optional peer, because its own optional dependencies compile on every Pi. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { FirmataIo } from './firmata-io.ts'

/** A Johnny-Five board; hand it to components as `board:`. */
export interface Board {
  readonly io: FirmataIo
  readonly isReady: boolean
  once(event: 'ready', listener: () => void): void
  on(event: 'error' | 'warn' | 'fail', listener: (detail: unknown) => void): void
}

/** What `import('johnny-five')` gives, as far as boards are concerned. */
interface JohnnyFive {
  readonly Board: {
    new (options: Readonly<Record<string, unknown>>): Board
    /** Every board ever made. */
    readonly cache: Board[]
  }
}

/**
 * A Johnny-Five board on a connection that is ready, until the signal is aborted. It never opens a port, starts no REPL and leaves signals alone.
 * @throws FieldproofError `config-invalid` where johnny-five is not installed
 */
export async function johnnyFiveBoard(io: FirmataIo, signal: AbortSignal): Promise<Board> {
  const { Board } = await load()
  signal.throwIfAborted()
  const board = new Board({ io, repl: false, debug: false, sigint: false })
  board.on('error', () => undefined) // it repeats what the session's own signal says
  // Johnny-Five keeps every board for ever, and a board everything of its connection.
  signal.addEventListener('abort', () => forget(Board.cache, board), { once: true })
  if (!board.isReady) await new Promise<void>((resolve) => board.once('ready', resolve))
  return board
}

function forget(cache: Board[], board: Board): void {
  const at = cache.indexOf(board)
  if (at >= 0) cache.splice(at, 1)
}

async function load(): Promise<JohnnyFive> {
  try {
    const { default: five } = (await import('johnny-five' as string)) as { readonly default: JohnnyFive }
    return five
  } catch (cause) {
    throw new FieldproofError(
      'config-invalid',
      'johnny-five is not installed; install it with: npm install johnny-five@2.1.0',
      {
        cause,
      },
    )
  }
}
