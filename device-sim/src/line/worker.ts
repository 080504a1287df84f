/** The thread of a real-time Uno. Node gives a worker no TypeScript, so this, and the scene, run as built. */
import { parentPort, workerData } from 'node:worker_threads'
import { paceUno } from './real-time.ts'
import type { CreateScene, FromThread, Scene, ToThread } from './thread-messages.ts'

const post = (message: FromThread): void => parentPort?.postMessage(message)
const { scene, data } = workerData as { readonly scene: string; readonly data: unknown }

function serve({ uno, command }: Scene): void {
  let heard: number[] = []
  uno.onSerial(({ byte }) => heard.push(byte))
  const pace = paceUno(
    uno,
    {
      nowMs: () => performance.now(),
      after: (ms, action) => void (ms > 0 ? setTimeout(action, ms) : setImmediate(action)),
    },
    () => {
      if (heard.length > 0) post({ kind: 'bytes', bytes: Uint8Array.from(heard) })
      heard = []
    },
  )
  parentPort?.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'send':
        uno.send(message.bytes)
        break
      case 'reset':
        uno.reset(message.cause)
        break
      case 'setBaudRate':
        uno.setBaudRate(message.bps)
        break
      case 'setPin':
        uno.setPin(message.pin, message.level)
        break
      case 'setAnalog':
        uno.setAnalog(message.channel, message.volts)
        break
      case 'watchPin':
        uno.onPin(message.pin, (change) => post({ kind: 'pin', change }))
        break
      case 'command':
        command?.(message.value)
        break
      case 'stop':
        pace.stop()
        parentPort?.close()
        break
      default:
        uno[message.kind]()
    }
  })
  post({ kind: 'ready' })
}

try {
  const { createScene } = (await import(scene)) as { readonly createScene: CreateScene }
  serve(await createScene(data, (value) => post({ kind: 'said', value })))
} catch (error) {
  post({ kind: 'failed', detail: error instanceof Error ? String(error.stack) : String(error) })
}
