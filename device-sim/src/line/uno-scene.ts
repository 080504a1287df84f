/** The scene of an Uno alone: `data` are the options of `createUno`. */
import { createUno, type UnoOptions } from '../avr/uno.ts'
import type { Scene } from './thread-messages.ts'

/** Makes the Uno. */
export function createScene(data: unknown): Scene {
  return { uno: createUno(data as UnoOptions) }
}
