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
  /** CRC-16 over everything since the reply before. */
  readonly check: number
  readonly ms: number
}

const BOOT_MS = 60
const CHECK_BYTES = 3

let makeBoard = (options: Partial<UnoOptions>): Uno => createUno({ hex: HEX, ...options })

/** Has every rig of this test file made with another board, which speaks the same protocol. */
export function useBoard(make: (options: Partial<UnoOptions>) => Uno): void {
  makeBoard = make
}

/** A board that has booted, or one at its first instruction when `bootMs` is 0. */
export function createRig(options: Partial<UnoOptions> = {}, bootMs: number = BOOT_MS): Rig {
  const uno = makeBoard(options)
  const messages: Message[] = []
  let pending: number[] = []
  const checkLine = createLineCheck()
  uno.onSerial(({ byte, ms }) => {
    if (byte >= 0x80 && byte !== 0xf7) pending = [] // a reset has cut the one before short
    pending.push(byte)
    const isWhole = pending[0] === 0xf0 ? byte === 0xf7 : pending.length === 3
    if (!isWhole) return
    const message = { bytes: pending, ms }
    messages.push(message)
    pending = []
    if (!checkLine(message)) throw new Error(`the line check of ${message.bytes} is wrong`)
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
    payload: bytes.slice(10, -1 - CHECK_BYTES),
    check: fromGroups(bytes.slice(-1 - CHECK_BYTES, -1)),
    ms,
  }
}

/** Hears messages in their order and says of each reply of feature 01 whether its line check holds (BOARD-9). */
function createLineCheck(): (message: Message) => boolean {
  let sinceReply: number[] = []
  let sinceHello: number[] = []
  return (message) => {
    if (message.bytes[0] === 0xf9) sinceHello = []
    sinceReply.push(...message.bytes)
    sinceHello.push(...message.bytes)
    const reply = replyOf(message)
    if (reply === undefined) return true
    // The first reply after a reset counts from the reset, which the board's greeting follows.
    const counted = reply.sequence === 0 ? [sinceReply, sinceHello] : [sinceReply]
    const isGood = counted.some((bytes) => crc16(bytes.slice(0, -1 - CHECK_BYTES)) === reply.check)
    sinceReply = []
    sinceHello = []
    return isGood
  }
}

/** CRC-16/IBM-3740: polynomial 0x1021, start 0xffff. */
export function crc16(bytes: readonly number[]): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff
  }
  return crc
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
