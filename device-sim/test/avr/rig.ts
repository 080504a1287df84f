/** A board with the committed firmware, and what it says, cut into messages. */
import { readFileSync } from 'node:fs'
import { createUno, type Uno, type UnoOptions } from '../../src/avr/index.ts'

export const HEX: string = readFileSync(new URL('../../../boards/firmware/fieldproof.hex', import.meta.url), 'latin1')
export const COUNTER_PINS = [2, 3, 4] as const
export const VALVE_PIN = 7

/** A message from the board. */
export interface Message {
  readonly bytes: readonly number[]
  /** Virtual time of its last byte. */
  readonly ms: number
}

export interface Rig {
  readonly uno: Uno
  /** Everything that the board has said. */
  readonly messages: Message[]
  /** Sends bytes, runs for `ms` of virtual time, and gives what the board said meanwhile. */
  readonly ask: (bytes: readonly number[], ms?: number) => Message[]
  /** The same for a request of feature 01: its replies. */
  readonly feature: (command: number, payload?: readonly number[], ms?: number) => Reply[]
}

/** A reply of feature 01. */
export interface Reply {
  readonly command: number
  readonly sequence: number
  /** The board's own milliseconds. */
  readonly boardMs: number
  readonly payload: readonly number[]
  readonly ms: number
}

const BOOT_MS = 60

/** A board that has booted, or one at its first instruction when `bootMs` is 0. */
export function createRig(options: Partial<UnoOptions> = {}, bootMs: number = BOOT_MS): Rig {
  const uno = createUno({ hex: HEX, ...options })
  const messages: Message[] = []
  let pending: number[] = []
  uno.onSerial(({ byte, ms }) => {
    pending.push(byte)
    const isWhole = pending[0] === 0xf0 ? byte === 0xf7 : pending.length === 3
    if (!isWhole) return
    messages.push({ bytes: pending, ms })
    pending = []
  })
  const ask = (bytes: readonly number[], ms = 20): Message[] => {
    const before = messages.length
    uno.send(Uint8Array.from(bytes))
    uno.run(ms)
    return messages.slice(before)
  }
  uno.run(bootMs)
  return {
    uno,
    messages,
    ask,
    feature: (command, payload = [], ms = 20) =>
      ask([0xf0, 0x01, command, ...payload, 0xf7], ms).flatMap((message) => replyOf(message) ?? []),
  }
}

/** A message as a reply of feature 01, or undefined when it is another. */
export function replyOf({ bytes, ms }: Message): Reply | undefined {
  if (bytes[0] !== 0xf0 || bytes[1] !== 0x01) return undefined
  return {
    command: bytes[2] ?? -1,
    sequence: fromGroups(bytes.slice(3, 5)),
    boardMs: fromGroups(bytes.slice(5, 10)),
    payload: bytes.slice(10, -1),
    ms,
  }
}

export function toGroups(value: number, groups: number): number[] {
  return Array.from({ length: groups }, (_, i) => Math.floor(value / 128 ** i) % 128)
}

export function fromGroups(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 128 + byte, 0)
}

/** Counts and debounce times of a counters reply. */
export function countersOf(reply: Reply | undefined): { count: number; debounceUs: number }[] {
  const payload = reply?.payload ?? []
  return COUNTER_PINS.map((_, i) => ({
    count: fromGroups(payload.slice(8 * i, 8 * i + 5)),
    debounceUs: fromGroups(payload.slice(8 * i + 5, 8 * i + 8)),
  }))
}

/** What a valve reply says. */
export function valveOf(reply: Reply | undefined): { level?: number; remainingMs: number; state?: number } {
  const [level, a = 0, b = 0, c = 0, d = 0, state] = reply?.payload ?? []
  return {
    ...(level === undefined ? {} : { level }),
    remainingMs: fromGroups([a, b, c, d]),
    ...(state === undefined ? {} : { state }),
  }
}

/** What an identity reply says. */
export function identityOf(reply: Reply | undefined): { buildId: string; boots: number; cause: number } {
  const payload = reply?.payload ?? []
  const id = Array.from({ length: 8 }, (_, i) => fromGroups(payload.slice(1 + 2 * i, 3 + 2 * i)))
  return {
    buildId: id.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    boots: fromGroups(payload.slice(17, 22)),
    cause: payload[22] ?? -1,
  }
}
