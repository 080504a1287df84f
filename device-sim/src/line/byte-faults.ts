/** What a bad cable does to bytes: a pure function of a seed and of the place of a byte in the stream, however it is cut into chunks. */
import { draw32, type Key, subkey, uniform } from '../world/rng.ts'

/** How often what goes wrong, 0 to 1. */
export interface FaultRates {
  /** Bytes that are lost. */
  readonly dropPerByte?: number
  /** Bytes that arrive as another one. */
  readonly changePerByte?: number
  /** Bytes before which up to eight others are inserted. */
  readonly garbagePerByte?: number
  /** Messages that begin with f0 and of which the end is lost. */
  readonly cutPerMessage?: number
}

/** What has gone wrong so far. */
export interface FaultCounts {
  readonly dropped: number
  readonly changed: number
  readonly inserted: number
  readonly cut: number
}

/** One direction of a bad cable. */
export interface ByteFaults {
  /** What arrives of these bytes. */
  readonly pass: (bytes: Uint8Array) => Uint8Array
  readonly setRates: (rates: FaultRates) => void
  readonly counts: () => FaultCounts
}

const SYSEX_START = 0xf0
const SYSEX_END = 0xf7
const MAX_GARBAGE = 8
const MAX_KEPT = 24

/** A cable that does to its bytes what the seed says. */
export function createByteFaults(seed: number, first: FaultRates = {}): ByteFaults {
  const key = subkey(seed >>> 0, 'line')
  const keys: Readonly<Record<'drop' | 'change' | 'garbage' | 'cut' | 'value', Key>> = {
    drop: subkey(key, 'drop'),
    change: subkey(key, 'change'),
    garbage: subkey(key, 'garbage'),
    cut: subkey(key, 'cut'),
    value: subkey(key, 'value'),
  }
  const counts = { dropped: 0, changed: 0, inserted: 0, cut: 0 }
  let rates = first
  let at = -1
  /** Bytes of this message that still arrive; infinity when it is not cut. */
  let left = Number.POSITIVE_INFINITY

  const isHit = (kind: 'drop' | 'change' | 'garbage' | 'cut', rate = 0): boolean => uniform(keys[kind], at) < rate
  const passOne = (byte: number, out: number[]): void => {
    at++
    if (byte === SYSEX_START) {
      const isCut = isHit('cut', rates.cutPerMessage)
      left = isCut ? 1 + (draw32(keys.value, at) % MAX_KEPT) : Number.POSITIVE_INFINITY
    }
    if (isHit('garbage', rates.garbagePerByte)) {
      const count = 1 + (draw32(keys.garbage, ~at) % MAX_GARBAGE)
      for (let i = 0; i < count; i++) out.push(draw32(subkey(keys.garbage, at), i) & 0xff)
      counts.inserted += count
    }
    const isBehindCut = left === 0
    if (left > 0) left--
    if (byte === SYSEX_END && left !== Number.POSITIVE_INFINITY) {
      left = Number.POSITIVE_INFINITY
      if (isBehindCut) counts.cut++
    }
    if (isBehindCut) return
    if (isHit('drop', rates.dropPerByte)) counts.dropped++
    else if (isHit('change', rates.changePerByte)) {
      counts.changed++
      out.push(byte ^ (1 + (draw32(keys.change, ~at) % 0xff)))
    } else out.push(byte)
  }
  return {
    pass: (bytes) => {
      const out: number[] = []
      for (const byte of bytes) passOne(byte, out)
      return Uint8Array.from(out)
    },
    setRates: (next) => {
      rates = next
    },
    counts: () => ({ ...counts }),
  }
}
