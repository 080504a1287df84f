/**
 * A 1-Wire bus on a pin of an emulated Uno: an open drain behind a pull-up, with the slots and times of a DS18B20's data
 * sheet. It hears the board only through the level of the pin, as devices on a cable do.
 */

import type { Uno } from './face.ts'
import { createRomLayer, type RomLayer } from './one-wire-rom.ts'

/** A device on the bus, in bytes; addressing is the bus's. */
export interface OneWireDevice {
  /** Family, 48 bits of serial number, CRC-8: what a search finds. */
  readonly rom: Uint8Array
  /** Whether it is plugged in; asked at every reset pulse. */
  readonly present: () => boolean
  /** A reset pulse: whatever was begun is over. */
  readonly reset: () => void
  /** A byte for the device, after it was selected. */
  readonly command: (byte: number) => void
  /** The byte that it sends next, or null while it listens; asked before every byte. */
  readonly read: () => number | null
}

/** The bus. */
export interface OneWireBus {
  /** Holds the line low, as a short circuit does, or lets go of it. */
  readonly hold: (low: boolean) => void
}

const RESET_US = 480
const PRESENCE_AFTER_US = 30
const PRESENCE_US = 120
/** A device samples, and lets go of a zero, so long after the edge that begins a slot: 15 to 60 by the data sheet. */
const SAMPLE_US = 30

/** Puts devices and their pull-up on a pin. */
export function connectOneWire(uno: Uno, pin: number, devices: readonly OneWireDevice[]): OneWireBus {
  const layers = devices.map(createRomLayer)
  let fellMs = 0
  let isHeld = false
  let pulls = 0
  let isOwn = false

  const drive = (): void => {
    isOwn = true // the edge that this makes is not the board's
    uno.setPin(pin, !isHeld && pulls === 0)
    isOwn = false
  }
  const pull = (fromMs: number, us: number): void => {
    uno.at(fromMs, () => {
      pulls++
      drive()
    })
    uno.at(fromMs + us / 1000, () => {
      pulls--
      drive()
    })
  }
  const beginSlot = (): void => {
    const nowMs = uno.nowMs()
    fellMs = nowMs
    uno.at(nowMs + SAMPLE_US / 1000, () => sample(uno.level(pin), layers))
    if (layers.some((layer) => layer.sends() === 0)) {
      pulls++
      drive()
      uno.at(nowMs + SAMPLE_US / 1000, () => {
        pulls--
        drive()
      })
    }
  }
  const endPulse = (): void => {
    const nowMs = uno.nowMs()
    if ((nowMs - fellMs) * 1000 < RESET_US) return
    const isAnyPresent = layers.filter((layer) => layer.reset()).length > 0
    if (isAnyPresent) pull(nowMs + PRESENCE_AFTER_US / 1000, PRESENCE_US)
  }
  uno.onPin(pin, ({ level }) => {
    if (isOwn) return
    if (level) endPulse()
    else beginSlot()
  })
  drive()
  return {
    hold: (low) => {
      isHeld = low
      drive()
    },
  }
}

function sample(level: boolean, layers: readonly RomLayer[]): void {
  for (const layer of layers) layer.slot(level ? 1 : 0)
}
