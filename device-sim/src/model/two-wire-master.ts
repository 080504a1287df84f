/** I2C of the model: requests on the devices at the bus, with the time that the bits take (08-board, I2C). */
import { encodeBytes, encodeNumber, FIRMATA, MAX_I2C_BYTES, type Refusal } from '@fieldproof/boards/protocol'
import type { TwoWireDevice } from '../avr/two-wire.ts'
import { CYCLES_PER_MS, CYCLES_PER_US, type Steps } from './board-time.ts'

/** Nine bits at 100 kHz. */
const BYTE_CYCLES = 90 * CYCLES_PER_US
/** How often a held clock is looked at. */
const POLL_CYCLES = 10 * CYCLES_PER_US
const TIMEOUT_CYCLES = 25 * CYCLES_PER_MS
/** Reads, writes, and 10-bit addresses. */
const MODE_MASK = 0x38
const READ_ONCE = 0x08

/** What a request comes to: data bytes of the reply's sysex, an error about an address, or nothing to say. */
export type TwoWireAnswer =
  | { readonly kind: 'reply'; readonly data: readonly number[] }
  | { readonly kind: 'error'; readonly address: number; readonly refusal: Refusal }
  | undefined

/** Does what stands behind `f0 76`. */
export function* askTwoWire(
  devices: Iterable<TwoWireDevice>,
  isEnabled: boolean,
  data: readonly number[],
): Steps<TwoWireAnswer> {
  const [address = 0, mode = 0] = data
  const refused = (refusal: Refusal): TwoWireAnswer => ({ kind: 'error', address, refusal })
  if (data.length < 2 || data.length % 2 !== 0) return refused('bad-length')
  const values = Array.from(
    { length: data.length / 2 - 1 },
    (_, i) => (data[2 * i + 2] ?? 0) | ((data[2 * i + 3] ?? 0) << 7),
  )
  if (!isEnabled) return refused('unknown')
  const isRead = (mode & MODE_MASK) === READ_ONCE
  if (!isRead && (mode & MODE_MASK) !== 0) return refused('unknown')
  if (!isRead) {
    if (values.length > MAX_I2C_BYTES) return refused('out-of-range')
    const failure = yield* write(devices, address, values)
    return failure === undefined ? undefined : refused(failure)
  }
  const count = values.at(-1) ?? 0
  if (values.length !== 1 && values.length !== 2) return refused('bad-length')
  if (count < 1 || count > MAX_I2C_BYTES) return refused('out-of-range')
  const register = values.length === 2 ? (values[0] ?? 0) : undefined
  const failure = register === undefined ? undefined : yield* write(devices, address, [register])
  if (failure !== undefined) return refused(failure)
  const bytes = yield* read(devices, address, count)
  if (typeof bytes === 'string') return refused(bytes)
  const head = [...encodeNumber(address, 2), ...encodeNumber(register ?? 0, 2)]
  return { kind: 'reply', data: [FIRMATA.i2cReply, ...head, ...encodeBytes(Uint8Array.from(bytes))] }
}

function* write(
  devices: Iterable<TwoWireDevice>,
  address: number,
  bytes: readonly number[],
): Steps<Refusal | undefined> {
  const device = yield* start(devices, address, true)
  if (typeof device === 'string') return device
  for (const byte of bytes) {
    const isTaken = isHere(devices, device) && device.write(byte & 0xff)
    if (!(yield* clock(devices))) return 'bus-held'
    if (!isTaken) return 'no-device'
  }
  return undefined
}

function* read(devices: Iterable<TwoWireDevice>, address: number, count: number): Steps<Refusal | number[]> {
  const device = yield* start(devices, address, false)
  if (typeof device === 'string') return device
  const bytes: number[] = []
  for (let i = 0; i < count; i++) {
    bytes.push(isHere(devices, device) ? device.read() : 0xff)
    if (!(yield* clock(devices))) return 'bus-held'
  }
  return bytes
}

function* start(devices: Iterable<TwoWireDevice>, address: number, isWrite: boolean): Steps<Refusal | TwoWireDevice> {
  if (!(yield* clock(devices))) return 'bus-held'
  const device = [...devices].find((one) => one.address === address)
  const answer = device?.start(isWrite) ?? 'nack'
  if (answer === 'hold' && device?.holds === undefined) {
    yield TIMEOUT_CYCLES
    return 'bus-held'
  }
  if (!(yield* clock(devices))) return 'bus-held'
  return device === undefined || answer === 'nack' ? 'no-device' : device
}

/** A byte's time, and as long as a device holds the clock. False when that is too long. */
function* clock(devices: Iterable<TwoWireDevice>): Steps<boolean> {
  yield BYTE_CYCLES
  for (let waited = 0; [...devices].some((device) => device.holds?.() === true); waited += POLL_CYCLES) {
    if (waited >= TIMEOUT_CYCLES) return false
    yield POLL_CYCLES
  }
  return true
}

function isHere(devices: Iterable<TwoWireDevice>, device: TwoWireDevice): boolean {
  return [...devices].includes(device)
}
