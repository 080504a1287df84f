/** Messages of one of each kind, and arbitrary ones. */
import fc from 'fast-check'
import {
  BOARD_MS_MODULUS,
  CRC_START,
  crc16,
  encodeReply,
  NUMBER_MODULUS,
  PULSE_MODULUS,
  REFUSALS,
  RESET_CAUSES,
  type Reply,
  type ReplyBody,
  VALVE_STATES,
} from '../../src/protocol/index.ts'

/** One property run for the whole folder: the same cases each time. */
export const RUNS: { seed: number; numRuns: number } = { seed: 20260508, numRuns: 500 }

/** What a board says right after a reset of its chip: version and name. */
export const GREETING: Uint8Array = Uint8Array.from([
  0xf9,
  2,
  5,
  0xf0,
  0x79,
  1,
  0,
  ...Array.from('fieldproof', (letter) => [letter.charCodeAt(0), 0]).flat(),
  0xf7,
])

/** Analog channel 2 reads 515. */
export const ANALOG: Uint8Array = Uint8Array.of(0xe2, 3, 4)

/** A reply about the valve. */
export type ValveReply = Extract<Reply, { kind: 'valve' }>

/** A valve that opens at 136 ms and is closed by the board at 336 ms. */
export const OPENED: ValveReply = {
  kind: 'valve',
  number: 0,
  boardMs: 136,
  isHigh: true,
  remainingMs: 200,
  state: 'open',
}
export const TIMED_OUT: ValveReply = {
  kind: 'valve',
  number: 1,
  boardMs: 336,
  isHigh: false,
  remainingMs: 0,
  state: 'time-over',
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** What a board sends from its reset on: messages that are not of feature 01 as bytes, replies with the check that follows. */
export function streamOf(...messages: (Uint8Array | Reply)[]): Uint8Array {
  let crc = CRC_START
  const parts = messages.map((message) => {
    const isReply = !(message instanceof Uint8Array)
    const bytes = isReply ? encodeReply(message, crc) : message
    crc = isReply ? CRC_START : crc16(bytes, crc)
    return bytes
  })
  return join(...parts)
}

const below = (limit: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: limit - 1 })
const counter = fc.record({ pulses: below(PULSE_MODULUS), debounceUs: below(2_000_001) })
const body: fc.Arbitrary<ReplyBody> = fc.oneof(
  fc.record({
    kind: fc.constant('identity' as const),
    buildId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    boots: below(2 ** 35),
    resetCauses: fc.subarray([...RESET_CAUSES]),
  }),
  fc.record({ kind: fc.constant('counters' as const), counters: fc.tuple(counter, counter, counter) }),
  fc.record({
    kind: fc.constant('interval' as const),
    intervalMs: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 2_097_151 })),
  }),
  fc.record({
    kind: fc.constant('valve' as const),
    isHigh: fc.boolean(),
    remainingMs: below(3_600_001),
    state: fc.constantFrom(...VALVE_STATES),
  }),
  fc.record({ kind: fc.constant('check' as const) }),
  fc.record({
    kind: fc.constant('error' as const),
    sysex: below(128),
    detail: below(128),
    refusal: fc.constantFrom(...REFUSALS),
  }),
)

/** Any reply that a board may send. */
export const anyReply: fc.Arbitrary<Reply> = fc
  .tuple(body, below(NUMBER_MODULUS), below(BOARD_MS_MODULUS))
  .map(([each, number, boardMs]) => ({ ...each, number, boardMs }))

/** Any message of Firmata that a board may send, of three bytes or a sysex. */
export const anyFirmata: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(fc.constantFrom(0xe0, 0xe5, 0xef, 0x90, 0x9f, 0xf9), below(128), below(128))
    .map((bytes) => Uint8Array.from(bytes)),
  fc
    .tuple(fc.integer({ min: 2, max: 127 }), fc.array(below(128), { maxLength: 40 }))
    .map(([id, data]) => Uint8Array.of(0xf0, id, ...data, 0xf7)),
)
