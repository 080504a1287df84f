/** What the thread of a real-time Uno and its owner tell each other. */

import type { ResetCause } from '../avr/chip.ts'
import type { PinChange, Uno } from '../avr/face.ts'

/** To the thread. */
export type ToThread =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'unsend' | 'dtr' | 'hang' | 'powerOff' | 'powerOn' | 'stop' }
  | { readonly kind: 'reset'; readonly cause: Exclude<ResetCause, 'watchdog'> }
  | { readonly kind: 'setBaudRate'; readonly bps: number }
  | { readonly kind: 'setPin'; readonly pin: number; readonly level: boolean | null }
  | { readonly kind: 'setAnalog'; readonly channel: number; readonly volts: number }
  | { readonly kind: 'watchPin'; readonly pin: number }
  | { readonly kind: 'command'; readonly value: unknown }

/** From the thread. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'pin'; readonly change: PinChange }
  | { readonly kind: 'said'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly detail: string }

/** What a thread runs: an Uno with whatever is connected to it. */
export interface Scene {
  readonly uno: Uno
  /** Takes what the owner sends with `command`. */
  readonly command?: (value: unknown) => void
}

/** A scene module exports this as `createScene`: it gets the owner's data, and may tell the owner things, which are cloned. */
export type CreateScene = (data: unknown, say: (value: unknown) => void) => Scene | Promise<Scene>
