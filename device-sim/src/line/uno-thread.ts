/** An Uno that runs at the pace of the wall clock in a thread of its own: a busy main thread neither slows it nor makes it drift. */
import { Worker } from 'node:worker_threads'
import type { ResetCause } from '../avr/chip.ts'
import type { PinChange, WiringOptions } from '../avr/face.ts'
import { subscribe } from '../avr/subscribe.ts'
import type { LineEnd } from './line-end.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

/** What the thread runs: an Uno alone, or a built module that exports `createScene`, with its data (cloned). */
export type ThreadOptions =
  | ({ readonly hex: string; readonly bootloader?: string } & Omit<WiringOptions, 'twoWire'>)
  | { readonly scene: URL; readonly data?: unknown }

/** An Uno in its thread. What it is told happens within some ms. */
export interface UnoThread extends LineEnd {
  readonly reset: (cause: Exclude<ResetCause, 'watchdog'>) => void
  readonly hang: () => void
  readonly setPin: (pin: number, level: boolean | null) => void
  readonly setAnalog: (channel: number, volts: number) => void
  /** Hears every change of a pin from now on. Returns a function that ends it. */
  readonly onPin: (pin: number, listener: (change: PinChange) => void) => () => void
  /** Sends the scene something. */
  readonly command: (value: unknown) => void
  /** Hears what the scene says. Returns a function that ends it. */
  readonly onSaid: (listener: (value: unknown) => void) => () => void
  /** Ends the thread. */
  readonly close: () => Promise<void>
  /** Rejects when the thread fails; otherwise resolves when it has ended. */
  readonly ended: Promise<void>
}

/** From sources (tests) the built worker is taken: a thread cannot load TypeScript. */
const BUILT = import.meta.url.endsWith('.ts') ? '../../dist/line/' : './'
const WORKER = new URL(`${BUILT}worker.js`, import.meta.url)
const UNO_SCENE = new URL(`${BUILT}uno-scene.js`, import.meta.url)

/** Starts the thread; resolves when the Uno runs. @throws Error what the scene threw */
export async function startUnoThread(options: ThreadOptions): Promise<UnoThread> {
  const { scene, data } = 'scene' in options ? options : { scene: UNO_SCENE, data: options }
  const worker = new Worker(WORKER, { workerData: { scene: scene.href, data }, execArgv: [] })
  const byteListeners = new Set<(bytes: Uint8Array) => void>()
  const pinListeners = new Set<{ readonly pin: number; readonly listener: (change: PinChange) => void }>()
  const watched = new Set<number>()
  const saidListeners = new Set<(value: unknown) => void>()
  const post = (message: ToThread): void => worker.postMessage(message)

  const ended = new Promise<void>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('exit', () => resolve())
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'failed') reject(new Error(message.detail))
    })
  })
  ended.catch(() => void worker.terminate())
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'bytes') for (const listener of byteListeners) listener(message.bytes)
      else if (message.kind === 'said') for (const listener of saidListeners) listener(message.value)
      else if (message.kind === 'pin') {
        for (const { pin, listener } of pinListeners) if (pin === message.change.pin) listener(message.change)
      }
    })
  })
  await Promise.race([ready, ended])
  return {
    send: (bytes) => post({ kind: 'send', bytes }),
    unsend: () => post({ kind: 'unsend' }),
    onBytes: (listener) => subscribe(byteListeners, listener),
    nowMs: () => performance.now(),
    after: (ms, action) => void setTimeout(action, ms),
    setBaudRate: (bps) => post({ kind: 'setBaudRate', bps }),
    dtr: () => post({ kind: 'dtr' }),
    powerOff: () => post({ kind: 'powerOff' }),
    powerOn: () => post({ kind: 'powerOn' }),
    reset: (cause) => post({ kind: 'reset', cause }),
    hang: () => post({ kind: 'hang' }),
    setPin: (pin, level) => post({ kind: 'setPin', pin, level }),
    setAnalog: (channel, volts) => post({ kind: 'setAnalog', channel, volts }),
    onPin: (pin, listener) => {
      if (!watched.has(pin)) post({ kind: 'watchPin', pin })
      watched.add(pin)
      return subscribe(pinListeners, { pin, listener })
    },
    command: (value) => post({ kind: 'command', value }),
    onSaid: (listener) => subscribe(saidListeners, listener),
    close: async () => {
      post({ kind: 'stop' })
      await ended.catch(() => undefined)
    },
    ended,
  }
}
