/**
 * The narrow face that we use of firmata-io 2.3.0, which has no types of its own: what Johnny-Five calls `board.io`.
 */
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'

/** A serialport-shaped object, as firmata-io and Johnny-Five want one. */
export interface FirmataTransport extends EventEmitter {
  write(bytes: Uint8Array, done?: () => void): void
}

/** An instance of firmata-io. */
export interface FirmataIo extends EventEmitter {
  readonly isReady: boolean
  /** Johnny-Five looks it up; must be `Firmata`. */
  name: string
  readonly firmware: { readonly name?: string; readonly version?: { readonly major: number; readonly minor: number } }
  readonly pins: readonly { readonly supportedModes: readonly number[]; readonly analogChannel?: number }[]
  readonly analogPins: number[]
  /** Bytes of the message that has begun to come. */
  readonly buffer: number[]
  /** Its own timer, which it clears when the version has come, and otherwise never. */
  readonly reportVersionTimeoutId: NodeJS.Timeout
  readonly MODES: Readonly<Record<'INPUT' | 'OUTPUT' | 'ANALOG' | 'I2C' | 'ONEWIRE' | 'PULLUP', number>>
  reportVersion(done: () => void): void
  pinMode(pin: number, mode: number): void
  digitalWrite(pin: number, level: 0 | 1): void
}

/** Options of the constructor. */
export interface FirmataOptions {
  readonly reportVersionTimeout: number
  readonly samplingInterval?: number
}

type FirmataClass = new (
  transport: FirmataTransport,
  options: FirmataOptions,
  ready: (error?: unknown) => void,
) => FirmataIo

/** The class. CommonJS without types, so it is required and not imported. */
export const Firmata: FirmataClass = (
  createRequire(import.meta.url)('firmata-io') as { readonly Firmata: FirmataClass }
).Firmata
