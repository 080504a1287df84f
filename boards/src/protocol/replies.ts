/**
 * What a board answers in feature 01, in both directions: hosts decode, a model of a board encodes (08-board, Feature 01). Decoding
 * looks at one reply alone; whether it came whole is the gate's word (frames.ts), and whether one was lost the number's.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { crc16 } from './crc16.ts'
import { FEATURE_ID } from './firmata.ts'
import { createGroupReader, encodeBytes, encodeNumber, type GroupReader, invalidMessage } from './groups.ts'
import { COUNTERS, MAX_DEBOUNCE_US, MAX_VALVE_MS, MIN_INTERVAL_MS, REFUSALS, type Refusal } from './requests.ts'
import { SYSEX_END, SYSEX_START } from './splitter.ts'

/** The version of feature 01 that this code speaks. */
export const PROTOCOL_VERSION = 1
/** Groups of the line check, directly before f7 (BOARD-9). */
export const CHECK_GROUPS = 3
/** Message numbers go from 0 to one below this, and begin again (BOARD-1). */
export const NUMBER_MODULUS: number = 2 ** 14
/** A board's milliseconds begin again at this, after 397 days (BOARD-1). */
export const BOARD_MS_MODULUS: number = 2 ** 35
/** Pulse counts begin again at this. */
export const PULSE_MODULUS: number = 2 ** 32

/** Why the chip started; the place is its bit. */
export const RESET_CAUSES = ['power', 'external', 'brown-out', 'watchdog'] as const
/** One of {@link RESET_CAUSES}. */
export type ResetCause = (typeof RESET_CAUSES)[number]

/** How a valve came to be as it is; the place is its number. */
export const VALVE_STATES = ['never-opened', 'closed-by-host', 'time-over', 'closed-by-reset', 'open'] as const
/** One of {@link VALVE_STATES}. */
export type ValveState = (typeof VALVE_STATES)[number]

/** What one counter says. */
export interface CounterReading {
  /** Pulses since the reset, modulo 2^32. */
  readonly pulses: number
  readonly debounceUs: number
}

/** The part of a reply that depends on its command. */
export type ReplyBody =
  | {
      readonly kind: 'identity'
      /** First 8 bytes of the SHA-256 over firmware sources and flags (BOARD-6). */
      readonly buildId: Uint8Array
      /** Larger after every reset of the chip (BOARD-7). */
      readonly boots: number
      /** In the order of {@link RESET_CAUSES}; empty when a bootloader has taken the answer. */
      readonly resetCauses: readonly ResetCause[]
    }
  /** Always three: rain, wind and flow by the stations' wiring. */
  | { readonly kind: 'counters'; readonly counters: readonly CounterReading[] }
  | { readonly kind: 'interval'; readonly intervalMs: number }
  | {
      readonly kind: 'valve'
      /** Level of pin 7 as read back: true is open (BOARD-14). */
      readonly isHigh: boolean
      readonly remainingMs: number
      readonly state: ValveState
    }
  | { readonly kind: 'check' }
  | {
      readonly kind: 'error'
      /** First byte of the sysex that was refused. */
      readonly sysex: number
      /** Command of feature 01, or I2C address, or 1-Wire pin, or 0. */
      readonly detail: number
      readonly refusal: Refusal
    }

/** A reply: message number, the board's milliseconds since its reset, and the body. */
export type Reply = ReplyBody & { readonly number: number; readonly boardMs: number }

/** First byte of each reply. */
export const REPLY_COMMANDS: Readonly<Record<Reply['kind'], number>> = {
  identity: 0x40,
  counters: 0x41,
  interval: 0x43,
  valve: 0x44,
  check: 0x48,
  error: 0x7f,
}

/**
 * What a whole reply says.
 * @param bytes f0 01 command number milliseconds payload check f7; anything else is refused
 * @throws FieldproofError `board-message-invalid`; `board-firmware` for an identity of another protocol version
 */
export function decodeReply(bytes: Uint8Array): Reply {
  if (bytes[0] !== SYSEX_START || bytes[1] !== FEATURE_ID || bytes.at(-1) !== SYSEX_END) {
    throw invalidMessage('not a sysex of feature 01')
  }
  const inner = bytes.subarray(2, -1)
  const at = Math.max(inner.length - CHECK_GROUPS, 0)
  createGroupReader(inner.subarray(at)).number(CHECK_GROUPS, 0xffff)
  const reader = createGroupReader(inner.subarray(0, at))
  const command = reader.number(1)
  const head = { number: reader.number(2), boardMs: reader.number(5) }
  const body = readBody(command, reader)
  reader.end()
  return { ...head, ...body }
}

