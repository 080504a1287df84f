/** A board in real time: firmware executed in a thread, behind a pseudo-terminal that the real serialport opens. */
import { onPty, startUnoThread } from '@fieldproof/device-sim/line'
import { systemClock } from '@fieldproof/sdk/node'
import { serialPortLine } from '../../../src/line/index.ts'
import type { BoardHands, BoardPlace } from '../../../src/testing/index.ts'

const SCENE = new URL('./touchable-scene.mjs', import.meta.url)
/** Pins whose level the contract asks for. */
const WATCHED = [7, 13]

/** Starts the thread and its terminal. */
export async function ptyPlace(options: { readonly hex: string; readonly bootloader?: string }): Promise<BoardPlace> {
  const thread = await startUnoThread({ scene: SCENE, data: options })
  const pty = await onPty(thread)
  const levels = new Map<number, boolean>()
  for (const pin of WATCHED) thread.onPin(pin, ({ level }) => levels.set(pin, level))
  let inject: (bytes: Uint8Array) => void = () => undefined
  let ids = 0
  const hands: BoardHands = {
    setAnalog: thread.setAnalog,
    pulse: (counter, times) =>
      new Promise((resolve) => {
        const id = ids++
        const stop = thread.onSaid((said) => {
          if ((said as { readonly id?: number }).id !== id) return
          stop()
          resolve()
        })
        thread.command({ kind: 'pulse', counter, times, id })
      }),
    setPin: thread.setPin,
    level: (pin) => levels.get(pin) ?? false,
    plugDevice: (isThere) => thread.command({ kind: 'plugDevice', isThere }),
    reset: () => thread.reset('external'),
    hang: thread.hang,
    unplug: pty.unplug,
    plug: pty.plug,
    inject: (bytes) => inject(bytes),
  }
  return {
    open: async (handlers) => {
      inject = handlers.onData
      return await serialPortLine(pty.path())(handlers)
    },
    clock: systemClock(),
    hands,
    until: (promise) => promise,
    pass,
    close: async () => {
      await pty.close()
      await thread.close()
    },
  }
}

/** Real time passes by itself. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
