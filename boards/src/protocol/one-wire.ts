/**
 * Firmata's OneWire messages, in both directions (08-board, 1-Wire). Bytes are what stands on the bus; whether an address or a scratchpad
 * has the CRC-8 that it should have is for whoever knows the device.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { FIRMATA } from './firmata.ts'
import { invalidMessage } from './groups.ts'
import { decodePacked, encodePacked, unpack } from './packed.ts'
import type { Refusal } from './requests.ts'
import { SYSEX_END, SYSEX_START } from './splitter.ts'

/** Second data byte of a OneWire sysex that is no sum of steps. */
export const ONE_WIRE = { search: 0x40, config: 0x41, found: 0x42, read: 0x43 } as const

/** Bytes of a device's address: family, serial number, CRC-8. */
export const ROM_BYTES = 8
/** Most bytes that one request reads (BOARD-42). */
export const MAX_ONE_WIRE_READ = 32
/** Most bytes that one request writes (BOARD-42). */
export const MAX_ONE_WIRE_WRITE = 16
/** Longest delay that a request asks for, in ms (BOARD-42). */
export const MAX_ONE_WIRE_DELAY_MS = 2000

const STEPS = { reset: 0x01, skip: 0x02, select: 0x04, read: 0x08, delay: 0x10, write: 0x20 } as const
const ALL_STEPS = 0x3f

/** What one request does on a pin, in this order. */
export interface OneWireSteps {
  readonly reset: boolean
  /** `all` devices, the one with this address of {@link ROM_BYTES}, or whoever was selected before. */
  readonly select: 'all' | Uint8Array | null
  readonly write: Uint8Array
  /** Bytes to read, 0 to {@link MAX_ONE_WIRE_READ}. */
  readonly read: number
  /** 0 to 65535, comes back with the bytes that are read. */
  readonly correlationId: number
  readonly delayMs: number
}

/** A OneWire request. */
export type OneWireRequest =
  | { readonly kind: 'config' | 'search'; readonly pin: number }
  | ({ readonly kind: 'steps'; readonly pin: number } & OneWireSteps)

/** What a board answers; errors are replies of feature 01. */
export type OneWireReply =
  | { readonly kind: 'found'; readonly pin: number; readonly addresses: readonly Uint8Array[] }
  | { readonly kind: 'read'; readonly pin: number; readonly correlationId: number; readonly data: Uint8Array }

const sysex = (subcommand: number, pin: number, data: readonly number[]): Uint8Array =>
  Uint8Array.from([SYSEX_START, FIRMATA.oneWire, subcommand, pin, ...data, SYSEX_END])
const word = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff]

/**
 * The bytes of a request, from f0 to f7. Nobody is selected when nothing is read or written.
 * @throws FieldproofError `out-of-range` when a board would refuse it
 */
export function encodeOneWireRequest(request: OneWireRequest): Uint8Array {
  const bytes = sysex(...dataOf(request))
  const back = decodeOneWireRequest(bytes)
  const isRom =
    request.kind !== 'steps' || !(request.select instanceof Uint8Array) || request.select.length === ROM_BYTES
  if (back.kind !== 'refused' && isRom && bytes.subarray(1, -1).every((byte) => byte < 0x80)) return bytes
  throw new FieldproofError('out-of-range', `no board takes this 1-Wire request for pin ${request.pin}`)
}

function dataOf(request: OneWireRequest): [subcommand: number, pin: number, data: readonly number[]] {
  const { pin } = request
  if (request.kind !== 'steps') return [ONE_WIRE[request.kind], pin, request.kind === 'config' ? [0] : []]
  const { reset, select, write, read, correlationId, delayMs } = request
  const parts: [number, boolean, readonly number[]][] = [
    [STEPS.reset, reset, []],
    [STEPS.skip, select === 'all', []],
    [STEPS.select, select instanceof Uint8Array, select instanceof Uint8Array ? [...select] : []],
    [STEPS.read, read > 0, [...word(read), ...word(correlationId)]],
    [STEPS.delay, delayMs > 0, [...word(delayMs), ...word(delayMs >> 16)]],
    [STEPS.write, write.length > 0, [...write]],
  ]
  const wanted = parts.filter(([, isWanted]) => isWanted)
  const steps = wanted.reduce((sum, [step]) => sum + step, 0)
  return [steps, pin, encodePacked(Uint8Array.from(wanted.flatMap(([, , data]) => data)))]
}

/**
 * What a OneWire sysex asks, as a board reads it, or why it refuses it (BOARD-42). Whether the pin has been configured and what
 * waits already is the board's to know. Total.
 * @param bytes f0 73 ... f7, data bytes below 0x80
 */