function readBody(command: number, reader: GroupReader): ReplyBody {
  switch (command) {
    case REPLY_COMMANDS.identity:
      return readIdentity(reader)
    case REPLY_COMMANDS.counters:
      return { kind: 'counters', counters: Array.from({ length: COUNTERS }, () => readCounter(reader)) }
    case REPLY_COMMANDS.interval:
      return { kind: 'interval', intervalMs: readInterval(reader) }
    case REPLY_COMMANDS.valve:
      return {
        kind: 'valve',
        isHigh: reader.number(1, 1) === 1,
        remainingMs: reader.number(4, MAX_VALVE_MS),
        state: oneOf(VALVE_STATES, reader.number(1)),
      }
    case REPLY_COMMANDS.check:
      return { kind: 'check' }
    case REPLY_COMMANDS.error:
      return {
        kind: 'error',
        sysex: reader.number(1),
        detail: reader.number(1),
        refusal: oneOf(REFUSALS, reader.number(1) - 1),
      }
    default:
      throw invalidMessage(`no reply has the command ${command}`)
  }
}

function readIdentity(reader: GroupReader): ReplyBody {
  const protocol = reader.number(1)
  if (protocol !== PROTOCOL_VERSION) {
    const detail = `the board speaks version ${protocol} of feature 01, not ${PROTOCOL_VERSION}`
    throw new FieldproofError('board-firmware', detail, { facts: { protocol } })
  }
  const buildId = reader.bytes(8)
  const boots = reader.number(5)
  const causes = reader.number(1, 2 ** RESET_CAUSES.length - 1)
  return { kind: 'identity', buildId, boots, resetCauses: RESET_CAUSES.filter((_, bit) => (causes >> bit) & 1) }
}

function readCounter(reader: GroupReader): CounterReading {
  return { pulses: reader.number(5, PULSE_MODULUS - 1), debounceUs: reader.number(3, MAX_DEBOUNCE_US) }
}

function readInterval(reader: GroupReader): number {
  const intervalMs = reader.number(3)
  if (intervalMs > 0 && intervalMs < MIN_INTERVAL_MS) throw invalidMessage(`an interval of ${intervalMs} ms`)
  return intervalMs
}

function oneOf<T>(values: readonly T[], place: number): T {
  const value = values[place]
  if (value === undefined) throw invalidMessage(`no meaning has the number ${place}`)
  return value
}

/**
 * The bytes of a reply, with its check.
 * @param crc check over every byte that the board has sent since its reply before, CRC_START if that was the last (BOARD-9)
 * @throws FieldproofError `out-of-range` when a number does not fit its groups
 */
export function encodeReply(reply: Reply, crc: number): Uint8Array {
  const head = [...encodeNumber(reply.number, 2), ...encodeNumber(reply.boardMs, 5)]
  const body = [SYSEX_START, FEATURE_ID, REPLY_COMMANDS[reply.kind], ...head, ...bodyOf(reply)]
  return Uint8Array.from([...body, ...encodeNumber(crc16(body, crc), CHECK_GROUPS), SYSEX_END])
}

function bodyOf(reply: Reply): number[] {
  switch (reply.kind) {
    case 'identity': {
      const causes = reply.resetCauses.map((cause) => 1 << RESET_CAUSES.indexOf(cause))
      const flags = causes.reduce((all, one) => all | one, 0)
      return [PROTOCOL_VERSION, ...encodeBytes(reply.buildId), ...encodeNumber(reply.boots, 5), flags]
    }
    case 'counters':
      return reply.counters.flatMap((each) => [...encodeNumber(each.pulses, 5), ...encodeNumber(each.debounceUs, 3)])
    case 'interval':
      return encodeNumber(reply.intervalMs, 3)
    case 'valve':
      return [reply.isHigh ? 1 : 0, ...encodeNumber(reply.remainingMs, 4), VALVE_STATES.indexOf(reply.state)]
    case 'check':
      return []
    case 'error':
      return [...encodeNumber(reply.sysex, 1), ...encodeNumber(reply.detail, 1), REFUSALS.indexOf(reply.refusal) + 1]
  }
}
