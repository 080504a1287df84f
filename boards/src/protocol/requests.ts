/** What a host asks of feature 01, in both directions: hosts encode, boards (a model of one) decode (08-board, Feature 01, BOARD-8). */
import { FieldproofError } from '@fieldproof/sdk/base'
import { FEATURE_ID } from './firmata.ts'
import { decodeNumber, encodeNumber } from './groups.ts'
import { SYSEX_END, SYSEX_START } from './splitter.ts'

/** Longest debounce of a counter, in µs. */
export const MAX_DEBOUNCE_US = 2_000_000
/** Shortest interval of counter reports that is not 0, in ms. */
export const MIN_INTERVAL_MS = 100
/** Longest interval of counter reports, in ms: 3 groups. */
export const MAX_INTERVAL_MS = 2_097_151
/** Longest time that a valve may be open in one piece, in ms (BOARD-12). */
export const MAX_VALVE_MS = 3_600_000
/** Pulse counters of a board. */
export const COUNTERS = 3

/** A request. The reply to `open-valve` and `close-valve` is that of `valve`, and to `set-debounce` that of `counters`. */
export type Request =
  | { readonly kind: 'identity' | 'counters' | 'valve' | 'close-valve' | 'check' }
  | { readonly kind: 'set-debounce'; readonly counter: number; readonly debounceUs: number }
  /** 0 for never, or {@link MIN_INTERVAL_MS} to {@link MAX_INTERVAL_MS}. */
  | { readonly kind: 'set-interval'; readonly intervalMs: number }
  /** 1 to {@link MAX_VALVE_MS}, from now. */
  | { readonly kind: 'open-valve'; readonly forMs: number }

/** Command byte of each request. */
export const REQUEST_COMMANDS: Readonly<Record<Request['kind'], number>> = {
  identity: 0x00,
  counters: 0x01,
  'set-debounce': 0x02,
  'set-interval': 0x03,
  valve: 0x04,
  'open-valve': 0x05,
  'close-valve': 0x06,
  check: 0x08,
}

/** Why a board does not do what a message says, as an error reply names it; the place is its number, from 1. */
export const REFUSALS = ['bad-length', 'unknown', 'out-of-range', 'no-device', 'bus-held', 'too-many'] as const
/** One of {@link REFUSALS}. */
export type Refusal = (typeof REFUSALS)[number]

/** A request that a board must answer with this error and otherwise ignore. */
export interface RefusedRequest {
  readonly kind: 'refused'
  readonly refusal: Refusal
  /** First byte of the sysex: 1 for feature 01. */
  readonly sysex: number
  /** The command, or 0 when there is none. */
  readonly detail: number
}

/**
 * The bytes of a request, from f0 to f7.
 * @throws FieldproofError `out-of-range` when a board would refuse it
 */
export function encodeRequest(request: Request): Uint8Array {
  const payload = payloadOf(request)
  const bytes = [SYSEX_START, FEATURE_ID, REQUEST_COMMANDS[request.kind], ...payload, SYSEX_END]
  const back = decodeRequest(Uint8Array.from(bytes))
  if (back.kind !== 'refused') return Uint8Array.from(bytes)
  throw new FieldproofError('out-of-range', `no board takes ${JSON.stringify(request)}`, {
    facts: { kind: request.kind },
  })
}

function payloadOf(request: Request): number[] {
  switch (request.kind) {
    case 'set-debounce':
      return [...encodeNumber(request.counter, 1), ...encodeNumber(request.debounceUs, 3)]
    case 'set-interval':
      return encodeNumber(request.intervalMs, 3)
    case 'open-valve':
      return encodeNumber(request.forMs, 4)
    default:
      return []
  }
}

const PAYLOAD_BYTES: Readonly<Record<Request['kind'], number>> = {
  identity: 0,
  counters: 0,
  'set-debounce': 4,
  'set-interval': 3,
  valve: 0,
  'open-valve': 4,
  'close-valve': 0,
  check: 0,
}
const KINDS: ReadonlyMap<number, Request['kind']> = new Map(
  (Object.keys(REQUEST_COMMANDS) as Request['kind'][]).map((kind) => [REQUEST_COMMANDS[kind], kind]),
)

/**
 * What a whole sysex of feature 01 asks, as a board reads it. Total: a board has an answer to everything.
 * @param bytes f0 01 ... f7, data bytes below 0x80
 */
export function decodeRequest(bytes: Uint8Array): Request | RefusedRequest {
  const [command, ...payload] = bytes.subarray(2, -1)
  const refused = (refusal: Refusal): RefusedRequest => ({
    kind: 'refused',
    refusal,
    sysex: FEATURE_ID,
    detail: command ?? 0,
  })
  if (command === undefined) return refused('bad-length')
  const kind = KINDS.get(command)
  if (kind === undefined) return refused('unknown')
  if (payload.length !== PAYLOAD_BYTES[kind]) return refused('bad-length')
  return requestOf(kind, payload) ?? refused('out-of-range')
}

/** The request, or undefined when a value is out of range. */
function requestOf(kind: Request['kind'], payload: readonly number[]): Request | undefined {
  const value = decodeNumber(kind === 'set-debounce' ? payload.slice(1) : payload)
  switch (kind) {
    case 'set-debounce': {
      const [counter = COUNTERS] = payload
      return counter < COUNTERS && value <= MAX_DEBOUNCE_US ? { kind, counter, debounceUs: value } : undefined
    }
    case 'set-interval':
      return value === 0 || value >= MIN_INTERVAL_MS ? { kind, intervalMs: value } : undefined
    case 'open-valve':
      return value >= 1 && value <= MAX_VALVE_MS ? { kind, forMs: value } : undefined
    default:
      return { kind }
  }
}
