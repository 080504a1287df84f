/** A modelled Uno with a thermometer, an analog voltage and a rain gauge whose truth is known, behind a line that a seed makes bad. */

import type { Uno } from '@fieldproof/device-sim/avr'
import { unoLine } from '@fieldproof/device-sim/line'
import { createModelUno } from '@fieldproof/device-sim/model'
import { thermometer } from '@fieldproof/device-sim/parts'
import type { VirtualClock } from '@fieldproof/sdk/testing'
import type { OpenLine } from '../../src/line/index.ts'

/** Numbers of a seed, 0 to below 1. */
export type Random = () => number

/** mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How bad the line is: part of the bytes that are lost, changed, or preceded by others. */
export interface Noise {
  toHost: number
  toBoard: number
}

/** See the file's head. */
export interface FuzzPlace {
  readonly uno: Uno
  readonly open: OpenLine
  readonly noise: Noise
  readonly unplug: () => void
  readonly plug: () => void
  /** Bytes that the board did not send. */
  readonly inject: (bytes: Uint8Array) => void
  /** Says a piece of what the board said before, once more. */
  readonly replay: () => void
  /** Bytes wait in the computer; `false` hands them over in one piece. */
  readonly buffer: (isOn: boolean) => void
  readonly tips: () => number
  readonly valveMs: () => number
  /** Lets the world go on. */
  readonly pass: (ms: number) => Promise<void>
}

const STEP_MS = 5
const CHANGE_MS = 5_000
const TIP_MS = 7_000
const CONTACT_MS = 150
const KEPT_BYTES = 4_000
const RAIN_PIN = 2
const VALVE_PIN = 7

/** Temperature of the probe, Cel: another one every 5 s, in steps that a DS18B20 has. */
export const celsiusAt = (ms: number): number => 10 + (Math.floor(ms / CHANGE_MS) % 160) / 16
/** What A0 reads: another number every 5 s. */
export const rawAt = (ms: number): number => 150 + (Math.floor(ms / CHANGE_MS) % 97)

/** A place whose world begins at the clock's zero. */
export function fuzzPlace(clock: VirtualClock, random: Random): FuzzPlace {
  const uno = createModelUno()
  const line = unoLine(uno)
  const probe = thermometer({ celsius: celsiusAt })
  probe.connect(uno)
  uno.setPin(RAIN_PIN, true)
  const noise: Noise = { toHost: 0, toBoard: 0 }
  let onData: (bytes: Uint8Array) => void = () => undefined
  let held: number[] | null = null
  let said: number[] = []
  let tips = 0
  let openMs = 0

  const harmed = (bytes: Uint8Array, rate: number): Uint8Array => {
    if (rate === 0) return bytes
    const out: number[] = []
    for (const byte of bytes) {
      if (random() >= rate) out.push(byte)
      else {
        const kind = random()
        if (kind < 0.4) out.push(byte ^ (1 << Math.floor(random() * 8)))
        else if (kind < 0.6) out.push(byte, Math.floor(random() * 256))
        else if (kind < 0.7) out.push(byte, byte)
      }
    }
    return Uint8Array.from(out)
  }
  const deliver = (bytes: Uint8Array): void => {
    if (held !== null) held.push(...bytes)
    else if (bytes.length > 0) onData(bytes)
  }
  const world = (ms: number): void => {
    uno.setAnalog(0, ((rawAt(ms) + 0.5) / 1024) * 5)
    const isClosed = ms % TIP_MS < CONTACT_MS
    if (isClosed && ms % TIP_MS < STEP_MS) tips++
    uno.setPin(RAIN_PIN, !isClosed)
    if (uno.level(VALVE_PIN)) openMs += STEP_MS
  }
  return {
    uno,
    noise,
    unplug: line.unplug,
    plug: line.plug,
    open: async (handlers) => {
      let isOpen = true
      onData = handlers.onData
      const port = await line.open({
        onData: (bytes) => {
          said = [...said, ...bytes].slice(-KEPT_BYTES)
          if (isOpen) deliver(harmed(bytes, noise.toHost))
        },
        onClose: (reason) => {
          isOpen = false
          held = null
          handlers.onClose(reason)
        },
      })
      return { close: port.close, write: (bytes) => port.write(harmed(bytes, noise.toBoard)) }
    },
    inject: deliver,
    replay: () => {
      const from = Math.floor(random() * said.length)
      deliver(Uint8Array.from(said.slice(from, from + Math.floor(random() * 300))))
    },
    buffer: (isOn) => {
      const bytes = Uint8Array.from(held ?? [])
      held = isOn ? (held ?? []) : null
      if (!isOn && bytes.length > 0) onData(bytes)
    },
    tips: () => tips,
    valveMs: () => openMs,
    pass: async (ms) => {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        world(clock.monotonicMs())
        line.step(STEP_MS)
        await clock.advance(STEP_MS)
      }
    },
  }
}