export function decodeOneWireRequest(
  bytes: Uint8Array,
): OneWireRequest | { readonly kind: 'refused'; readonly refusal: Refusal } {
  const refused = (refusal: Refusal): { readonly kind: 'refused'; readonly refusal: Refusal } => ({
    kind: 'refused',
    refusal,
  })
  const [subcommand, pin, ...groups] = bytes.subarray(2, -1)
  if (subcommand === undefined || pin === undefined) return refused('bad-length')
  if (subcommand === ONE_WIRE.search) return groups.length === 0 ? { kind: 'search', pin } : refused('bad-length')
  if (subcommand === ONE_WIRE.config) {
    if (groups.length !== 1) return refused('bad-length')
    return (groups[0] ?? 0) <= 1 ? { kind: 'config', pin } : refused('out-of-range')
  }
  if (subcommand === 0 || subcommand > ALL_STEPS) return refused('unknown')
  const steps = stepsOf(subcommand, unpack(groups))
  return typeof steps === 'string' ? refused(steps) : { kind: 'steps', pin, ...steps }
}

function stepsOf(sum: number, data: Uint8Array): OneWireSteps | Refusal {
  const has = (step: number): boolean => (sum & step) !== 0
  const readAt = has(STEPS.select) ? ROM_BYTES : 0
  const delayAt = readAt + (has(STEPS.read) ? 4 : 0)
  const writeAt = delayAt + (has(STEPS.delay) ? 4 : 0)
  if (data.length < writeAt || data.length - writeAt > MAX_ONE_WIRE_WRITE) return 'bad-length'
  const write = has(STEPS.write) ? data.slice(writeAt) : new Uint8Array(0) // what follows without write is ignored
  const uint = (at: number, bytes: number): number =>
    data.subarray(at, at + bytes).reduceRight((value, byte) => 256 * value + byte, 0)
  const read = has(STEPS.read) ? uint(readAt, 2) : 0
  const delayMs = has(STEPS.delay) ? uint(delayAt, 4) : 0
  if (read > MAX_ONE_WIRE_READ || delayMs > MAX_ONE_WIRE_DELAY_MS) return 'out-of-range'
  if (has(STEPS.skip) && has(STEPS.select)) return 'out-of-range'
  const named = has(STEPS.select) ? data.slice(0, ROM_BYTES) : has(STEPS.skip) ? ('all' as const) : null
  // Hosts set every step and leave zeros for what they do not want: nobody is selected for nothing.
  const select = read > 0 || write.length > 0 ? named : null
  return {
    reset: has(STEPS.reset),
    select,
    write,
    read,
    correlationId: has(STEPS.read) ? uint(readAt + 2, 2) : 0,
    delayMs,
  }
}

/** The bytes of a reply, from f0 to f7. */
export function encodeOneWireReply(reply: OneWireReply): Uint8Array {
  const data =
    reply.kind === 'found' ? reply.addresses.flatMap((rom) => [...rom]) : [...word(reply.correlationId), ...reply.data]
  return sysex(ONE_WIRE[reply.kind], reply.pin, encodePacked(Uint8Array.from(data)))
}

/**
 * What a board found or read on a pin.
 * @param bytes f0 73 ... f7
 * @throws FieldproofError `board-message-invalid`
 */
export function decodeOneWireReply(bytes: Uint8Array): OneWireReply {
  const [start, id, subcommand, pin] = bytes
  const isSysex = start === SYSEX_START && id === FIRMATA.oneWire && bytes.at(-1) === SYSEX_END
  if (!isSysex || pin === undefined || bytes.length < 5) throw invalidMessage('not a OneWire sysex')
  const data = decodePacked(bytes.subarray(4, -1))
  if (subcommand === ONE_WIRE.found) return { kind: 'found', pin, addresses: addressesOf(data) }
  const [low, high] = data
  if (subcommand !== ONE_WIRE.read || low === undefined || high === undefined) {
    throw invalidMessage('a OneWire sysex that is neither addresses nor bytes with their correlation id')
  }
  return { kind: 'read', pin, correlationId: low + 256 * high, data: data.slice(2) }
}

function addressesOf(data: Uint8Array): Uint8Array[] {
  if (data.length % ROM_BYTES !== 0) throw invalidMessage('part of a 1-Wire address')
  return Array.from({ length: data.length / ROM_BYTES }, (_, i) => data.slice(ROM_BYTES * i, ROM_BYTES * (i + 1)))
}
