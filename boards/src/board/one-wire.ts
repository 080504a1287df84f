/** 1-Wire over Firmata's OneWire messages (schemas/spec/08-board.md, 1-Wire). Its devices check their own bytes; drivers look at that. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { crc8Maxim } from '../drivers/crc8.ts'
import { decodePacked, encodePacked, encodePinMode } from '../protocol/index.ts'
import { isSilence, sensorSilent } from './failures.ts'
import type { FeatureWire } from './feature.ts'
import type { Incoming } from './wire.ts'

const ONE_WIRE = 0x73
const SEARCH = 0x40
const CONFIG = 0x41
const FOUND = 0x42
const READ = 0x43
const STEPS = { reset: 0x01, skip: 0x02, select: 0x04, read: 0x08, write: 0x20 } as const
const ROM_BYTES = 8
/** A search takes about 14 ms a device, a transfer about 1 ms a byte. */
const BUS_MS = 500

/** What is written to whom, and how many bytes are read then. */
export interface OneWireTransfer {
  /** 8 bytes, or null when the device is alone on its pin. */
  readonly rom: Uint8Array | null
  readonly bytes: Uint8Array
  readonly length: number
}

/** ROM codes of all devices on a pin. @throws FieldproofError `sensor-silent` when there is none, `sensor-invalid` for a wrong check digit */
export async function oneWireSearch({ wire, waitMs }: FeatureWire, pin: number): Promise<readonly Uint8Array[]> {
  const packed = await wire.ask({
    bytes: Uint8Array.from([...config(pin), 0xf0, ONE_WIRE, SEARCH, pin, 0xf7]),
    answer: (message) => payloadOf(message, FOUND, pin),
    waitMs: waitMs + BUS_MS,
    silent: () => sensorSilent(`no answer to a 1-Wire search on pin ${pin}`, { pin }),
  })
  const bytes = decodePacked(packed)
  const roms = Array.from({ length: Math.floor(bytes.length / ROM_BYTES) }, (_, i) => bytes.subarray(8 * i, 8 * i + 8))
  if (roms.length === 0 || bytes.length % ROM_BYTES !== 0 || roms.some((rom) => crc8Maxim(rom) !== 0)) {
    throw new FieldproofError('sensor-invalid', `an address on the 1-Wire pin ${pin} has a wrong check digit`, {
      facts: { pin },
    })
  }
  return roms
}

/** Reset, select, write, read. @throws FieldproofError `sensor-silent` when nobody answers the reset */
export async function oneWireTransfer(
  { wire, waitMs }: FeatureWire,
  pin: number,
  transfer: OneWireTransfer,
): Promise<Uint8Array> {
  const { rom, bytes, length } = transfer
  // At least one byte is read: only an answer says that the request was done, because the board does it when it comes to it.
  const count = Math.max(1, length)
  const data = Uint8Array.from([...(rom ?? []), count, 0, pin, 0, ...bytes])
  const steps =
    STEPS.reset | (rom === null ? STEPS.skip : STEPS.select) | STEPS.read | (bytes.length > 0 ? STEPS.write : 0)
  const packed = await wire.ask({
    bytes: Uint8Array.from([...config(pin), 0xf0, ONE_WIRE, steps, pin, ...encodePacked(data), 0xf7]),
    answer: (message) => payloadOf(message, READ, pin),
    waitMs: waitMs + BUS_MS,
    silent: () => sensorSilent(`no answer on the 1-Wire pin ${pin}`, { pin }),
  })
  const [low, high, ...read] = decodePacked(packed)
  if (low === pin && high === 0 && read.length === count) return Uint8Array.from(read.slice(0, length))
  throw new FieldproofError('sensor-invalid', `the 1-Wire pin ${pin} gave ${read.length} bytes instead of ${count}`, {
    facts: { pin },
  })
}

/** Before every request: cheap, and a board that was reset in between has forgotten it. */
function config(pin: number): number[] {
  return [...encodePinMode(pin, 'one-wire'), 0xf0, ONE_WIRE, CONFIG, pin, 0, 0xf7]
}

function payloadOf(message: Incoming, subcommand: number, pin: number): Uint8Array | undefined {
  assertNoFault(message, pin)
  if (message.kind !== 'raw') return undefined
  const { bytes } = message
  const isAnswer = bytes[1] === ONE_WIRE && bytes[2] === subcommand && bytes[3] === pin
  return isAnswer ? bytes.subarray(4, -1) : undefined
}

function assertNoFault(message: Incoming, pin: number): void {
  if (message.kind !== 'error' || message.sysex !== ONE_WIRE) return
  const { refusal } = message
  if (isSilence(refusal)) throw sensorSilent(`${refusal} on the 1-Wire pin ${pin}`, { pin })
  throw new FieldproofError('board-refused', `the board refused a 1-Wire request: ${refusal}`, {
    facts: { reason: refusal, pin },
  })
}
